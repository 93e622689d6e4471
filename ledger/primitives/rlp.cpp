// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/rlp.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "pel/error.hpp"

namespace pel::ledger::rlp {

namespace {

constexpr std::uint8_t kShortString = 0x80;
constexpr std::uint8_t kShortList = 0xc0;
constexpr std::size_t kLongLength = 56;  // lengths from here on have a length of their own

unsigned bytes_of(std::uint64_t value) noexcept {
  return (64 - static_cast<unsigned>(std::countl_zero(value)) + 7) / 8;
}

void check_items(Decoder decoder, int depth) {
  if (depth > 1024) decoder.fail("lists nested deeper than 1024");
  while (!decoder.done()) {
    if (decoder.next_is_list()) {
      check_items(decoder.list(), depth + 1);
    } else {
      decoder.bytes();
    }
  }
}

}  // namespace

void Encoder::header(std::size_t length, std::uint8_t short_base) {
  if (length < kLongLength) {
    out_.push_back(static_cast<std::uint8_t>(short_base + length));
    return;
  }
  const unsigned count = bytes_of(length);
  out_.push_back(static_cast<std::uint8_t>(short_base + kLongLength - 1 + count));
  for (unsigned i = count; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
}

void Encoder::bytes(BytesView data) {
  if (data.size() != 1 || data[0] >= kShortString) header(data.size(), kShortString);
  out_.insert(out_.end(), data.begin(), data.end());
}

void Encoder::number(std::uint64_t value) { number(U256{value}); }

void Encoder::number(const U256& value) {
  std::uint8_t buffer[32];
  store_be(value, buffer);
  const std::size_t size = significant_bytes(value);
  bytes(BytesView(buffer + 32 - size, size));
}

void Encoder::raw(BytesView encoded) { out_.insert(out_.end(), encoded.begin(), encoded.end()); }

std::size_t Encoder::open_list() { return out_.size(); }

void Encoder::close_list(std::size_t mark) {
  const std::size_t length = out_.size() - mark;
  std::uint8_t head[9];
  std::size_t size = 1;
  if (length < kLongLength) {
    head[0] = static_cast<std::uint8_t>(kShortList + length);
  } else {
    const unsigned count = bytes_of(length);
    head[0] = static_cast<std::uint8_t>(kShortList + kLongLength - 1 + count);
    for (unsigned i = count; i-- > 0;) head[size++] = static_cast<std::uint8_t>(length >> (8 * i));
  }
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(mark), head, head + size);
}

void Decoder::fail(std::string_view reason) const {
  throw Error(std::string(place_), std::string(reason));
}

Decoder::Item Decoder::peek() const {
  if (data_.empty()) fail("RLP ends where an item should begin");
  const std::uint8_t first = data_[0];
  if (first < kShortString) return {false, 0, 1};
  const bool is_list = first >= kShortList;
  const std::size_t code = first - (is_list ? kShortList : kShortString);
  if (code < kLongLength) {
    if (code > data_.size() - 1) fail("RLP item is longer than its input");
    if (!is_list && code == 1 && data_.size() > 1 && data_[1] < kShortString) {
      fail("RLP single byte below 0x80 with a header");
    }
    return {is_list, 1, code};
  }
  const std::size_t count = code - kLongLength + 1;
  if (count > data_.size() - 1) fail("RLP length is longer than its input");
  if (data_[1] == 0) fail("RLP length with leading zeros");
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = (length << 8) | data_[1 + i];
  if (length < kLongLength) fail("RLP long form for a short item");
  if (length > data_.size() - 1 - count) fail("RLP item is longer than its input");
  return {is_list, 1 + count, static_cast<std::size_t>(length)};
}

bool Decoder::next_is_list() const { return peek().is_list; }

BytesView Decoder::payload(bool want_list) {
  const Item item = peek();
  if (item.is_list != want_list) {
    fail(want_list ? "RLP string where a list should be" : "RLP list where a string should be");
  }
  const BytesView result = data_.subspan(item.header, item.length);
  data_ = data_.subspan(item.header + item.length);
  return result;
}

BytesView Decoder::bytes() { return payload(false); }

Decoder Decoder::list() { return Decoder(payload(true), place_); }

BytesView Decoder::raw() {
  const Item item = peek();
  const BytesView result = data_.first(item.header + item.length);
  data_ = data_.subspan(item.header + item.length);
  return result;
}

U256 Decoder::number256() {
  const BytesView data = bytes();
  if (data.size() > 32) fail("RLP number of more than 256 bits");
  if (!data.empty() && data[0] == 0) fail("RLP number with leading zeros");
  std::uint8_t buffer[32] = {};
  std::copy(data.begin(), data.end(), buffer + 32 - data.size());
  return load_be(buffer);
}

std::uint64_t Decoder::number() {
  const U256 value = number256();
  if (!value.fits_u64()) fail("RLP number of more than 64 bits");
  return value.w[0];
}

Address Decoder::address() {
  const BytesView data = bytes();
  if (data.size() != 20) fail("RLP address that is not 20 bytes long");
  Address result;
  std::copy(data.begin(), data.end(), result.bytes.begin());
  return result;
}

Hash256 Decoder::hash() {
  const BytesView data = bytes();
  if (data.size() != 32) fail("RLP hash that is not 32 bytes long");
  Hash256 result;
  std::copy(data.begin(), data.end(), result.bytes.begin());
  return result;
}

void Decoder::finish() const {
  if (!data_.empty()) fail("RLP with trailing bytes");
}

void check(BytesView data, std::string_view place) {
  Decoder decoder(data, place);
  const BytesView item = decoder.raw();
  decoder.finish();
  check_items(Decoder(item, place), 0);
}

}  // namespace pel::ledger::rlp
