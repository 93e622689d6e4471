// SPDX-License-Identifier: Apache-2.0
// 256-bit arithmetic against GMP on random operands with many zero, full and one-bit words.

#include <gmp.h>
#include <gtest/gtest.h>

#include <random>

#include "pel/ledger/types.hpp"

namespace pel::ledger {
namespace {

class Big {
 public:
  Big() { mpz_init(value); }
  explicit Big(const U256& a) : Big() { mpz_import(value, 4, -1, 8, 0, 0, a.w); }
  ~Big() { mpz_clear(value); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  // The lowest 256 bits, of a negative number in two's complement.
  U256 low() const {
    Big rest;
    mpz_fdiv_r_2exp(rest.value, value, 256);
    U256 a;
    mpz_export(a.w, nullptr, -1, 8, 0, 0, rest.value);
    return a;
  }
  mpz_t value;
};

class Operands {
 public:
  U256 next() {
    U256 a;
    const auto words = random_() % 5;
    for (std::uint64_t i = 0; i < words; ++i) {
      switch (random_() % 5) {
        case 0:
          a.w[i] = 0;
          break;
        case 1:
          a.w[i] = ~std::uint64_t{0};
          break;
        case 2:
          a.w[i] = std::uint64_t{1} << (random_() % 64);
          break;
        default:
          a.w[i] = random_();
      }
    }
    return a;
  }
  std::uint64_t number(std::uint64_t below) { return random_() % below; }

 private:
  std::mt19937_64 random_{42};
};

constexpr int kRounds = 100000;

TEST(U256, RingAndOrder) {
  Operands operands;
  for (int i = 0; i < kRounds; ++i) {
    const U256 a = operands.next();
    const U256 b = operands.next();
    const Big x(a), y(b);
    Big z;
    mpz_add(z.value, x.value, y.value);
    ASSERT_EQ(a + b, z.low());
    mpz_sub(z.value, x.value, y.value);
    ASSERT_EQ(a - b, z.low());
    mpz_mul(z.value, x.value, y.value);
    ASSERT_EQ(a * b, z.low()) << to_string(a) << ' ' << to_string(b);
    ASSERT_EQ(a < b, mpz_cmp(x.value, y.value) < 0);
    ASSERT_EQ(a == b, mpz_cmp(x.value, y.value) == 0);
    ASSERT_EQ(count_leading_zeros(a), a.is_zero() ? 256 : 256 - mpz_sizeinbase(x.value, 2));
  }
}

TEST(U256, Division) {
  Operands operands;
  for (int i = 0; i < 3 * kRounds; ++i) {
    const U256 a = operands.next();
    const U256 b = operands.next();
    const Division d = divide(a, b);
    if (b.is_zero()) {
      ASSERT_TRUE(d.quotient.is_zero() && d.remainder.is_zero());
      continue;
    }
    const Big x(a), y(b);
    Big q, r;
    mpz_tdiv_qr(q.value, r.value, x.value, y.value);
    ASSERT_EQ(d.quotient, q.low()) << to_string(a) << " / " << to_string(b);
    ASSERT_EQ(d.remainder, r.low()) << to_string(a) << " % " << to_string(b);
  }
}

TEST(U256, ModularArithmetic) {
  Operands operands;
  for (int i = 0; i < 3 * kRounds; ++i) {
    const U256 a = operands.next();
    const U256 b = operands.next();
    const U256 m = operands.next();
    if (m.is_zero()) {
      ASSERT_TRUE(add_mod(a, b, m).is_zero() && multiply_mod(a, b, m).is_zero());
      continue;
    }
    const Big x(a), y(b), n(m);
    Big z;
    mpz_add(z.value, x.value, y.value);
    mpz_mod(z.value, z.value, n.value);
    ASSERT_EQ(add_mod(a, b, m), z.low());
    mpz_mul(z.value, x.value, y.value);
    mpz_mod(z.value, z.value, n.value);
    ASSERT_EQ(multiply_mod(a, b, m), z.low())
        << to_string(a) << " * " << to_string(b) << " % " << to_string(m);
  }
}

TEST(U256, BarrettReduction) {
  Operands operands;
  for (int i = 0; i < 2 * kRounds; ++i) {
    const U256 a = i % 3 == 0 ? U256::max() : operands.next();
    const U256 b = i % 5 == 0 ? U256::max() : operands.next();
    U256 m = operands.next();
    if (m.w[3] == 0) m.w[3] = i % 2 == 0 ? 1 : ~std::uint64_t{0};
    const detail::Barrett prepared(m, detail::Divisor(m));
    ASSERT_EQ(multiply_mod(a, b, prepared), multiply_mod(a, b, m))
        << to_string(a) << " * " << to_string(b) << " % " << to_string(m);
  }
}

TEST(U256, SignedDivision) {
  Operands operands;
  const auto signed_big = [](const U256& a, Big& x) {
    mpz_import(x.value, 4, -1, 8, 0, 0, a.w);
    if (!a.negative()) return;
    Big two;
    mpz_ui_pow_ui(two.value, 2, 256);
    mpz_sub(x.value, x.value, two.value);
  };
  for (int i = 0; i < kRounds; ++i) {
    const U256 a = operands.next();
    const U256 b = operands.next();
    Big x, y, q, r;
    signed_big(a, x);
    signed_big(b, y);
    ASSERT_EQ(signed_less(a, b), mpz_cmp(x.value, y.value) < 0);
    if (b.is_zero()) continue;
    mpz_tdiv_qr(q.value, r.value, x.value, y.value);
    const Division d = signed_divide(a, b);
    ASSERT_EQ(d.quotient, q.low());
    ASSERT_EQ(d.remainder, r.low());
  }
}

TEST(U256, Shifts) {
  Operands operands;
  for (int i = 0; i < kRounds; ++i) {
    const U256 a = operands.next();
    const auto n = operands.number(300);
    const Big x(a);
    Big z;
    mpz_mul_2exp(z.value, x.value, n);
    ASSERT_EQ(a << n, z.low());
    mpz_fdiv_q_2exp(z.value, x.value, n);
    ASSERT_EQ(a >> n, z.low());
    const U256 filled = a.negative() ? ~(~a >> n) : a >> n;
    ASSERT_EQ(shift_right_signed(a, U256{n}), filled);
  }
}

TEST(U256, SignExtend) {
  Operands operands;
  for (int i = 0; i < kRounds; ++i) {
    const U256 a = operands.next();
    const auto index = operands.number(34);
    U256 b = a;
    sign_extend(U256{index}, b);
    const unsigned bits = static_cast<unsigned>(8 * (index + 1));
    U256 expected = a;
    if (index < 31) {
      const U256 mask = (U256{1} << bits) - U256{1};
      expected = a.bit(bits - 1) ? (a | ~mask) : (a & mask);
    }
    ASSERT_EQ(b, expected) << to_string(a) << ' ' << index;
  }
  U256 same{0x80};
  sign_extend(U256{0, 0, 0, 1}, same);
  EXPECT_EQ(same, U256{0x80});
}

TEST(U256, Power) {
  Operands operands;
  Big two;
  mpz_ui_pow_ui(two.value, 2, 256);
  for (int i = 0; i < 3000; ++i) {
    const U256 a = i % 10 == 0 ? U256{2} : operands.next();
    const U256 e = operands.next() >> operands.number(256);
    const Big x(a), y(e);
    Big z;
    mpz_powm(z.value, x.value, y.value, two.value);
    ASSERT_EQ(power(a, e), z.low());
  }
}

// Operands that make a quotient word of Knuth's algorithm too large at first, or all ones.
TEST(U256, HardQuotients) {
  const std::uint64_t top = std::uint64_t{1} << 63;
  const U256 cases[][2] = {
      {{0, 0, top, top - 1}, {1, 0, top, 0}},
      {{0, ~0ULL, ~0ULL, top - 1}, {~0ULL, ~0ULL, top, 0}},
      {{0, 0, 0, top}, {~0ULL, 0, top, 0}},
      {{~0ULL, ~0ULL, ~0ULL, ~0ULL}, {~0ULL, ~0ULL, 0, 0}},
      {{3, 0, 0, top}, {1, 0, 0x2000000000000000ULL, 0}},
  };
  for (const auto& c : cases) {
    const Division d = divide(c[0], c[1]);
    EXPECT_EQ(d.quotient * c[1] + d.remainder, c[0]);
    EXPECT_LT(d.remainder, c[1]);
  }
}

TEST(U256, IsConstexpr) {
  static_assert(U256{7} * U256{6} == U256{42});
  static_assert((U256{1} << 255) / U256{3} * U256{3} + U256{2} == U256{1} << 255);
  static_assert(multiply_mod(U256::max(), U256::max(), U256{1000}) == U256{225});
}

}  // namespace
}  // namespace pel::ledger
