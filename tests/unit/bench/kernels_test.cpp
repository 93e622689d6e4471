// SPDX-License-Identifier: Apache-2.0
#include "bench/forkjoin/kernels.hpp"

#include <gtest/gtest.h>

#include "pel/executor.hpp"

// The kernels compute what the literature says they compute, serially and on pel.
namespace {

using namespace pel::bench::forkjoin;

struct Serial {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    f();
    g();
  }
};

struct Pel {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    pel::invoke(f, g);
  }
};

TEST(ForkJoinKernels, GiveTheirPublishedValues) {
  EXPECT_EQ(fib<Serial>(20), 6765u);
  EXPECT_EQ(queens<Serial>({}, 8), 92u);
  EXPECT_EQ(queens<Serial>({}, 10), 724u);
  EXPECT_EQ(skynet<Serial>(0, 10'000), 49'995'000u);
  // The integral of (x^2 + 1) x from 0 to 10 is 10^4 / 4 + 10^2 / 2.
  EXPECT_NEAR(integrate<Serial>(0, 0, 10, 1010, 0), 2550.0, 1e-3);
}

TEST(ForkJoinKernels, UtsT1HasItsPublishedNumberOfNodes) {
  pel::Executor executor({.workers = 2});
  EXPECT_EQ(executor.run([] { return uts<Pel>(uts_root(19)); }), kUtsNodes);
}

TEST(ForkJoinKernels, FibCallsAreCountedInUnits) {
  EXPECT_DOUBLE_EQ(pel::bench::units("fib", 40), 331'160'281.0);
  EXPECT_DOUBLE_EQ(pel::bench::units("sort", 40), 1.0);
}

}  // namespace
