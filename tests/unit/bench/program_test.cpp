// SPDX-License-Identifier: Apache-2.0
// The program pel-bench, run as a process: what it refuses and how it ends.
#include <gtest/gtest.h>

#include "tests/unit/cli/process.hpp"

namespace pel::test {
namespace {

Ended bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), PEL_BENCH);
  return run_process({.arguments = arguments});
}

TEST(BenchProgram, RefusesWithOneLineBeforeMeasuring) {
  const ScratchFolder scratch;
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"nope"},
                                             {"--pairs", "0"},
                                             {"--workers", "0"},
                                             {"--workers", "1,,2"},
                                             {"--sizes", "-1"},
                                             {"--pairs"},
                                             {"--filter", "("},
                                             {"scaling", "--plot", ""},
                                             {"scaling", "--plot", scratch.path().string()},
                                             {"scaling", "--plot", scratch.path("no/such.svg")}}) {
    const Ended ended = bench(arguments);
    EXPECT_EQ(ended.code, 2) << arguments.back();
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(line_count(ended.err), 1) << ended.err;
  }
  EXPECT_TRUE(scratch.empty());
}

TEST(BenchProgram, AFullDiskIsAnError) {
  Start start;
  start.arguments = {
      "/bin/sh", "-c",
      "\"$0\" forkjoin --filter ^fib$ --sizes 30 --peers plain --workers 1 --pairs 3 "
      ">/dev/full; echo $?",
      PEL_BENCH};
  const Ended ended = run_process(start);
  EXPECT_EQ(ended.out, "2\n") << ended.err;
  EXPECT_EQ(line_count(ended.err), 1) << ended.err;
}

// Rows of many minutes. The process that measures holds the same stderr, so that this waits for its
// end too: were it left behind, ctest would end the test.
TEST(BenchProgram, CtrlCEndsItWithItsMeasuringProcess) {
  Start start;
  start.arguments = {PEL_BENCH, "limits", "--filter", "idle_ns", "--pairs", "1000"};
  start.signal_after_ms = 300;
  const Ended ended = run_process(start);
  EXPECT_EQ(ended.code, 130);
  EXPECT_EQ(ended.err, "pel bench: stopped\n");
}

}  // namespace
}  // namespace pel::test
