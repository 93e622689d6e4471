// SPDX-License-Identifier: Apache-2.0
#include "pel/ledger/types.hpp"

#include "base/hex.hpp"
#include "pel/error.hpp"

namespace pel::ledger {

namespace {

std::string shorten(std::string_view text) {
  return text.size() <= 80 ? std::string(text) : std::string(text.substr(0, 77)) + "...";
}

std::string_view digits_of(std::string_view text) noexcept {
  const bool prefix = text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  return prefix ? text.substr(2) : text;
}

template <std::size_t N>
std::array<std::uint8_t, N> parse_exact(std::string_view text, const char* what) {
  const std::string_view digits = digits_of(text);
  std::array<std::uint8_t, N> out{};
  const auto bytes = digits.size() == 2 * N ? base::from_hex(digits) : std::nullopt;
  if (!bytes || bytes->size() != N) {
    throw Error("'" + shorten(text) + "'",
                std::string("not ") + what + " of " + std::to_string(2 * N) + " hex digits");
  }
  std::memcpy(out.data(), bytes->data(), N);
  return out;
}

U256 parse_decimal(std::string_view text) {
  U256 value;
  for (const char c : text) {
    if (c < '0' || c > '9') throw Error("'" + shorten(text) + "'", "not a decimal number");
    const U256 digit{static_cast<std::uint64_t>(c - '0')};
    if (value > (U256::max() - digit) / U256{10}) {
      throw Error("'" + shorten(text) + "'", "a number of more than 256 bits");
    }
    value = value * U256{10} + digit;
  }
  return value;
}

}  // namespace

std::string to_string(const Address& address) { return "0x" + base::to_hex(address.bytes); }
std::string to_string(const Hash256& hash) { return "0x" + base::to_hex(hash.bytes); }

std::string to_string(const U256& number) {
  const std::string digits = base::to_hex(to_hash(number).bytes);
  const std::size_t first = digits.find_first_not_of('0');
  return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
}

Address parse_address(std::string_view text) { return {parse_exact<20>(text, "an address")}; }
Hash256 parse_hash(std::string_view text) { return {parse_exact<32>(text, "a hash")}; }

U256 parse_u256(std::string_view text) {
  const std::string_view digits = digits_of(text);
  U256 value;
  if (digits.empty() || digits.size() > 64) {
    throw Error("'" + shorten(text) + "'", "not a number of 1 to 64 hex digits");
  }
  for (const char c : digits) {
    const int digit = base::hex_digit(c);
    if (digit < 0) throw Error("'" + shorten(text) + "'", "not a hexadecimal number");
    value = shift_left(value, 4) | U256{static_cast<std::uint64_t>(digit)};
  }
  return value;
}

Bytes parse_bytes(std::string_view text) {
  auto bytes = base::from_hex(text);
  if (!bytes) throw Error("'" + shorten(text) + "'", "not an even number of hex digits");
  return std::move(*bytes);
}

U256 parse_number(std::string_view text) {
  if (text.empty()) throw Error("''", "not a number");
  return digits_of(text).size() == text.size() ? parse_decimal(text) : parse_u256(text);
}

}  // namespace pel::ledger
