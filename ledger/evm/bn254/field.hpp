// SPDX-License-Identifier: Apache-2.0
#pragma once

// The prime field of BN254 (alt_bn128, EIP-196) in Montgomery form, four 64-bit words. Everything
// in this folder's headers has internal linkage: they are compiled once per CPU level.

#include <cstdint>
#include <type_traits>

#include "ledger/evm/bn254/kernels.hpp"
#include "pel/ledger/types.hpp"

namespace pel::evm::bn254 {
namespace {

using ledger::Carry;
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
inline constexpr std::uint64_t kZeroWord = 0;

PEL_INLINE constexpr U256 subtract(const U256& a, const U256& b, Carry& borrow) noexcept {
  U256 r;
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) r.w[i] = ledger::sub_borrow(a.w[i], b.w[i], borrow);
  return r;
}

PEL_INLINE constexpr U256 reduce_once(const U256& a) noexcept {
  Carry below = 0;
  const U256 r = subtract(a, kPrime, below);
  return {below ? a.w[0] : r.w[0], below ? a.w[1] : r.w[1], below ? a.w[2] : r.w[2],
          below ? a.w[3] : r.w[3]};
}

// a * b / 2^256 mod p. The prime leaves two bits free, so the carries of both inner sums fit one
// word (Koc, Acar, Kaliski, "Analyzing and comparing Montgomery multiplication algorithms", CIOS).
PEL_INLINE constexpr U256 montgomery_multiply_plain(const U256& a, const U256& b) noexcept {
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

#if defined(__ADX__) && defined(__BMI2__)
// Four words at `p` times rdx, added to t0..t4: the low halves along the carry flag, the high ones
// along the overflow flag. The carry out of t4 is zero, since sums stay below 2^320.
#define PEL_BN254_ADD_ROW(p, t0, t1, t2, t3, t4)         \
  "xorl %k[lo], %k[lo]\n\t"                              \
  "mulx 0(%[" p "]), %[lo], %[hi]\n\tadcx %[lo], %[" t0  \
  "]\n\t"                                                \
  "adox %[hi], %[" t1                                    \
  "]\n\t"                                                \
  "mulx 8(%[" p "]), %[lo], %[hi]\n\tadcx %[lo], %[" t1  \
  "]\n\t"                                                \
  "adox %[hi], %[" t2                                    \
  "]\n\t"                                                \
  "mulx 16(%[" p "]), %[lo], %[hi]\n\tadcx %[lo], %[" t2 \
  "]\n\t"                                                \
  "adox %[hi], %[" t3                                    \
  "]\n\t"                                                \
  "mulx 24(%[" p "]), %[lo], %[hi]\n\tadcx %[lo], %[" t3 \
  "]\n\t"                                                \
  "adox %[hi], %[" t4 "]\n\tadcx %[zero], %[" t4 "]\n\t"
// One word of b, then the multiple of p that clears t0, which thereby is the next round's t4.
#define PEL_BN254_ROUND(at, t0, t1, t2, t3, t4)                                             \
  "movq " at "(%[b]), %%rdx\n\t" PEL_BN254_ADD_ROW(                                         \
      "a", t0, t1, t2, t3, t4) "movq %[" t0                                                 \
                               "], %%rdx\n\timulq %[inverse], %%rdx\n\t" PEL_BN254_ADD_ROW( \
                                   "p", t0, t1, t2, t3, t4)

PEL_INLINE U256 montgomery_multiply_adx(const U256& a, const U256& b) noexcept {
  std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, lo, hi;
  asm(PEL_BN254_ROUND("0", "t0", "t1", "t2", "t3", "t4") PEL_BN254_ROUND(
          "8", "t1", "t2", "t3", "t4", "t0") PEL_BN254_ROUND("16", "t2", "t3", "t4", "t0", "t1")
          PEL_BN254_ROUND("24", "t3", "t4", "t0", "t1", "t2")
      : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4),
        [lo] "=&r"(lo), [hi] "=&r"(hi)
      : [a] "r"(a.w), [b] "r"(b.w), [p] "r"(kPrime.w), [inverse] "m"(kInverse),
        [zero] "m"(kZeroWord), "m"(a), "m"(b), "m"(kPrime)
      : "rdx", "cc");
  return reduce_once({t4, t0, t1, t2});
}
#undef PEL_BN254_ROUND
#undef PEL_BN254_ADD_ROW
#endif

PEL_INLINE constexpr U256 montgomery_multiply(const U256& a, const U256& b) noexcept {
#if defined(__ADX__) && defined(__BMI2__)
  if (!std::is_constant_evaluated()) return montgomery_multiply_adx(a, b);
#endif
  return montgomery_multiply_plain(a, b);
}

// 2^512 mod p, which takes numbers into Montgomery form.
constexpr U256 square_of_radix() noexcept {
  U256 x{1};
  for (int i = 0; i < 512; ++i) x = reduce_once(x + x);
  return x;
}
inline constexpr U256 kRadixSquared = square_of_radix();
inline constexpr U256 kRadixCubed = montgomery_multiply_plain(kRadixSquared, kRadixSquared);

}  // namespace detail

class Fp {
 public:
  constexpr Fp() noexcept = default;
  // `number` must be below the prime.
  constexpr explicit Fp(const U256& number) noexcept
      : value_(detail::montgomery_multiply(number, detail::kRadixSquared)) {}

  // From and to Montgomery form as it is.
  PEL_INLINE static constexpr Fp raw(const U256& value) noexcept {
    Fp r;
    r.value_ = value;
    return r;
  }
  constexpr const U256& raw() const noexcept { return value_; }
  constexpr U256 number() const noexcept { return detail::montgomery_multiply(value_, U256{1}); }
  constexpr bool is_zero() const noexcept { return value_.is_zero(); }

  friend constexpr bool operator==(const Fp& a, const Fp& b) noexcept {
    return a.value_ == b.value_;
  }
  PEL_INLINE friend constexpr Fp operator+(const Fp& a, const Fp& b) noexcept {
    return raw(detail::reduce_once(a.value_ + b.value_));
  }
  PEL_INLINE friend constexpr Fp operator-(const Fp& a, const Fp& b) noexcept {
    Carry below = 0;
    const U256 r = detail::subtract(a.value_, b.value_, below);
    const std::uint64_t mask = ~std::uint64_t{below} + 1;
    return raw(
        r + U256{kPrime.w[0] & mask, kPrime.w[1] & mask, kPrime.w[2] & mask, kPrime.w[3] & mask});
  }
  PEL_INLINE friend constexpr Fp operator-(const Fp& a) noexcept { return Fp{} - a; }
  PEL_INLINE friend constexpr Fp operator*(const Fp& a, const Fp& b) noexcept {
    return raw(detail::montgomery_multiply(a.value_, b.value_));
  }
  PEL_INLINE friend constexpr Fp square(const Fp& a) noexcept { return a * a; }
  PEL_INLINE friend constexpr Fp twice(const Fp& a) noexcept { return a + a; }

 private:
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

// Zero gives zero.
inline Fp inverse(const Fp& a) noexcept {
  return Fp::raw(detail::montgomery_multiply(inverse_of(a.raw()), detail::kRadixCubed));
}

// A number in digits that are zero or odd, of at most kWidth bits with their sign; of two digits
// that are not zero kWidth places lie between them at least (J. A. Solinas, "Efficient arithmetic
// on Koblitz curves", 2000). Numbers below 2^128 - 2^kWidth.
template <int kWidth>
struct Digits {
  std::int8_t digit[130] = {};  // lowest first
  int count = 0;

  constexpr explicit Digits(Uint128 k) noexcept {
    while (k != 0) {
      int d = 0;
      if ((k & 1) != 0) {
        d = static_cast<int>(k & ((1U << kWidth) - 1));
        if (d >= 1 << (kWidth - 1)) d -= 1 << kWidth;
        k = d < 0 ? k + static_cast<unsigned>(-d) : k - static_cast<unsigned>(d);
      }
      digit[count++] = static_cast<std::int8_t>(d);
      k >>= 1;
    }
  }
};

}  // namespace
}  // namespace pel::evm::bn254
