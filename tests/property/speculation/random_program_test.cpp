// SPDX-License-Identifier: Apache-2.0
// Random ordered programs: commits, values and first error are those of the plain serial loop, for
// any number of workers, schedule and mode.
#include "tests/property/speculation/random_program.hpp"

#include <gtest/gtest.h>

#include "tests/support/sanitized.hpp"

namespace pel::testing {
namespace {

using Kind = Schedule::Kind;

void compare(const RandomProgram& program, const SpeculationOptions& options) {
  const Outcome expected = run_plain(program);
  for (const int workers : {0, 1, 2, 3, 8}) {
    for (const Kind kind : {Kind::kNormal, Kind::kDelayed}) {
      if (workers < 2 && kind != Kind::kNormal) continue;
      const Outcome got = run_with<detail::spec::Atomics>(program, options, workers, kind);
      ASSERT_EQ(got.error, expected.error)
          << "seed " << program.options().seed << ", " << workers << " workers";
      ASSERT_EQ(got.committed, expected.committed)
          << "seed " << program.options().seed << ", " << workers << " workers";
      ASSERT_TRUE(got == expected) << "seed " << program.options().seed << ", " << workers
                                   << " workers, schedule " << static_cast<int>(kind);
    }
  }
}

// How many programs a test runs.
std::uint64_t programs(std::uint64_t count) { return test::unless_sanitized(count, count / 3); }

SpeculationOptions parallel() {
  SpeculationOptions options;
  options.always_parallel = true;
  return options;
}

TEST(RandomAttempts, EqualThePlainLoop) {
  for (std::uint64_t seed = 1; seed <= programs(40); ++seed) {
    compare(RandomProgram({.seed = seed, .keys = static_cast<std::uint32_t>(3 + seed % 50)}),
            parallel());
  }
}

TEST(RandomAttempts, EqualThePlainLoopWithPauses) {
  for (std::uint64_t seed = 1; seed <= programs(10); ++seed) {
    compare(RandomProgram({.seed = seed, .attempts = 150, .pause_us = 10}), parallel());
  }
}

TEST(RandomAttempts, EqualThePlainLoopOnManyKeys) {
  for (std::uint64_t seed = 1; seed <= programs(10); ++seed) {
    compare(RandomProgram({.seed = seed, .attempts = 600, .keys = 5000, .operations = 40}),
            parallel());
  }
}

TEST(RandomAttempts, TheFirstErrorIsThatOfThePlainLoop) {
  for (std::uint64_t seed = 1; seed <= programs(60); ++seed) {
    compare(RandomProgram({.seed = seed, .fails = true, .pause_us = static_cast<int>(seed % 3)}),
            parallel());
  }
}

TEST(RandomAttempts, ACommitEndsTheRunWhereThePlainLoopEnds) {
  for (std::uint64_t seed = 1; seed <= programs(40); ++seed) {
    compare(RandomProgram({.seed = seed, .stops = true, .pause_us = static_cast<int>(seed % 3)}),
            parallel());
  }
}

TEST(RandomAttempts, AdaptingMovesNothing) {
  for (std::uint64_t seed = 1; seed <= programs(20); ++seed) {
    compare(RandomProgram({.seed = seed, .attempts = 400, .pause_us = 2}), {});
  }
}

TEST(RandomAttempts, EqualThePlainLoopUnderConsistentReads) {
  SpeculationOptions options = parallel();
  options.consistent_reads = true;
  for (std::uint64_t seed = 1; seed <= programs(60); ++seed) {
    compare(RandomProgram({.seed = seed, .attempts = 150, .keys = 8, .pause_us = 3}), options);
  }
}

// The serial loop takes back a stretch of attempts when one fails, or when a commit looks.
TEST(RandomAttempts, TheSerialLoopTakesBackWhatDoesNotCount) {
  for (std::uint64_t seed = 1; seed <= programs(240); ++seed) {
    const RandomProgram program({.seed = seed,
                                 .attempts = 300,
                                 .keys = static_cast<std::uint32_t>(3 + seed % 50),
                                 .fails = seed % 3 != 0,
                                 .stops = seed % 3 == 0,
                                 .look_every = seed % 4 == 0 ? 1 : seed % 17 * 7});
    const Outcome expected = run_plain(program);
    for (const int workers : {0, 1, 2}) {
      ASSERT_TRUE(run_with<detail::spec::Atomics>(program, {}, workers) == expected)
          << "seed " << seed << ", " << workers << " workers";
    }
  }
}

TEST(RandomAttempts, ModesMoveNothing) {
  for (std::uint64_t seed = 1; seed <= programs(24); ++seed) {
    SpeculationOptions options = parallel();
    options.consistent_reads = seed % 2 == 0;
    options.unwind = seed % 3 != 0;
    options.record = seed % 5 == 0;
    options.window = seed % 4 == 0 ? 64 : 1024;
    compare(RandomProgram({.seed = seed, .pause_us = static_cast<int>(seed % 4)}), options);
  }
}

}  // namespace
}  // namespace pel::testing
