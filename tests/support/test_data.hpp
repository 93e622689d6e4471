// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace pel::test {

// The folder of real blocks and official fixtures; nothing where there is none.
inline std::optional<std::filesystem::path> test_data() {
  const char* named = std::getenv("PEL_TESTDATA");
  const std::filesystem::path folder = named != nullptr
                                           ? std::filesystem::path(named)
                                           : std::filesystem::current_path() / "../shared/testdata";
  return std::filesystem::exists(folder) ? std::optional(folder) : std::nullopt;
}

}  // namespace pel::test

#define NEED_TEST_DATA(variable)                \
  const auto variable = pel::test::test_data(); \
  if (!variable)                                \
  GTEST_SKIP() << "no test data: there is none in $PEL_TESTDATA, or in ../shared/testdata"
