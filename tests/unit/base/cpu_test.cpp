// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "pel/error.hpp"

namespace pel::base {
namespace {

constexpr CpuFeatures kAll{.v3 = true, .v4 = true, .adx = true, .sha = true};

TEST(Cpu, ALevelLeavesWhatIsBelowIt) {
  EXPECT_EQ(limited_to(kAll, "x86-64"), CpuFeatures{});
  EXPECT_EQ(limited_to(kAll, "x86-64-v2"), CpuFeatures{});
  EXPECT_EQ(limited_to(kAll, "x86-64-v3"), CpuFeatures{.v3 = true});
  EXPECT_EQ(limited_to(kAll, "x86-64-v4"), (CpuFeatures{.v3 = true, .v4 = true}));
}

TEST(Cpu, ALevelGivesNothingThatTheCpuLacks) {
  for (const char* level : {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    EXPECT_EQ(limited_to({}, level), CpuFeatures{}) << level;
  }
}

TEST(Cpu, OtherWordsAreRefused) {
  const std::string before = getenv(kCpuVariable) ? getenv(kCpuVariable) : "";
  for (const char* word : {"v3", "x86-64-v5", "X86-64", " x86-64-v2", "avx2"}) {
    EXPECT_EQ(limited_to(kAll, word), std::nullopt) << word;
    setenv(kCpuVariable, word, 1);
    EXPECT_THROW(check_cpu_variable(), Error) << word;
  }
  for (const char* word : {"", "x86-64-v2", "x86-64-v4"}) {
    setenv(kCpuVariable, word, 1);
    EXPECT_NO_THROW(check_cpu_variable()) << word;
  }
  setenv(kCpuVariable, before.c_str(), 1);
}

// Under another value of the variable in each of the runs that tests/unit/CMakeLists.txt adds.
TEST(Cpu, WhatMayBeUsedIsWhatTheVariableLeaves) {
  const char* level = getenv(kCpuVariable);
  const CpuFeatures left = limited_to(kAll, level == nullptr ? "" : level).value_or(kAll);
  const CpuFeatures& usable = cpu_features();
  EXPECT_LE(usable.v3, left.v3);
  EXPECT_LE(usable.v4, left.v4);
  EXPECT_LE(usable.adx, left.adx);
  EXPECT_LE(usable.sha, left.sha);
}

}  // namespace
}  // namespace pel::base
