// SPDX-License-Identifier: Apache-2.0
#pragma once

// The value types of the ledger: bytes, addresses, hashes and 256-bit integers. All are trivially
// copyable, constexpr, ordered by value and usable as keys of std::unordered_map.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pel/detail/primitives/u256.hpp"

namespace pel::ledger {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

namespace detail {

// 64 bits of a byte string, first byte lowest; the order is that of the machine on x86-64.
inline std::uint64_t load_word(const std::uint8_t* bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// One folded 64x64 multiplication: every input bit reaches every output bit.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const Uint128 product = static_cast<Uint128>(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xe7037ed1a0b428dbU);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace detail

// An account address: the last 20 bytes of a hash, or a small number for a precompile.
struct Address {
  std::array<std::uint8_t, 20> bytes{};

  friend constexpr auto operator<=>(const Address&, const Address&) = default;
  constexpr bool is_zero() const noexcept { return *this == Address{}; }
};

// 32 bytes as Keccak-256 gives them; also storage keys and roots where their bytes matter.
struct Hash256 {
  std::array<std::uint8_t, 32> bytes{};

  friend constexpr auto operator<=>(const Hash256&, const Hash256&) = default;
  constexpr bool is_zero() const noexcept { return *this == Hash256{}; }
};

// The low 20 bytes of a word, which is how the EVM reads an address off its stack, and back.
inline Address to_address(const U256& word) noexcept {
  std::array<std::uint8_t, 32> bytes;
  store_be(word, bytes.data());
  Address address;
  std::memcpy(address.bytes.data(), bytes.data() + 12, 20);
  return address;
}
inline U256 to_u256(const Address& address) noexcept {
  std::array<std::uint8_t, 32> bytes{};
  std::memcpy(bytes.data() + 12, address.bytes.data(), 20);
  return load_be(bytes.data());
}
inline Hash256 to_hash(const U256& word) noexcept {
  Hash256 hash;
  store_be(word, hash.bytes.data());
  return hash;
}
inline U256 to_u256(const Hash256& hash) noexcept { return load_be(hash.bytes.data()); }

// The address with the number in its last bytes (precompiles, tests).
constexpr Address small_address(std::uint64_t number) noexcept {
  Address address;
  for (std::size_t i = 0; i < 8; ++i) {
    address.bytes[19 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return address;
}

// "0x" and lower-case digits; the U256 form has no leading zeros ("0x0" for zero).
std::string to_string(const Address& address);
std::string to_string(const Hash256& hash);
std::string to_string(const U256& number);

// Hexadecimal text with or without "0x". Addresses and hashes need exactly 40 and 64 digits, a
// number 1 to 64 (an empty "0x" is refused). Throws pel::Error naming the text.
Address parse_address(std::string_view text);
Hash256 parse_hash(std::string_view text);
U256 parse_u256(std::string_view text);
Bytes parse_bytes(std::string_view text);
// Decimal if the text has no "0x" in front, else hexadecimal.
U256 parse_number(std::string_view text);

// The hash of no bytes: the code hash of an account without code.
inline constexpr Hash256 kEmptyCodeHash{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c,
                                         0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                         0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b,
                                         0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};
// The root of a trie without leaves: the hash of the RLP of an empty string.
inline constexpr Hash256 kEmptyTrieRoot{{0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6,
                                         0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
                                         0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0,
                                         0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21}};

}  // namespace pel::ledger

// Not keyed: no result depends on these values, and maps that face an adversary bound their sizes.
template <>
struct std::hash<pel::ledger::Address> {
  std::size_t operator()(const pel::ledger::Address& a) const noexcept {
    using namespace pel::ledger::detail;
    const std::uint8_t* p = a.bytes.data();
    return fold(load_word(p) ^ load_word(p + 12), load_word(p + 8));
  }
};
template <>
struct std::hash<pel::ledger::Hash256> {
  std::size_t operator()(const pel::ledger::Hash256& h) const noexcept {
    using namespace pel::ledger::detail;
    const std::uint8_t* p = h.bytes.data();
    return fold(fold(load_word(p), load_word(p + 8)) ^ load_word(p + 16), load_word(p + 24));
  }
};
template <>
struct std::hash<pel::ledger::U256> {
  std::size_t operator()(const pel::ledger::U256& n) const noexcept {
    using namespace pel::ledger::detail;
    return fold(fold(n.w[0], n.w[1]) ^ n.w[2], n.w[3]);
  }
};
