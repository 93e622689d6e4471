// SPDX-License-Identifier: Apache-2.0
// Precompiles whose algorithm is a library's, against slow arithmetic written here: schoolbook
// powers, the affine group law of P-256.
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "base/hex.hpp"
#include "pel/ledger/evm.hpp"

namespace pel::evm {
namespace {

using Random = std::mt19937_64;

U256 random_number(Random& random) {
  return U256{random(), random(), random(), random()} >> (random() % 256);
}

void append(Bytes& bytes, const U256& number) {
  std::uint8_t word[32];
  ledger::store_be(number, word);
  for (const std::uint8_t byte : word) bytes.push_back(byte);
}

Bytes call(std::uint64_t address, BytesView input) {
  const auto result =
      run_precompile(Revision::kOsaka, ledger::small_address(address), input, 1'000'000'000);
  return result.status == Status::kSuccess ? result.output : Bytes{0xff};
}

// Additions only.
U256 slow_multiply(U256 a, const U256& b, const U256& m) {
  U256 sum;
  for (unsigned i = 0; i < 256; ++i) {
    if (b.bit(i)) sum = add_mod(sum, a, m);
    a = add_mod(a, a, m);
  }
  return sum;
}
U256 slow_power(U256 a, const U256& e, const U256& m) {
  U256 r = m == U256{1} ? U256{} : U256{1};
  for (unsigned i = 0; i < 256; ++i) {
    if (e.bit(i)) r = slow_multiply(r, a, m);
    a = slow_multiply(a, a, m);
  }
  return r;
}

TEST(PrecompileDifferential, ModexpIsSchoolbook) {
  Random random(1);
  for (int i = 0; i < 60; ++i) {
    const U256 base = random_number(random);
    const U256 exponent = i % 7 == 0 ? U256{} : random_number(random);
    const U256 modulus = i % 11 == 0 ? U256{1} : random_number(random);
    if (modulus.is_zero()) continue;
    Bytes input;
    for (int k = 0; k < 3; ++k) append(input, U256{32});
    append(input, base);
    append(input, exponent);
    append(input, modulus);
    Bytes expected;
    append(expected, slow_power(base % modulus, exponent, modulus));
    ASSERT_EQ(call(5, input), expected) << i;
  }
}

// y^2 = x^3 - 3x + b over P-256's field, points in affine form, by the textbook.
struct P256 {
  struct Point {
    U256 x, y;
  };
  using Optional = std::optional<Point>;  // nothing: infinity
  static inline const U256 kPrime =
      ledger::parse_u256("0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  static inline const U256 kOrder =
      ledger::parse_u256("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  static inline const Point kGenerator{
      ledger::parse_u256("0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
      ledger::parse_u256("0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")};

  static U256 times(const U256& a, const U256& b) { return multiply_mod(a, b, kPrime); }
  static U256 minus(const U256& a, const U256& b) { return add_mod(a, kPrime - b, kPrime); }
  static U256 inverse(const U256& a, const U256& m) {  // Fermat
    U256 r{1};
    for (unsigned i = 256; i-- > 0;) {
      r = multiply_mod(r, r, m);
      if ((m - U256{2}).bit(i)) r = multiply_mod(r, a, m);
    }
    return r;
  }
  static Optional add(const Optional& p, const Optional& q) {
    if (!p || !q) return p ? p : q;
    U256 slope;
    if (p->x != q->x) {
      slope = times(minus(q->y, p->y), inverse(minus(q->x, p->x), kPrime));
    } else if (p->y == q->y && !p->y.is_zero()) {
      const U256 xx = times(p->x, p->x);
      const U256 top = minus(times(xx, U256{3}), U256{3});
      slope = times(top, inverse(times(p->y, U256{2}), kPrime));
    } else {
      return std::nullopt;
    }
    const U256 x = minus(minus(times(slope, slope), p->x), q->x);
    return Point{x, minus(times(slope, minus(p->x, x)), p->y)};
  }
  static Optional multiply(Optional p, const U256& k) {
    Optional r;
    for (unsigned i = 0; i < 256; ++i, p = add(p, p)) {
      if (k.bit(i)) r = add(r, p);
    }
    return r;
  }
};

struct SignedHash {
  U256 hash, r, s;
  P256::Point key;
  Bytes input() const {
    Bytes bytes;
    for (const U256& word : {hash, r, s, key.x, key.y}) append(bytes, word);
    return bytes;
  }
  // FIPS 186-5, section 6.4.2, by the arithmetic above.
  bool valid() const {
    const auto in_range = [](const U256& a) { return !a.is_zero() && a < P256::kOrder; };
    if (!in_range(r) || !in_range(s)) return false;
    const U256 w = P256::inverse(s, P256::kOrder);
    const U256 u1 = multiply_mod(hash % P256::kOrder, w, P256::kOrder);
    const U256 u2 = multiply_mod(r, w, P256::kOrder);
    const auto sum = P256::add(P256::multiply(P256::kGenerator, u1), P256::multiply(key, u2));
    return sum && sum->x % P256::kOrder == r;
  }
};

SignedHash sign(Random& random) {
  SignedHash result;
  const U256 secret = U256{1} + random_number(random) % (P256::kOrder - U256{1});
  const U256 k = U256{1} + random_number(random) % (P256::kOrder - U256{1});
  result.hash = random_number(random);
  result.key = *P256::multiply(P256::kGenerator, secret);
  result.r = P256::multiply(P256::kGenerator, k)->x % P256::kOrder;
  const U256 sum = add_mod(result.hash, multiply_mod(result.r, secret, P256::kOrder), P256::kOrder);
  result.s = multiply_mod(P256::inverse(k, P256::kOrder), sum, P256::kOrder);
  return result;
}

TEST(PrecompileDifferential, P256IsTheGroupLaw) {
  Random random(2);
  Bytes one;
  append(one, U256{1});
  for (int i = 0; i < 4; ++i) {
    SignedHash item = sign(random);
    ASSERT_TRUE(item.valid()) << "the test's own arithmetic";
    EXPECT_EQ(call(0x100, item.input()), one);
    item.s = P256::kOrder - item.s;  // either s verifies
    EXPECT_EQ(call(0x100, item.input()), one);
    item.hash = item.hash ^ (U256{1} << random() % 256);
    EXPECT_EQ(call(0x100, item.input()) == one, item.valid());
    item.key.y = P256::kPrime - item.key.y;
    EXPECT_EQ(call(0x100, item.input()) == one, item.valid());
    item.r = item.r ^ U256 { 1 };
    EXPECT_EQ(call(0x100, item.input()) == one, item.valid());
  }
}

}  // namespace
}  // namespace pel::evm
