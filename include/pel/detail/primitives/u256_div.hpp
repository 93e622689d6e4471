// SPDX-License-Identifier: Apache-2.0
#pragma once

// Division by multiplication with a reciprocal: N. Moeller and T. Granlund, "Improved division by
// invariant integers", IEEE Trans. Computers 60 (2011), algorithms 4 and 5, inside Knuth's
// algorithm D. A quotient word costs two multiplications instead of a 128-by-64 division.

#include <type_traits>

#include "pel/detail/primitives/u256.hpp"

namespace pel::ledger {

namespace detail {

// floor((2^128 - 1) / d) - 2^64 for a d with its top bit set.
PEL_INLINE constexpr std::uint64_t reciprocal(std::uint64_t d) noexcept {
#if defined(__x86_64__)
  if (!std::is_constant_evaluated()) {
    std::uint64_t quotient = 0;
    std::uint64_t remainder = 0;
    __asm__("divq %[d]"
            : "=a"(quotient), "=d"(remainder)
            : [d] "r"(d), "a"(~std::uint64_t{0}), "d"(~d)
            : "cc");
    return quotient;
  }
#endif
  return static_cast<std::uint64_t>(((static_cast<Uint128>(~d) << 64) | ~std::uint64_t{0}) / d);
}

// The reciprocal of the two-word divisor d1:d0 (algorithm 6).
PEL_INLINE constexpr std::uint64_t reciprocal(std::uint64_t d1, std::uint64_t d0) noexcept {
  std::uint64_t v = reciprocal(d1);
  std::uint64_t p = d1 * v + d0;
  if (p < d0) {
    --v;
    if (p >= d1) {
      --v;
      p -= d1;
    }
    p -= d1;
  }
  const Uint128 t = static_cast<Uint128>(v) * d0;
  p += static_cast<std::uint64_t>(t >> 64);
  if (p < static_cast<std::uint64_t>(t >> 64)) {
    --v;
    if (p > d1 || (p == d1 && static_cast<std::uint64_t>(t) >= d0)) --v;
  }
  return v;
}

// Quotient of u1:u0 by d (u1 < d, d normalised, v its reciprocal); u1 becomes the remainder.
PEL_INLINE constexpr std::uint64_t divide_2by1(std::uint64_t& u1, std::uint64_t u0, std::uint64_t d,
                                               std::uint64_t v) noexcept {
  Uint128 q = static_cast<Uint128>(v) * u1;
  q += (static_cast<Uint128>(u1) << 64) | u0;
  std::uint64_t q1 = static_cast<std::uint64_t>(q >> 64) + 1;
  std::uint64_t r = u0 - q1 * d;
  if (r > static_cast<std::uint64_t>(q)) {
    --q1;
    r += d;
  }
  if (r >= d) [[unlikely]] {
    ++q1;
    r -= d;
  }
  u1 = r;
  return q1;
}

// Quotient of u2:u1:u0 by d1:d0 (u2:u1 < d1:d0); u2:u1 become the remainder.
PEL_INLINE constexpr std::uint64_t divide_3by2(Uint128& u21, std::uint64_t u0, Uint128 d,
                                               std::uint64_t v) noexcept {
  const std::uint64_t u2 = static_cast<std::uint64_t>(u21 >> 64);
  const std::uint64_t d1 = static_cast<std::uint64_t>(d >> 64);
  const std::uint64_t d0 = static_cast<std::uint64_t>(d);
  Uint128 q = static_cast<Uint128>(v) * u2 + u21;
  std::uint64_t q1 = static_cast<std::uint64_t>(q >> 64);
  const std::uint64_t r1 = static_cast<std::uint64_t>(u21) - q1 * d1;
  Uint128 r = ((static_cast<Uint128>(r1) << 64) | u0) - static_cast<Uint128>(d0) * q1 - d;
  ++q1;
  if (static_cast<std::uint64_t>(r >> 64) >= static_cast<std::uint64_t>(q)) {
    --q1;
    r += d;
  }
  if (r >= d) [[unlikely]] {
    ++q1;
    r -= d;
  }
  u21 = r;
  return q1;
}

// A divisor made ready: shifted so that its top bit is set, with its length and reciprocal. The
// expensive part of a division by a modulus that comes back (mulmod in a loop) is done once.
struct Divisor {
  std::uint64_t d[4] = {0, 0, 0, 0};
  std::uint64_t v = 0;
  int words = 0;
  unsigned shift = 0;

  constexpr Divisor() noexcept = default;
  PEL_INLINE constexpr explicit Divisor(const U256& divisor) noexcept {
    words = divisor.w[3] != 0 ? 4 : divisor.w[2] != 0 ? 3 : divisor.w[1] != 0 ? 2 : 1;
    shift = static_cast<unsigned>(std::countl_zero(divisor.w[words - 1]));
    const U256 shifted = shift_left(divisor, shift);
    for (int i = 0; i < 4; ++i) d[i] = shifted.w[i];
    v = words == 1 ? reciprocal(d[0]) : reciprocal(d[words - 1], d[words - 2]);
  }
};

// Subtracts word * d from the n words of u at u[0..n), the upper two of which hold the remainder r
// already; corrects the quotient word if it was one too large.
template <int n>
PEL_INLINE constexpr std::uint64_t subtract_multiple(std::uint64_t* u, const std::uint64_t* d,
                                                     std::uint64_t word, Uint128 r) noexcept {
  Carry borrow = 0;
  std::uint64_t carry = 0;
  for (int i = 0; i < n - 2; ++i) {
    const Uint128 p = static_cast<Uint128>(d[i]) * word + carry;
    carry = static_cast<std::uint64_t>(p >> 64);
    u[i] = sub_borrow(u[i], static_cast<std::uint64_t>(p), borrow);
  }
  const Uint128 rest = r - carry - borrow;
  u[n - 2] = static_cast<std::uint64_t>(rest);
  u[n - 1] = static_cast<std::uint64_t>(rest >> 64);
  if (n > 2 && rest > r) [[unlikely]] {
    --word;
    Carry add = 0;
    for (int i = 0; i < n; ++i) u[i] = add_carry(u[i], d[i], add);
  }
  u[n] = 0;
  return word;
}

// The case that the upper two words equal those of the divisor: the quotient word is the largest.
template <int n>
PEL_INLINE constexpr void subtract_largest(std::uint64_t* u, const std::uint64_t* d) noexcept {
  Carry borrow = 0;
  std::uint64_t carry = 0;
  for (int i = 0; i < n; ++i) {
    const Uint128 p = static_cast<Uint128>(d[i]) * ~std::uint64_t{0} + carry;
    carry = static_cast<std::uint64_t>(p >> 64);
    u[i] = sub_borrow(u[i], static_cast<std::uint64_t>(p), borrow);
  }
  u[n] = u[n] - carry - borrow;
}

// Knuth's algorithm D with a divisor of n words, two or more; `top` is the highest word that
// counts.
template <int n>
PEL_INLINE constexpr void divide_long(std::uint64_t* u, int top, const Divisor& by,
                                      std::uint64_t* q) noexcept {
  const Uint128 d = (static_cast<Uint128>(by.d[n - 1]) << 64) | by.d[n - 2];
  for (int j = top - n; j >= 0; --j) {
    Uint128 r = (static_cast<Uint128>(u[j + n]) << 64) | u[j + n - 1];
    std::uint64_t word = ~std::uint64_t{0};
    if (r >= d) [[unlikely]] {
      subtract_largest<n>(u + j, by.d);
    } else {
      word = divide_3by2(r, u[j + n - 2], d, by.v);
      word = subtract_multiple<n>(u + j, by.d, word, r);
    }
    if (q != nullptr) q[j] = word;
  }
}

// Divides the kCount words of u (and a spare one behind them for the shift) by the prepared
// divisor. Quotient words go to q (may be null); the remainder, shifted back, is returned.
template <int kCount>
PEL_INLINE constexpr U256 divide_words(std::uint64_t* u, const Divisor& by,
                                       std::uint64_t* q) noexcept {
  const unsigned s = by.shift;
  u[kCount] = (u[kCount - 1] >> 1) >> (63 - s);
  for (int i = kCount - 1; i > 0; --i) u[i] = (u[i] << s) | ((u[i - 1] >> 1) >> (63 - s));
  u[0] <<= s;

  const int n = by.words;
  if (n == 1) {
    std::uint64_t r = u[kCount];
    for (int i = kCount - 1; i >= 0; --i) {
      const std::uint64_t word = divide_2by1(r, u[i], by.d[0], by.v);
      if (q != nullptr) q[i] = word;
    }
    return r >> s;
  }
  int top = kCount;  // skip quotient words that are zero
  while (top > n && u[top] == 0 && u[top - 1] < by.d[n - 1]) --top;
  if (n == 4) {
    divide_long<4>(u, top, by, q);
  } else if (n == 3) {
    divide_long<3>(u, top, by, q);
  } else {
    divide_long<2>(u, top, by, q);
  }
  std::uint64_t r[5] = {};
  for (int i = 0; i < n; ++i) r[i] = u[i];
  return shift_right({r[0], r[1], r[2], r[3]}, s);
}

// The 512-bit product, lowest word first.
PEL_INLINE constexpr void multiply_full(const U256& a, const U256& b, std::uint64_t* out) noexcept {
  for (int i = 0; i < 4; ++i) out[i] = 0;
  for (int i = 0; i < 4; ++i) {
    std::uint64_t carry = 0;
    for (int j = 0; j < 4; ++j) {
      const Uint128 t = static_cast<Uint128>(a.w[i]) * b.w[j] + out[i + j] + carry;
      out[i + j] = static_cast<std::uint64_t>(t);
      carry = static_cast<std::uint64_t>(t >> 64);
    }
    out[i + 4] = carry;
  }
}

// A modulus of four words made ready for many reductions: P. Barrett, "Implementing the Rivest
// Shamir and Adleman public key encryption algorithm" (1986). Two products in place of a chain of
// quotient words that wait for one another; preparing costs a long division.
struct Barrett {
  U256 m;
  std::uint64_t mu[5] = {0, 0, 0, 0, 0};  // floor((2^512 - 1) / m)

  constexpr Barrett() noexcept = default;
  PEL_INLINE constexpr Barrett(const U256& modulus, const Divisor& divisor) noexcept : m(modulus) {
    std::uint64_t ones[9] = {};
    std::uint64_t quotient[8] = {};
    for (int i = 0; i < 8; ++i) ones[i] = ~std::uint64_t{0};
    divide_words<8>(ones, divisor, quotient);
    for (int i = 0; i < 5; ++i) mu[i] = quotient[i];
  }

  // p mod m for eight words p, lowest first.
  PEL_INLINE constexpr U256 reduce(const std::uint64_t* p) const noexcept {
    std::uint64_t t[10] = {};  // (p >> 192) * mu without the lowest columns: q is t >> 320
#pragma GCC unroll 5
    for (int i = 0; i < 5; ++i) {
      std::uint64_t carry = 0;
#pragma GCC unroll 5
      for (int j = 0; j < 5; ++j) {
        if (i + j < 3) continue;
        const Uint128 x = static_cast<Uint128>(p[3 + i]) * mu[j] + t[i + j] + carry;
        t[i + j] = static_cast<std::uint64_t>(x);
        carry = static_cast<std::uint64_t>(x >> 64);
      }
      t[i + 5] = carry;
    }
    std::uint64_t qm[5] = {};  // q * m modulo 2^320
#pragma GCC unroll 5
    for (int i = 0; i < 5; ++i) {
      std::uint64_t carry = 0;
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        if (i + j > 4) continue;
        const Uint128 x = static_cast<Uint128>(t[5 + i]) * m.w[j] + qm[i + j] + carry;
        qm[i + j] = static_cast<std::uint64_t>(x);
        carry = static_cast<std::uint64_t>(x >> 64);
      }
      if (i == 0) qm[4] = carry;
    }
    Carry borrow = 0;
    U256 r;
    for (int i = 0; i < 4; ++i) r.w[i] = sub_borrow(p[i], qm[i], borrow);
    std::uint64_t high = p[4] - qm[4] - borrow;
    while (high != 0 || r >= m) {  // q is at most a few too small
      if (r < m) --high;
      r = r - m;
    }
    return r;
  }
};

}  // namespace detail

struct Division {
  U256 quotient;
  U256 remainder;
};

// Whether a is a power of two.
PEL_INLINE constexpr bool is_power_of_two(const U256& a) noexcept {
  return std::popcount(a.w[0]) + std::popcount(a.w[1]) + std::popcount(a.w[2]) +
             std::popcount(a.w[3]) ==
         1;
}

// Quotient and remainder; both zero for a zero divisor (the EVM's rule).
PEL_INLINE constexpr Division divide(const U256& a, const U256& b) noexcept {
  Division result;
  if (a < b) {
    result.remainder = a;
    return result;
  }
  if (is_power_of_two(b)) {  // what old compilers shift and mask by
    result.quotient = shift_right(a, 255 - count_leading_zeros(b));
    result.remainder = a & (b - U256{1});
    return result;
  }
  if (b.is_zero()) return result;
  if (a.fits_u64()) {
    result.quotient = a.w[0] / b.w[0];
    result.remainder = a.w[0] % b.w[0];
    return result;
  }
  std::uint64_t u[5] = {a.w[0], a.w[1], a.w[2], a.w[3], 0};
  result.remainder = detail::divide_words<4>(u, detail::Divisor(b), result.quotient.w);
  return result;
}

PEL_INLINE constexpr U256 operator/(const U256& a, const U256& b) noexcept {
  return divide(a, b).quotient;
}
PEL_INLINE constexpr U256 operator%(const U256& a, const U256& b) noexcept {
  return divide(a, b).remainder;
}

// Two's complement, rounding to zero; the sign of the remainder is that of a.
PEL_INLINE constexpr Division signed_divide(const U256& a, const U256& b) noexcept {
  Division result = divide(a.negative() ? -a : a, b.negative() ? -b : b);
  if (a.negative() != b.negative()) result.quotient = -result.quotient;
  if (a.negative()) result.remainder = -result.remainder;
  return result;
}

// a * b mod m with a prepared m; zero is not a modulus here.
PEL_INLINE constexpr U256 multiply_mod(const U256& a, const U256& b,
                                       const detail::Divisor& m) noexcept {
  std::uint64_t product[9] = {};
  detail::multiply_full(a, b, product);
  return detail::divide_words<8>(product, m, nullptr);
}
PEL_INLINE constexpr U256 multiply_mod(const U256& a, const U256& b,
                                       const detail::Barrett& m) noexcept {
  std::uint64_t product[8] = {};
  detail::multiply_full(a, b, product);
  return m.reduce(product);
}
PEL_INLINE constexpr U256 multiply_mod(const U256& a, const U256& b, const U256& m) noexcept {
  return m.is_zero() ? U256{} : multiply_mod(a, b, detail::Divisor(m));
}

// a + b mod m without losing the carry; zero for m == 0.
PEL_INLINE constexpr U256 add_mod(const U256& a, const U256& b, const U256& m) noexcept {
  if (m.is_zero()) return {};
  if (m.w[3] != 0 && a.w[3] <= m.w[3] && b.w[3] <= m.w[3]) {  // both below 2m: no division needed
    const U256 x = a >= m ? a - m : a;
    const U256 y = b >= m ? b - m : b;
    if (x < m && y < m) {
      const U256 gap = m - y;
      return x >= gap ? x - gap : x + y;
    }
  }
  std::uint64_t u[6] = {};
  Carry carry = 0;
  for (int i = 0; i < 4; ++i) u[i] = add_carry(a.w[i], b.w[i], carry);
  u[4] = carry;
  return detail::divide_words<5>(u, detail::Divisor(m), nullptr);
}

// base^exponent modulo 2^256, by squaring.
PEL_INLINE constexpr U256 power(U256 base, const U256& exponent) noexcept {
  if (base == U256{2}) return exponent.fits_u64() ? U256{1} << exponent.w[0] : U256{};
  U256 result{1};
  const unsigned bits = 256 - count_leading_zeros(exponent);
  for (unsigned i = 0; i < bits; ++i) {
    if (exponent.bit(i)) result *= base;
    if (i + 1 < bits) base *= base;
  }
  return result;
}

// Copies the sign bit of byte `index` (0 = lowest) into all higher bytes; index 31 and more: as is.
PEL_INLINE constexpr void sign_extend(const U256& index, U256& a) noexcept {
  if (!index.fits_u64() || index.w[0] > 30) return;
  const unsigned word = static_cast<unsigned>(index.w[0]) / 8;
  const unsigned unused = 56 - 8 * (static_cast<unsigned>(index.w[0]) % 8);
  const auto top = static_cast<std::int64_t>(a.w[word] << unused) >> unused;
  a.w[word] = static_cast<std::uint64_t>(top);
  const auto sign = static_cast<std::uint64_t>(top >> 63);
  for (unsigned i = word + 1; i < 4; ++i) a.w[i] = sign;
}

// Shift right that copies the sign; counts of 256 and more give 0 or -1.
PEL_INLINE constexpr U256 shift_right_signed(const U256& a, const U256& n) noexcept {
  const bool big = !n.fits_u64() || n.w[0] > 255;
  if (!a.negative()) return big ? U256{} : shift_right(a, static_cast<unsigned>(n.w[0]));
  return big ? U256::max() : ~shift_right(~a, static_cast<unsigned>(n.w[0]));
}

}  // namespace pel::ledger
