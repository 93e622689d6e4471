// SPDX-License-Identifier: Apache-2.0
#include "runtime/loops/exact_kernels.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "pel/random.hpp"

namespace pel::detail {
namespace {

// What a call returned and wrote: all of it is compared, bit by bit.
using Bits = std::vector<std::uint64_t>;

void append(Bits& bits, const double* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) bits.push_back(std::bit_cast<std::uint64_t>(x[i]));
}

Bits sum(const std::vector<double>& x, int levels, const ExactKernels& kernels) {
  std::array<double, 3 * kExactLanes> lanes{};
  const int taken = sum_block(x.data(), x.size(), levels, lanes.data(), kernels);
  Bits bits{static_cast<std::uint64_t>(taken)};
  append(bits, lanes.data(), static_cast<std::size_t>(taken) * kExactLanes);
  return bits;
}

Bits split(const std::vector<double>& a, const std::vector<double>& b,
           const ExactKernels& kernels) {
  std::vector<double> high(a.size()), low(a.size());
  const bool fine = split_products(a.data(), b.data(), a.size(), high.data(), low.data(), kernels);
  Bits bits{fine};
  if (fine) {
    append(bits, high.data(), high.size());
    append(bits, low.data(), low.size());
  }
  return bits;
}

// Exponents spread over 2^spread below 2^top, both signs, a zero of either sign now and then.
std::vector<double> values(std::size_t n, int top, int spread, std::uint64_t seed) {
  const Philox random(seed, 31);
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    const int exponent = top - static_cast<int>(random.below(3 * i, std::uint64_t(spread) + 1));
    x[i] = std::ldexp(random.uniform(3 * i + 1) - 0.5, exponent);
    if (random.below(3 * i + 2, 40) == 0) x[i] = std::copysign(0.0, x[i]);
  }
  return x;
}

struct Level {
  const char* name;
  base::CpuFeatures features;
  bool there;
};

// The levels above the baseline, and whether this CPU has them.
std::vector<Level> levels() {
  const base::CpuFeatures cpu = base::cpu_features();
  return {{"x86-64-v3", {.v3 = true}, cpu.v3}, {"x86-64-v4", {.v3 = true, .v4 = true}, cpu.v4}};
}

TEST(ExactKernels, GiveTheSameBitsAtEveryLevel) {
  const ExactKernels& baseline = exact_kernels_for({});
  int taken[4] = {}, split_fine = 0, compared = 0;
  for (const Level& level : levels()) {
    if (!level.there) continue;
    ++compared;
    const ExactKernels& kernels = exact_kernels_for(level.features);
    ASSERT_NE(&kernels, &baseline) << level.name;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      for (const std::size_t n : {1u, 3u, 4u, 7u, 8u, 9u, 33u, 1000u, 1024u}) {
        // In two levels, in three, too far apart, and at the ends of the exponents.
        for (const auto& [top, spread] : {std::pair{0, 20}, std::pair{300, 50}, std::pair{5, 400},
                                          std::pair{1020, 10}, std::pair{-1000, 60}}) {
          const auto a = values(n, top, spread, seed);
          const auto b = values(n, 3, spread, seed + 1000);
          for (const int first : {2, 3}) {
            const Bits want = sum(a, first, baseline);
            ASSERT_EQ(sum(a, first, kernels), want) << level.name << ' ' << n << ' ' << top;
            ++taken[want.front()];
          }
          const Bits want = split(a, b, baseline);
          ASSERT_EQ(split(a, b, kernels), want) << level.name << ' ' << n << ' ' << top;
          split_fine += static_cast<int>(want.front());
        }
      }
    }
  }
  if (compared == 0) GTEST_SKIP() << "this CPU (or PEL_CPU) gives the baseline only";
  EXPECT_GT(taken[0], 0);
  EXPECT_GT(taken[2], 0);
  EXPECT_GT(taken[3], 0);
  EXPECT_GT(split_fine, 0);
  for (const Level& level : levels()) {
    if (!level.there) GTEST_SKIP() << "the others are equal; this CPU has no " << level.name;
  }
}

}  // namespace
}  // namespace pel::detail
