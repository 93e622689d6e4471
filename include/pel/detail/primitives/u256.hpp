// SPDX-License-Identifier: Apache-2.0
#pragma once

// 256-bit unsigned integers as four 64-bit words, lowest first, modulo 2^256. Everything is
// constexpr and forced inline: the interpreter compiles these lines for several CPU levels, and an
// out-of-line copy of one level must never be linked into another.

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#define PEL_INLINE [[gnu::always_inline]] inline

namespace pel::ledger {

__extension__ typedef unsigned __int128 Uint128;

struct U256 {
  std::uint64_t w[4];

  constexpr U256() noexcept : w{0, 0, 0, 0} {}
  constexpr U256(std::uint64_t low) noexcept : w{low, 0, 0, 0} {}  // NOLINT: a number is a number
  constexpr U256(std::uint64_t w0, std::uint64_t w1, std::uint64_t w2, std::uint64_t w3) noexcept
      : w{w0, w1, w2, w3} {}

  static constexpr U256 max() noexcept { return {~0ULL, ~0ULL, ~0ULL, ~0ULL}; }

  PEL_INLINE constexpr bool is_zero() const noexcept { return (w[0] | w[1] | w[2] | w[3]) == 0; }
  PEL_INLINE constexpr bool fits_u64() const noexcept { return (w[1] | w[2] | w[3]) == 0; }
  PEL_INLINE constexpr bool negative() const noexcept { return (w[3] >> 63) != 0; }
  PEL_INLINE constexpr bool bit(unsigned i) const noexcept {
    return ((w[i / 64] >> (i % 64)) & 1) != 0;
  }
  explicit constexpr operator bool() const noexcept { return !is_zero(); }
};

// The sum a + b + carry and its carry, the difference a - b - borrow and its borrow. Chains of them
// become adc and sbb only by these builtins: from 128-bit sums g++ 12 makes three times as many
// instructions.
using Carry = unsigned char;
PEL_INLINE constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b,
                                             Carry& carry) noexcept {
#if defined(__x86_64__)
  if (!std::is_constant_evaluated()) {
    unsigned long long sum = 0;
#if defined(__clang__)
    unsigned long long out = 0;
    sum = __builtin_addcll(a, b, carry, &out);
    carry = static_cast<Carry>(out);
#else
    carry = __builtin_ia32_addcarryx_u64(carry, a, b, &sum);
#endif
    return sum;
  }
#endif
  const Uint128 sum = static_cast<Uint128>(a) + b + carry;
  carry = static_cast<Carry>(sum >> 64);
  return static_cast<std::uint64_t>(sum);
}
PEL_INLINE constexpr std::uint64_t sub_borrow(std::uint64_t a, std::uint64_t b,
                                              Carry& borrow) noexcept {
#if defined(__x86_64__)
  if (!std::is_constant_evaluated()) {
    unsigned long long difference = 0;
#if defined(__clang__)
    unsigned long long out = 0;
    difference = __builtin_subcll(a, b, borrow, &out);
    borrow = static_cast<Carry>(out);
#else
    borrow = __builtin_ia32_sbb_u64(borrow, a, b, &difference);
#endif
    return difference;
  }
#endif
  const Uint128 difference = static_cast<Uint128>(a) - b - borrow;
  borrow = static_cast<Carry>((difference >> 64) & 1);
  return static_cast<std::uint64_t>(difference);
}

PEL_INLINE constexpr bool operator==(const U256& a, const U256& b) noexcept {
  return ((a.w[0] ^ b.w[0]) | (a.w[1] ^ b.w[1]) | (a.w[2] ^ b.w[2]) | (a.w[3] ^ b.w[3])) == 0;
}
#if defined(__x86_64__) && !defined(__clang__)
// Whole chains for g++: in large functions it keeps a dead store per builtin.
namespace detail {
PEL_INLINE U256 add_by_chain(U256 a, const U256& b) noexcept {
  __asm__("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
          : "+&r"(a.w[0]), "+&r"(a.w[1]), "+&r"(a.w[2]), "+&r"(a.w[3])
          : "rme"(b.w[0]), "rme"(b.w[1]), "rme"(b.w[2]), "rme"(b.w[3])
          : "cc");
  return a;
}
PEL_INLINE U256 subtract_by_chain(U256 a, const U256& b) noexcept {
  __asm__("subq %4, %0\n\tsbbq %5, %1\n\tsbbq %6, %2\n\tsbbq %7, %3"
          : "+&r"(a.w[0]), "+&r"(a.w[1]), "+&r"(a.w[2]), "+&r"(a.w[3])
          : "rme"(b.w[0]), "rme"(b.w[1]), "rme"(b.w[2]), "rme"(b.w[3])
          : "cc");
  return a;
}
PEL_INLINE bool less_by_chain(U256 a, const U256& b) noexcept {
  bool less;
  __asm__("cmpq %5, %4\n\tsbbq %6, %0\n\tsbbq %7, %1\n\tsbbq %8, %2"
          : "+&r"(a.w[1]), "+&r"(a.w[2]), "+&r"(a.w[3]), "=@ccc"(less)
          : "r"(a.w[0]), "rme"(b.w[0]), "rme"(b.w[1]), "rme"(b.w[2]), "rme"(b.w[3]));
  return less;
}
}  // namespace detail
#define PEL_CHAIN(call) \
  if (!std::is_constant_evaluated()) return detail::call
#else
#define PEL_CHAIN(call) static_cast<void>(0)
#endif

PEL_INLINE constexpr bool operator<(const U256& a, const U256& b) noexcept {
  PEL_CHAIN(less_by_chain(a, b));
  Carry borrow = 0;
  for (int i = 0; i < 4; ++i) sub_borrow(a.w[i], b.w[i], borrow);
  return borrow != 0;
}
PEL_INLINE constexpr bool operator>(const U256& a, const U256& b) noexcept { return b < a; }
PEL_INLINE constexpr bool operator<=(const U256& a, const U256& b) noexcept { return !(b < a); }
PEL_INLINE constexpr bool operator>=(const U256& a, const U256& b) noexcept { return !(a < b); }
PEL_INLINE constexpr std::strong_ordering operator<=>(const U256& a, const U256& b) noexcept {
  return a == b  ? std::strong_ordering::equal
         : a < b ? std::strong_ordering::less
                 : std::strong_ordering::greater;
}

PEL_INLINE constexpr U256 operator+(const U256& a, const U256& b) noexcept {
  PEL_CHAIN(add_by_chain(a, b));
  U256 r;
  Carry carry = 0;
  for (int i = 0; i < 4; ++i) r.w[i] = add_carry(a.w[i], b.w[i], carry);
  return r;
}
PEL_INLINE constexpr U256 operator-(const U256& a, const U256& b) noexcept {
  PEL_CHAIN(subtract_by_chain(a, b));
  U256 r;
  Carry borrow = 0;
  for (int i = 0; i < 4; ++i) r.w[i] = sub_borrow(a.w[i], b.w[i], borrow);
  return r;
}
#undef PEL_CHAIN
PEL_INLINE constexpr U256 operator-(const U256& a) noexcept { return U256{} - a; }
PEL_INLINE constexpr U256 operator&(const U256& a, const U256& b) noexcept {
  return {a.w[0] & b.w[0], a.w[1] & b.w[1], a.w[2] & b.w[2], a.w[3] & b.w[3]};
}
PEL_INLINE constexpr U256 operator|(const U256& a, const U256& b) noexcept {
  return {a.w[0] | b.w[0], a.w[1] | b.w[1], a.w[2] | b.w[2], a.w[3] | b.w[3]};
}
PEL_INLINE constexpr U256 operator^(const U256& a, const U256& b) noexcept {
  return {a.w[0] ^ b.w[0], a.w[1] ^ b.w[1], a.w[2] ^ b.w[2], a.w[3] ^ b.w[3]};
}
PEL_INLINE constexpr U256 operator~(const U256& a) noexcept {
  return {~a.w[0], ~a.w[1], ~a.w[2], ~a.w[3]};
}

// Ten products of words; what weighs 2^256 and above is dropped.
PEL_INLINE constexpr U256 operator*(const U256& a, const U256& b) noexcept {
  const auto product = [](std::uint64_t x, std::uint64_t y) { return static_cast<Uint128>(x) * y; };
  const Uint128 p00 = product(a.w[0], b.w[0]);
  const Uint128 p01 = product(a.w[0], b.w[1]) + static_cast<std::uint64_t>(p00 >> 64);
  const Uint128 p10 = product(a.w[1], b.w[0]) + static_cast<std::uint64_t>(p01);
  Uint128 high = product(a.w[0], b.w[2]) + static_cast<std::uint64_t>(p01 >> 64);
  high += static_cast<std::uint64_t>(p10 >> 64);
  high += product(a.w[1], b.w[1]);
  high += product(a.w[2], b.w[0]);
  const std::uint64_t top = a.w[0] * b.w[3] + a.w[1] * b.w[2] + a.w[2] * b.w[1] + a.w[3] * b.w[0];
  return {static_cast<std::uint64_t>(p00), static_cast<std::uint64_t>(p10),
          static_cast<std::uint64_t>(high), static_cast<std::uint64_t>(high >> 64) + top};
}

// n < 256. Bits first, then whole words: the branches on the word count are predictable, for a
// place in a program shifts by the same amount over and over.
PEL_INLINE constexpr U256 shift_left(const U256& a, unsigned n) noexcept {
  const unsigned s = n % 64;
  const auto carried = [s](std::uint64_t low) { return (low >> 1) >> (63 - s); };
  const std::uint64_t t0 = a.w[0] << s;
  if (n >= 192) return {0, 0, 0, t0};
  const std::uint64_t t1 = (a.w[1] << s) | carried(a.w[0]);
  if (n >= 128) return {0, 0, t0, t1};
  const std::uint64_t t2 = (a.w[2] << s) | carried(a.w[1]);
  if (n >= 64) return {0, t0, t1, t2};
  return {t0, t1, t2, (a.w[3] << s) | carried(a.w[2])};
}
PEL_INLINE constexpr U256 shift_right(const U256& a, unsigned n) noexcept {
  const unsigned s = n % 64;
  const auto carried = [s](std::uint64_t high) { return (high << 1) << (63 - s); };
  const std::uint64_t t3 = a.w[3] >> s;
  if (n >= 192) return {t3, 0, 0, 0};
  const std::uint64_t t2 = (a.w[2] >> s) | carried(a.w[3]);
  if (n >= 128) return {t2, t3, 0, 0};
  const std::uint64_t t1 = (a.w[1] >> s) | carried(a.w[2]);
  if (n >= 64) return {t1, t2, t3, 0};
  return {(a.w[0] >> s) | carried(a.w[1]), t1, t2, t3};
}
// Shift counts of 256 and more give zero.
PEL_INLINE constexpr U256 operator<<(const U256& a, std::uint64_t n) noexcept {
  return n < 256 ? shift_left(a, static_cast<unsigned>(n)) : U256{};
}
PEL_INLINE constexpr U256 operator>>(const U256& a, std::uint64_t n) noexcept {
  return n < 256 ? shift_right(a, static_cast<unsigned>(n)) : U256{};
}

PEL_INLINE constexpr U256& operator+=(U256& a, const U256& b) noexcept { return a = a + b; }
PEL_INLINE constexpr U256& operator-=(U256& a, const U256& b) noexcept { return a = a - b; }
PEL_INLINE constexpr U256& operator*=(U256& a, const U256& b) noexcept { return a = a * b; }

// Leading zero bits: 256 for zero. Significant bytes: 0 for zero.
PEL_INLINE constexpr unsigned count_leading_zeros(const U256& a) noexcept {
  for (unsigned i = 0; i < 4; ++i) {
    if (a.w[3 - i] != 0) return i * 64 + static_cast<unsigned>(std::countl_zero(a.w[3 - i]));
  }
  return 256;
}
PEL_INLINE constexpr unsigned significant_bytes(const U256& a) noexcept {
  return (256 - count_leading_zeros(a) + 7) / 8;
}

// a + b, and whether it did not fit.
PEL_INLINE constexpr U256 add_overflow(const U256& a, const U256& b, bool& overflow) noexcept {
  const U256 sum = a + b;
  overflow = sum < a;
  return sum;
}

PEL_INLINE constexpr bool signed_less(const U256& a, const U256& b) noexcept {
  return (a < b) != (a.negative() != b.negative());
}

PEL_INLINE std::uint64_t load_be64(const std::uint8_t* bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return __builtin_bswap64(word);
}
PEL_INLINE void store_be64(std::uint64_t word, std::uint8_t* bytes) noexcept {
  word = __builtin_bswap64(word);
  std::memcpy(bytes, &word, sizeof word);
}
// 32 big-endian bytes.
PEL_INLINE U256 load_be(const std::uint8_t* bytes) noexcept {
  return {load_be64(bytes + 24), load_be64(bytes + 16), load_be64(bytes + 8), load_be64(bytes)};
}
PEL_INLINE void store_be(const U256& a, std::uint8_t* bytes) noexcept {
  for (int i = 0; i < 4; ++i) store_be64(a.w[3 - i], bytes + 8 * i);
}

}  // namespace pel::ledger

#include "pel/detail/primitives/u256_div.hpp"
