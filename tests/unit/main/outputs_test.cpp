// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/outputs.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/files.hpp"
#include "pel/error.hpp"
#include "tests/support/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;
using pel::runtime::check_writable;

// Whether the folder's file system has files without a name.
bool has_unnamed_files(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0;
}

TEST(Outputs, RefusalsNameTheOption) {
  const pel::test::ScratchFolder scratch;
  for (const std::string& path :
       {scratch.path().string(), scratch.path("no/such"), std::string("/proc/x")}) {
    try {
      check_writable({{"--out", path}});
      ADD_FAILURE() << path;
    } catch (const pel::Error& error) {
      EXPECT_EQ(error.place(), "--out");
    }
  }
  EXPECT_TRUE(scratch.empty());
}

// A kill in the middle of asking must leave nothing: so nothing may have a name at any moment.
TEST(Outputs, AskingMakesNoName) {
  const pel::test::ScratchFolder scratch;
  if (!has_unnamed_files(scratch.path())) GTEST_SKIP() << "no unnamed files on this file system";
  pel::base::write_text(scratch.path("there"), "old");
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(watch, 0);
  const auto mask = IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVE;
  ASSERT_GE(::inotify_add_watch(watch, scratch.path().c_str(), mask), 0);
  check_writable({{"--out", scratch.path("new")}, {"--trace", scratch.path("there")}});
  alignas(inotify_event) char events[4096];
  EXPECT_EQ(::read(watch, events, sizeof events), -1) << "something was made, changed or removed";
  ::close(watch);
  EXPECT_EQ(pel::base::read_text(scratch.path("there")), "old");
}

}  // namespace
