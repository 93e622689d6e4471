// SPDX-License-Identifier: Apache-2.0
// --verify on algorithms that are templates on a loops policy: it must name the workload's own file
// and line, not the policy's.
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/files.hpp"
#include "tests/unit/cli/process.hpp"

namespace pel::test {
namespace {

Ended verify(const std::string& fault) {
  return run_process({.arguments = {PEL_RACY, fault, "--verify"}});
}

std::string line_of(const std::string& mark) {
  const std::string source = "racy_workload.hpp";
  std::istringstream lines(base::read_text(PEL_RACY_SOURCES "/" + source));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.find("// [" + mark + "]") != std::string::npos) {
      return source + ":" + std::to_string(number);
    }
  }
  return "no such mark";
}

TEST(PolicyVerify, NamesTheWorkloadsOwnLine) {
  for (const char* fault : {"each", "tiles", "reduce", "blocks"}) {
    const Ended ended = verify(fault);
    EXPECT_EQ(ended.code, 1) << fault;
    const std::size_t cause = ended.err.find("cause: ");
    ASSERT_NE(cause, std::string::npos) << fault << ": " << ended.err;
    EXPECT_NE(ended.err.find(line_of(fault) + ",", cause), std::string::npos)
        << ended.err << "expected " << line_of(fault);
    EXPECT_EQ(ended.err.find("plain_loops.hpp"), std::string::npos) << ended.err;
  }
}

TEST(PolicyVerify, PassesWhatIsSound) {
  const Ended ended = verify("sound");
  EXPECT_EQ(ended.code, 0) << ended.err;
}

}  // namespace
}  // namespace pel::test
