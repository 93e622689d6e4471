// SPDX-License-Identifier: Apache-2.0
// BN254 by its algebra, on every CPU level, and against vectors of another implementation.
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "base/hex.hpp"
#include "ledger/evm/bn254/contracts.hpp"

namespace pel::evm::bn254 {
namespace {

U256 random_number(std::mt19937_64& random) { return {random(), random(), random(), random()}; }
Fp random_fp(std::mt19937_64& random) { return Fp(random_number(random) % kPrime); }

// Double and add: slow, and shares nothing with the tables, digits and halves of multiply().
template <class Field>
Jacobian<Field> slow_multiply(const Jacobian<Field>& p, const U256& k) {
  Jacobian<Field> r{};
  for (unsigned i = 256; i-- > 0;) {
    r = twice(r);
    if (k.bit(i)) r = add(r, p);
  }
  return r;
}

const Jacobian<Fp> kGenerator{kOne, Fp(U256{2}), kOne};
const Jacobian<Fp2> kGenerator2{
    {Fp(U256{0x46debd5cd992f6ed, 0x674322d4f75edadd, 0x426a00665e5c4479, 0x1800deef121f1e76}),
     Fp(U256{0x97e485b7aef312c2, 0xf1aa493335a9e712, 0x7260bfb731fb5d25, 0x198e9393920d483a})},
    {Fp(U256{0x4ce6cc0166fa7daa, 0xe3d1e7690c43d37b, 0x4aab71808dcb408f, 0x12c85ea5db8c6deb}),
     Fp(U256{0x55acdadcd122975b, 0xbc4b313370b38ef3, 0xec9e99ad690c3395, 0x090689d0585ff075})},
    kOne2};

// A square root in Fp, or nothing: the prime is 3 modulo 4.
std::optional<Fp> root(const Fp& a) {
  const Fp r = power(a, (kPrime + U256{1}) / U256{4}, kOne);
  return square(r) == a ? std::optional(r) : std::nullopt;
}
// In Fp2 by the norm: (x + y i)^2 = a + b i.
std::optional<Fp2> root(const Fp2& a) {
  const auto norm = root(square(a.a) + square(a.b));
  if (!norm) return std::nullopt;
  const Fp half = inverse(Fp(U256{2}));
  for (const Fp& n : {*norm, -*norm}) {
    const auto x = root((a.a + n) * half);
    if (!x || x->is_zero()) continue;
    const Fp2 r{*x, a.b * half * inverse(*x)};
    if (square(r) == a) return r;
  }
  return std::nullopt;
}
// Any point of the twist: seldom in G2, a subgroup of 1 in 2^254.
G2 random_twist_point(std::mt19937_64& random) {
  const Fp2 b = inverse(Fp2{Fp(U256{9}), kOne}) * Fp(U256{3});
  while (true) {
    const Fp2 x{random_fp(random), random_fp(random)};
    if (const auto y = root(square(x) * x + b)) return {x, *y};
  }
}

TEST(Bn254, InverseAndRootsAgreeWithMultiplication) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    const Fp a = random_fp(random);
    EXPECT_EQ(a * inverse(a), kOne);
    EXPECT_EQ(inverse(a), power(a, kPrime - U256{2}, kOne)) << "Fermat";
  }
  EXPECT_TRUE(inverse(Fp{}).is_zero());
}

TEST(Bn254, DigitsAddUpToTheNumber) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    const Uint128 k = (static_cast<Uint128>(random()) << 64 | random()) >> (1 + random() % 127);
    const Digits<5> digits(k);
    Uint128 sum = 0;
    for (int at = digits.count; at-- > 0;) {
      const int d = digits.digit[at];
      ASSERT_TRUE(d == 0 || (d % 2 != 0 && d < 16 && d > -16));
      sum = d < 0 ? 2 * sum - static_cast<unsigned>(-d) : 2 * sum + static_cast<unsigned>(d);
    }
    ASSERT_TRUE(sum == k);
  }
}

TEST(Bn254, MultipleByHalvesIsTheMultiple) {
  const U256 lambda{0x8b17ea66b99c90dd, 0x5bfc41088d8daaa7, 0xb3c4d79d41a91758, 0};
  std::vector<U256> scalars = {U256{},         U256{1},          U256{2},          U256{3},
                               kOrder,         kOrder - U256{1}, kOrder + U256{1}, kOrder + kOrder,
                               U256::max(),    lambda,           lambda + U256{1}, lambda - U256{1},
                               kOrder - lambda};
  for (unsigned i = 0; i < 256; i += 17) scalars.push_back(U256{1} << i);
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) scalars.push_back(random_number(random));
  Jacobian<Fp> p = kGenerator;
  for (const U256& k : scalars) {
    const Jacobian<Fp> expected = slow_multiply(p, k % kOrder);
    ASSERT_TRUE(same_point(multiply(p, k), expected)) << to_string(k);
    if (!expected.z.is_zero()) p = expected;
  }
  EXPECT_TRUE(multiply(kGenerator, kOrder).z.is_zero());
  EXPECT_TRUE(multiply(Jacobian<Fp>{}, U256{5}).z.is_zero());
}

// The quick test against its definition, order * q = 0, on points of every kind of the twist's
// group, whose order is r (2 p - r).
TEST(Bn254, MembershipIsExact) {
  std::mt19937_64 random(4);
  const U256 cofactor = kPrime + kPrime - kOrder;
  int members = 0;
  for (int i = 0; i < 24; ++i) {
    const G2 p = random_twist_point(random);
    ASSERT_TRUE(on_curve(p));
    const Jacobian<Fp2> any{p.x, p.y, kOne2};
    const Jacobian<Fp2> in = slow_multiply(any, cofactor);
    const Jacobian<Fp2> stray = slow_multiply(any, kOrder);
    for (const auto& q : {any, in, stray, add(in, stray), add(kGenerator2, stray)}) {
      const bool expected = slow_multiply(q, kOrder).z.is_zero();
      ASSERT_EQ(in_group(to_affine(q)), expected);
      members += expected ? 1 : 0;
    }
  }
  EXPECT_EQ(members, 24) << "the multiples of the cofactor, no others";
}

class Bn254Kernels : public testing::TestWithParam<const Kernels*> {
 protected:
  void SetUp() override {
    if (GetParam() == &kKernelsAdx && !has_adx()) GTEST_SKIP() << "this CPU has no ADX";
  }
  static std::string call(RunFunction run, const std::string& input) {
    const Bytes in = input == "-" ? Bytes{} : *base::from_hex(input);
    std::uint8_t out[64];
    const std::size_t size = run(in, {out, sizeof out});
    return size == kFailed ? "failed" : base::to_hex(BytesView(out, size));
  }
};

TEST_P(Bn254Kernels, AgainstAnotherImplementation) {
  std::ifstream file("tests/unit/evm/bn254_vectors.txt");
  ASSERT_TRUE(file) << "run from the root of the repository";
  const RunFunction runs[] = {GetParam()->add, GetParam()->multiply, GetParam()->pairing};
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    std::istringstream fields(line);
    std::size_t address = 0;
    std::string input, expected;
    if (!(fields >> address >> input >> expected)) continue;
    EXPECT_EQ(call(runs[address - 6], input), expected) << line;
  }
  EXPECT_EQ(count, 39);
}

// e(aP, bQ) = e(P, Q)^(ab), as the contract sees it: e(aP, bQ) e(-abP, Q) = 1.
TEST_P(Bn254Kernels, PairingIsBilinear) {
  std::mt19937_64 random(5);
  const auto word = [](const Fp& a) {
    std::uint8_t bytes[32];
    ledger::store_be(a.number(), bytes);
    return base::to_hex(BytesView(bytes, 32));
  };
  const auto point = [&](const G1& p) { return word(p.x) + word(p.y); };
  const auto point2 = [&](const G2& q) {
    return word(q.x.b) + word(q.x.a) + word(q.y.b) + word(q.y.a);
  };
  const std::string one(63, '0');
  for (int i = 0; i < 6; ++i) {
    const U256 a = random_number(random) % kOrder;
    const std::uint64_t b = random();
    const G1 left = to_affine(slow_multiply(kGenerator, a));
    const G2 right = to_affine(multiply(kGenerator2, b));
    G1 minus = to_affine(multiply(multiply(kGenerator, a), U256{b}));
    const std::string first = point(left) + point2(right);
    const std::string second = point2(to_affine(kGenerator2));
    EXPECT_EQ(call(GetParam()->pairing, first + point(minus) + second), one + "0");
    minus.y = -minus.y;
    EXPECT_EQ(call(GetParam()->pairing, first + point(minus) + second), one + "1");
    EXPECT_EQ(call(GetParam()->pairing, point(minus) + second + first), one + "1");
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Bn254Kernels, testing::Values(&kKernelsV1, &kKernelsAdx),
                         [](const auto& level) {
                           return std::string(level.param == &kKernelsV1 ? "V1" : "Adx");
                         });

}  // namespace
}  // namespace pel::evm::bn254
