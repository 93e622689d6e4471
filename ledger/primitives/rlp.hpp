// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "pel/ledger/types.hpp"

// Recursive-length prefix, Ethereum's serialisation (Yellow Paper, appendix B).
namespace pel::ledger::rlp {

// Appends items to a byte vector. A list is opened, filled and closed; its header is put in front
// when its length is known (one move of its payload).
class Encoder {
 public:
  void bytes(BytesView data);
  void number(std::uint64_t value);  // big-endian without leading zeros
  void number(const U256& value);
  void item(const Address& address) { bytes(address.bytes); }
  void item(const Hash256& hash) { bytes(hash.bytes); }
  void raw(BytesView encoded);  // an item that is encoded already
  std::size_t open_list();      // -> mark for close_list
  void close_list(std::size_t mark);

  const Bytes& result() const noexcept { return out_; }
  Bytes take() noexcept { return std::move(out_); }

 private:
  void header(std::size_t length, std::uint8_t short_base);
  Bytes out_;
};

// Reads items strictly: shortest forms only (single bytes below 0x80 stand for themselves, long
// lengths without leading zeros and above 55), lengths within the input, numbers without leading
// zeros. Every error throws pel::Error with `place` and the reason.
class Decoder {
 public:
  // `place` names the input in errors and must outlive the decoder.
  explicit Decoder(BytesView data, std::string_view place = "RLP") noexcept
      : data_(data), place_(place) {}

  bool done() const noexcept { return data_.empty(); }
  bool next_is_list() const;
  BytesView bytes();
  std::uint64_t number();
  U256 number256();
  Address address();    // exactly 20 bytes
  Hash256 hash();       // exactly 32 bytes
  Decoder list();       // a decoder of the items inside
  BytesView raw();      // the next item with its header, checked at this level only
  void finish() const;  // throws if bytes are left

  [[noreturn]] void fail(std::string_view reason) const;

 private:
  struct Item {
    bool is_list;
    std::size_t header;
    std::size_t length;
  };
  Item peek() const;
  BytesView payload(bool want_list);

  BytesView data_;
  std::string_view place_;
};

// Checks that `data` is exactly one well-formed item all the way down. Depth is bounded by 1024.
void check(BytesView data, std::string_view place = "RLP");

}  // namespace pel::ledger::rlp
