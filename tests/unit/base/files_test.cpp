// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
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

// The kernel ends the process in the middle of a write: at a limit on file sizes, by a signal.
TEST_F(Files, AKillInTheMiddleLeavesNothing) {
  const std::string text(1 << 20, 'x');
  const auto write_limited = [&] {
    const rlimit limit{1 << 16, 1 << 16}, none{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::setrlimit(RLIMIT_CORE, &none);
    pel::base::write_text(folder_ / "big", text);
  };
  EXPECT_EXIT(write_limited(), ::testing::KilledBySignal(SIGXFSZ), "");
  EXPECT_EQ(entries(), 0u);
}

TEST_F(Files, WhatAnotherLeftBehindIsInNobodysWay) {
  const std::string left = "a.part" + std::to_string(::getpid());
  pel::base::write_text(folder_ / left, "left");
  for (const char* text : {"one", "two"}) {
    pel::base::write_text(folder_ / "a", text);
    EXPECT_EQ(pel::base::read_text(folder_ / "a"), text);
  }
  EXPECT_EQ(pel::base::read_text(folder_ / left), "left");
  EXPECT_EQ(entries(), 2u);
}

}  // namespace
