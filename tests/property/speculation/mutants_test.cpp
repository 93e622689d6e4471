// SPDX-License-Identifier: Apache-2.0
// Faults planted in the shipped headers must show: each is a policy with one Bug, under the same
// random programs that the shipped engine passes.
#include <gtest/gtest.h>

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
bool caught(const ProgramOptions& program, std::uint64_t seeds = 300) {
  SpeculationOptions options;
  options.always_parallel = true;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    ProgramOptions with_seed = program;
    with_seed.seed = seed;
    const RandomProgram random(with_seed);
    if (!(run_with<P>(random, options, 3) == run_plain(random))) return true;
  }
  return false;
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

}  // namespace
}  // namespace pel::testing
