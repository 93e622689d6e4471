// SPDX-License-Identifier: Apache-2.0
#pragma once

// The prime field of BN254 (alt_bn128, EIP-196) in Montgomery form, four 64-bit words.

#include <cstdint>

#include "pel/ledger/types.hpp"

namespace pel::evm::bn254 {

using ledger::U256;
using ledger::Uint128;

inline constexpr U256 kPrime{0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d,
                             0x30644e72e131a029};
// The order of the three groups.
inline constexpr U256 kOrder{0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d,
                             0x30644e72e131a029};

namespace detail {

// -1 / p modulo 2^64, by Newton's iteration.
constexpr std::uint64_t negative_inverse(std::uint64_t p) noexcept {
  std::uint64_t x = 1;
  for (int i = 0; i < 6; ++i) x *= 2 - p * x;
  return ~x + 1;
}
inline constexpr std::uint64_t kInverse = negative_inverse(kPrime.w[0]);

PEL_INLINE constexpr U256 reduce_once(const U256& a) noexcept {
  U256 r;
  std::uint64_t borrow = 0;
  for (int i = 0; i < 4; ++i) r.w[i] = ledger::sub_borrow(a.w[i], kPrime.w[i], borrow);
  const std::uint64_t keep = ~borrow + 1;  // all ones if a < p
  for (int i = 0; i < 4; ++i) r.w[i] = (a.w[i] & keep) | (r.w[i] & ~keep);
  return r;
}

// a * b / 2^256 mod p. The prime leaves two bits free, so the carries of both inner sums fit one
// word (Koc, Acar, Kaliski, "Analyzing and comparing Montgomery multiplication algorithms", CIOS).
PEL_INLINE constexpr U256 montgomery_multiply(const U256& a, const U256& b) noexcept {
  std::uint64_t t[4] = {0, 0, 0, 0};
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    Uint128 x = static_cast<Uint128>(a.w[0]) * b.w[i] + t[0];
    const std::uint64_t m = static_cast<std::uint64_t>(x) * kInverse;
    Uint128 y = static_cast<Uint128>(m) * kPrime.w[0] + static_cast<std::uint64_t>(x);
#pragma GCC unroll 3
    for (int j = 1; j < 4; ++j) {
      x = static_cast<Uint128>(a.w[j]) * b.w[i] + t[j] + static_cast<std::uint64_t>(x >> 64);
      y = static_cast<Uint128>(m) * kPrime.w[j] + static_cast<std::uint64_t>(x) +
          static_cast<std::uint64_t>(y >> 64);
      t[j - 1] = static_cast<std::uint64_t>(y);
    }
    t[3] = static_cast<std::uint64_t>(x >> 64) + static_cast<std::uint64_t>(y >> 64);
  }
  return reduce_once({t[0], t[1], t[2], t[3]});
}

// 2^512 mod p, which takes numbers into Montgomery form.
constexpr U256 square_of_radix() noexcept {
  U256 x{1};
  for (int i = 0; i < 512; ++i) x = reduce_once(x + x);
  return x;
}
inline constexpr U256 kRadixSquared = square_of_radix();

}  // namespace detail

class Fp {
 public:
  constexpr Fp() noexcept = default;
  // `number` must be below the prime.
  constexpr explicit Fp(const U256& number) noexcept
      : value_(detail::montgomery_multiply(number, detail::kRadixSquared)) {}

  constexpr U256 number() const noexcept { return detail::montgomery_multiply(value_, U256{1}); }
  constexpr bool is_zero() const noexcept { return value_.is_zero(); }

  friend constexpr bool operator==(const Fp& a, const Fp& b) noexcept {
    return a.value_ == b.value_;
  }
  PEL_INLINE friend constexpr Fp operator+(const Fp& a, const Fp& b) noexcept {
    return raw(detail::reduce_once(a.value_ + b.value_));
  }
  PEL_INLINE friend constexpr Fp operator-(const Fp& a, const Fp& b) noexcept {
    U256 r;
    std::uint64_t borrow = 0;
    for (int i = 0; i < 4; ++i) r.w[i] = ledger::sub_borrow(a.value_.w[i], b.value_.w[i], borrow);
    const std::uint64_t mask = ~borrow + 1;
    std::uint64_t carry = 0;
    for (int i = 0; i < 4; ++i) r.w[i] = ledger::add_carry(r.w[i], kPrime.w[i] & mask, carry);
    return raw(r);
  }
  PEL_INLINE friend constexpr Fp operator-(const Fp& a) noexcept { return Fp{} - a; }
  PEL_INLINE friend constexpr Fp operator*(const Fp& a, const Fp& b) noexcept {
    return raw(detail::montgomery_multiply(a.value_, b.value_));
  }
  PEL_INLINE friend constexpr Fp square(const Fp& a) noexcept { return a * a; }
  PEL_INLINE friend constexpr Fp twice(const Fp& a) noexcept { return a + a; }

 private:
  PEL_INLINE static constexpr Fp raw(const U256& value) noexcept {
    Fp r;
    r.value_ = value;
    return r;
  }
  U256 value_;
};

template <class Field>
constexpr Field power(const Field& base, const U256& exponent, const Field& one) noexcept {
  Field r = one;
  for (unsigned i = 256 - count_leading_zeros(exponent); i-- > 0;) {
    r = square(r);
    if (exponent.bit(i)) r = r * base;
  }
  return r;
}

inline constexpr Fp kOne{U256{1}};

// By Fermat; zero gives zero.
constexpr Fp inverse(const Fp& a) noexcept { return power(a, kPrime - U256{2}, kOne); }

}  // namespace pel::evm::bn254
