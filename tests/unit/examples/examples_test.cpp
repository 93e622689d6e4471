// SPDX-License-Identifier: Apache-2.0
// The programs of examples/ do what their first lines say.
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/files.hpp"
#include "tests/unit/cli/process.hpp"

namespace {

using pel::test::Ended;
using pel::test::run_process;
using pel::test::ScratchFolder;

TEST(Examples, SumHasTheSameBits) {
  const std::string serial =
      run_process({.arguments = {PEL_SUM}, .environment = {"PEL_WORKERS=0"}}).out;
  EXPECT_EQ(serial.substr(0, 7), "1.64493");
  for (const char* workers : {"PEL_WORKERS=1", "PEL_WORKERS=2", "PEL_WORKERS=5"}) {
    EXPECT_EQ(run_process({.arguments = {PEL_SUM}, .environment = {workers}}).out, serial);
  }
}

TEST(Examples, TheRaceIsFoundByLine) {
  std::istringstream lines(pel::base::read_text(PEL_RACE_SOURCE));
  std::string line;
  int number = 1;
  while (std::getline(lines, line) && line.find("sum += random") == std::string::npos) ++number;
  const Ended ended = run_process({.arguments = {PEL_FIND_THE_RACE, "--verify"}});
  EXPECT_EQ(ended.code, 1) << ended.out;
  EXPECT_NE(ended.err.find("cause: for_each at "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("find_the_race.cpp:" + std::to_string(number) + ","), std::string::npos)
      << ended.err;
}

TEST(Examples, TheFixedOnePasses) {
  const Ended ended = run_process({.arguments = {PEL_FIND_THE_RACE, "--fixed", "--verify"}});
  EXPECT_EQ(ended.code, 0) << ended.err;
}

// Independent of its neighbours and with nobody left out; a matching with nobody to add: the
// program itself compares with the serial loops, and fails if they differ.
TEST(Examples, GreedyGraphsEqualTheSerialOnes) {
  std::string first;
  for (const char* workers : {"0", "1", "2", "5"}) {
    const Ended ended = run_process({.arguments = {PEL_GREEDY_GRAPH, "--workers", workers}});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_NE(ended.out.find("matching: "), std::string::npos) << ended.out;
    if (first.empty()) first = ended.out;
    EXPECT_EQ(ended.out, first);
  }
}

TEST(Examples, TemplateHasAllTheFlags) {
  const ScratchFolder scratch;
  const std::string out = scratch.path("out"), trace = scratch.path("trace.json"),
                    metrics = scratch.path("metrics.txt");
  const Ended ended = run_process(
      {.arguments = {PEL_TEMPLATE, "--seed", "7", "--workers", "3", "--json", "--verify", "--out",
                     out, "--trace", trace, "--metrics", metrics}});
  EXPECT_EQ(ended.code, 0) << ended.err;
  for (const char* part : {"\"workers\": 3", "\"seed\": 7", "\"equal\": true", "\"digest\": \""}) {
    EXPECT_NE(ended.out.find(part), std::string::npos) << ended.out;
  }
  EXPECT_TRUE(pel::base::read_text(out).starts_with("mean 0."));
  EXPECT_NE(pel::base::read_text(trace).find("transform_reduce"), std::string::npos);
  EXPECT_NE(pel::base::read_text(metrics).find("pel_"), std::string::npos);
  EXPECT_EQ(run_process({.arguments = {PEL_TEMPLATE, "--help"}}).code, 0);
}

}  // namespace
