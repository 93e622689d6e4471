// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ledger/primitives/rlp.hpp"
#include "pel/error.hpp"

// What tries need of RLP beside the streaming encoder: items of a short list, and appending to a
// buffer that holds half of a node already.
namespace pel::ledger::rlp {

struct Item {
  bool is_list = false;
  BytesView payload;  // empty for a list
  BytesView whole;    // with its header
};

// The items of a list that fills `data` exactly; throws pel::Error for more than `limit`.
inline std::vector<Item> decode_list(BytesView data, std::size_t limit) {
  Decoder outer(data, "trie node");
  Decoder list = outer.list();
  outer.finish();
  std::vector<Item> items;
  items.reserve(limit);
  while (!list.done()) {
    if (items.size() == limit) list.fail("too many items");
    Item item;
    item.is_list = list.next_is_list();
    item.whole = list.raw();
    if (!item.is_list) item.payload = Decoder(item.whole, "trie node").bytes();
    items.push_back(item);
  }
  return items;
}

inline void append_header(Bytes& out, std::size_t length, std::uint8_t base) {
  if (length < 56) {
    out.push_back(static_cast<std::uint8_t>(base + length));
    return;
  }
  unsigned width = 1;
  while (width < 8 && length >> (8 * width) != 0) ++width;
  out.push_back(static_cast<std::uint8_t>(base + 55 + width));
  for (unsigned i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
}

inline void append_string(Bytes& out, BytesView data) {
  if (data.size() != 1 || data[0] >= 0x80) append_header(out, data.size(), 0x80);
  out.insert(out.end(), data.begin(), data.end());
}

inline Bytes wrap_list(BytesView payload) {
  Bytes out;
  out.reserve(payload.size() + 4);
  append_header(out, payload.size(), 0xc0);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace pel::ledger::rlp
