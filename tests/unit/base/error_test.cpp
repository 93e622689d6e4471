// SPDX-License-Identifier: Apache-2.0
#include "pel/error.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Error, SaysPlaceReasonAndAdvice) {
  EXPECT_STREQ(pel::Error("a.csv:3", "not a number", "use a dot").what(),
               "a.csv:3: not a number (use a dot)");
  EXPECT_STREQ(pel::Error("a.csv", "is empty").what(), "a.csv: is empty");
  EXPECT_STREQ(pel::Error("", "no place").what(), "no place");
}

}  // namespace
