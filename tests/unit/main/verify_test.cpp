// SPDX-License-Identifier: Apache-2.0
// --verify on a user's program with planted faults (faulty_program.cpp): it must name their lines.
#include "runtime/main/verify.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/files.hpp"
#include "tests/unit/cli/process.hpp"

namespace {

using pel::test::Ended;
using pel::test::line_count;
using pel::test::run_process;

Ended verify(const std::string& fault) {
  return run_process({.arguments = {PEL_FAULTY, fault, "--verify"}, .environment = {}});
}

// "faulty_program.cpp:LINE" of the line that carries "// [mark]".
std::string line_of(const std::string& mark) {
  std::istringstream lines(pel::base::read_text(PEL_FAULTY_SOURCE));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find("// [" + mark + "]") != std::string::npos) {
      return "faulty_program.cpp:" + std::to_string(number);
    }
  }
  return "no such mark";
}

void expect_cause(const std::string& fault, const std::string& mark) {
  const Ended ended = verify(fault);
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(line_count(ended.err), 1) << ended.err;
  const std::size_t cause = ended.err.find("cause: for_each at ");
  ASSERT_NE(cause, std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find(line_of(mark) + ",", cause), std::string::npos)
      << ended.err << "expected " << line_of(mark);
}

TEST(Verify, SoundProgramsPass) {
  for (const char* program : {"sound", "global"}) {
    const Ended ended = verify(program);
    EXPECT_EQ(ended.code, 0) << program << ": " << ended.err;
    EXPECT_NE(ended.out.find("the same bits in 9 runs"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("-fsanitize=thread"), std::string::npos);
  }
}

TEST(Verify, NamesTheLoopOfARace) { expect_cause("race", "race"); }
TEST(Verify, NamesTheLoopWhoseOrderShows) { expect_cause("locked", "locked"); }
TEST(Verify, NamesAnInnerLoop) { expect_cause("inner", "inner"); }
TEST(Verify, NamesTheLoopThatCrashes) { expect_cause("crash", "crash"); }

TEST(Verify, NamesTheCauseBehindWhatMovedFirst) {
  expect_cause("later", "cause");
  const Ended ended = verify("later");
  EXPECT_NE(ended.err.find("transform_reduce at "), std::string::npos) << ended.err;
}

TEST(Verify, ComparesWatchedValues) {
  const Ended ended = verify("watch");
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.err.find("watch at "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find(line_of("watch")), std::string::npos) << ended.err;
}

TEST(Verify, TellsSerialDifferencesApart) {
  const Ended ended = verify("clock");
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.err.find("two runs without any thread differ"), std::string::npos) << ended.err;
}

TEST(Verify, SaysWhenItIsATask) {
  const Ended ended = verify("forked");
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.err.find("cause: a task"), std::string::npos) << ended.err;
}

TEST(Verify, TheSameErrorIsNoDifference) {
  const Ended ended = verify("failing");
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.err, "faulty: element 57: is odd in a bad way\n");
}

TEST(Verify, WithoutItNothingIsCompared) {
  const Ended ended = run_process({.arguments = {PEL_FAULTY, "clock"}, .environment = {}});
  EXPECT_EQ(ended.code, 0) << ended.err;
}

TEST(VerifyPlans, CoverTheWorkerCounts) {
  std::string words;
  for (const auto& plan : pel::runtime::verify_plans(4, 1)) words += plan.words() + "; ";
  for (const char* part : {"1 worker, ", "2 workers, ", "3 workers, ", "8 workers, ", "reversed",
                           "shuffled", "delayed"}) {
    EXPECT_NE(words.find(part), std::string::npos) << part;
  }
}

}  // namespace
