// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "pel/error.hpp"
#include "tests/support/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  const pel::test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(Files, WhatIsWrittenIsRead) {
  const std::string text("one\0two", 7);
  pel::base::write_text(folder_ / "a", text);
  EXPECT_EQ(pel::base::read_text(folder_ / "a"), text);
  pel::base::write_text(folder_ / "a", "");
  EXPECT_EQ(pel::base::read_text(folder_ / "a"), "");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, ErrorsNameThePath) {
  try {
    pel::base::read_file(folder_ / "absent");
    FAIL() << "no error";
  } catch (const pel::Error& error) {
    EXPECT_EQ(error.place(), (folder_ / "absent").string());
  }
  EXPECT_THROW(pel::base::read_file(folder_), pel::Error);
  EXPECT_THROW(pel::base::write_text(folder_ / "no" / "such", "x"), pel::Error);
  pel::base::write_text(folder_ / "big", "0123456789");
  EXPECT_THROW(pel::base::read_file(folder_ / "big", 9), pel::Error);
  EXPECT_NO_THROW(pel::base::read_file(folder_ / "big", 10));
}

TEST_F(Files, AFullDiskLeavesTheOldFileAndNothingElse) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THROW(pel::base::write_text("/dev/full", "x"), pel::Error);
  pel::base::write_text(folder_ / "kept", "old");
  fs::create_directory(folder_ / "target");
  EXPECT_THROW(pel::base::write_text(folder_ / "target", "x"), pel::Error);
  EXPECT_EQ(pel::base::read_text(folder_ / "kept"), "old");
  EXPECT_EQ(entries(), 2u);
}

}  // namespace
