// SPDX-License-Identifier: Apache-2.0
// Faults planted in the shipped headers must show: each is a policy with one Bug, under the same
// random programs that the shipped engine passes.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/property/speculation/random_program.hpp"

namespace pel::testing {
namespace {

using detail::spec::Bug;

template <Bug kPlanted>
struct Planted : detail::spec::Atomics {
  static constexpr Bug kSpecBug = kPlanted;
};

// Whether some program comes out wrong under the policy.
template <class P>
bool caught(const ProgramOptions& program, std::uint64_t seeds = 300, bool consistent = false) {
  SpeculationOptions options;
  options.always_parallel = true;
  options.consistent_reads = consistent;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    ProgramOptions with_seed = program;
    with_seed.seed = seed;
    const RandomProgram random(with_seed);
    if (!(run_with<P>(random, options, 3) == run_plain(random))) return true;
  }
  return false;
}

// Whether some run under consistent_reads sees two keys apart whose sum all attempts keep, or the
// sum is off in the end. Attempts move a unit between keys of one of two pairs, in either order.
template <class P>
bool sees_torn(int rounds) {
  using Engine = detail::spec::Engine<P, Key, Value>;
  SpeculationOptions options;
  options.always_parallel = true;
  options.consistent_reads = true;
  std::atomic<bool> torn{false};
  const auto base = [](Key) -> Value { return 1000; };
  const auto fn = [&](std::size_t i, auto& view) {
    const Key first = static_cast<Key>(i / 2 % 2 * 2 + i % 2), second = first ^ 1;
    const Value a = view.read(first);
    if (i % 16 == 0) std::this_thread::yield();
    const Value b = view.read(second);
    if (a + b != 2000) torn = true;
    view.write(first, a - 1);
    if (i % 8 == 0) std::this_thread::yield();
    view.write(second, b + 1);
  };
  std::nullptr_t none{};
  ExecutorOptions settings;
  settings.workers = 4;
  settings.oversubscribe = true;
  Executor executor(settings);
  executor.run([&] {
    Engine engine(options);
    for (int round = 0; round < rounds && !torn; ++round) {
      detail::spec::TypedProgram<P, Key, Value, decltype(base), decltype(fn), std::nullptr_t,
                                 std::nullptr_t>
          program{base, fn, none, none};
      engine.run(400, program.erased());
      Value sum = 0;
      engine.store().ground().for_each_written([&](Key, Value value) { sum += value; });
      if (sum != 4000) torn = true;
    }
  });
  return torn;
}

const ProgramOptions kFew = {.attempts = 150, .keys = 8, .patience = 10'000, .pause_us = 3};
const ProgramOptions kFailing = {
    .attempts = 150, .keys = 8, .fails = true, .patience = 10'000, .pause_us = 3};

TEST(PlantedBugs, NoneIsNotCaught) {
  EXPECT_FALSE(caught<Planted<Bug::kNone>>(kFew, 30));
  EXPECT_FALSE(caught<Planted<Bug::kNone>>(kFailing, 30));
}
TEST(PlantedBugs, NoValidation) { EXPECT_TRUE(caught<Planted<Bug::kNoValidation>>(kFew)); }
TEST(PlantedBugs, LostPush) { EXPECT_TRUE(caught<Planted<Bug::kLostPush>>(kFew)); }
TEST(PlantedBugs, StaleRead) { EXPECT_TRUE(caught<Planted<Bug::kStaleRead>>(kFew)); }
TEST(PlantedBugs, CommitOutOfOrder) { EXPECT_TRUE(caught<Planted<Bug::kCommitOutOfOrder>>(kFew)); }
TEST(PlantedBugs, AddTwice) { EXPECT_TRUE(caught<Planted<Bug::kAddTwice>>(kFew)); }
TEST(PlantedBugs, PredicateTrusted) { EXPECT_TRUE(caught<Planted<Bug::kPredicateTrusted>>(kFew)); }
TEST(PlantedBugs, KeepsOldWrites) { EXPECT_TRUE(caught<Planted<Bug::kKeepsOldWrites>>(kFew)); }
TEST(PlantedBugs, BlindToOwnWrites) { EXPECT_TRUE(caught<Planted<Bug::kBlindToOwnWrites>>(kFew)); }
TEST(PlantedBugs, ErrorUnvalidated) {
  EXPECT_TRUE(caught<Planted<Bug::kErrorUnvalidated>>(kFailing));
}

TEST(PlantedBugs, NoneIsNotCaughtUnderConsistentReads) {
  EXPECT_FALSE(caught<Planted<Bug::kNone>>(kFew, 30, true));
  EXPECT_FALSE(sees_torn<Planted<Bug::kNone>>(20));
}
TEST(PlantedBugs, HiddenUnseen) {
  EXPECT_TRUE(caught<Planted<Bug::kHiddenUnseen>>(kFew, 20'000, true));
}
TEST(PlantedBugs, TornPublish) { EXPECT_TRUE(sees_torn<Planted<Bug::kTornPublish>>(2000)); }

}  // namespace
}  // namespace pel::testing
