// SPDX-License-Identifier: Apache-2.0
#include "pel/observe.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/observe/progress_line.hpp"

namespace {

std::string line_of(std::string_view label, std::uint64_t done, std::uint64_t total,
                    double elapsed_s, int columns = 79) {
  char line[600];
  return {line, pel::observe::format_progress({label, done, total, elapsed_s}, columns, line)};
}

TEST(ProgressLine, ShowsPartAndTimeLeft) {
  EXPECT_EQ(line_of("render", 50, 100, 10),
            "\rrender [############------------]  50%  10s left\x1b[K");
  EXPECT_EQ(line_of("render", 0, 100, 10), "\rrender [------------------------]   0%\x1b[K");
  EXPECT_EQ(line_of("x", 1, 4, 100), "\rx [######------------------]  25%  5:00 left\x1b[K");
  EXPECT_EQ(line_of("x", 1, 4, 3600), "\rx [######------------------]  25%  3:00:00 left\x1b[K");
  EXPECT_EQ(line_of("x", 5, 4, 1), "\rx [########################] 100%  0s left\x1b[K");
  EXPECT_EQ(line_of("load", 12, 0, 1), "\rload 12 done\x1b[K");
}

TEST(ProgressLine, FitsTheTerminal) {
  for (int columns = 0; columns < 90; ++columns) {
    const std::string line = line_of("a long name of some workload", 30, 100, 50, columns);
    EXPECT_LE(static_cast<int>(line.size()) - 4, columns);
  }
}

TEST(Progress, CountsExactlyUnderThreads) {
  pel::Progress progress;
  progress.set_total(400000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50000; ++i) progress.add(2);
    });
  }
  std::uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t now = progress.done();
    EXPECT_GE(now, last);
    EXPECT_LE(now, 400000u);
    last = now;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(progress.done(), 400000u);
  EXPECT_EQ(progress.total(), 400000u);
  progress.reset();
  EXPECT_EQ(progress.done(), 0u);
}

TEST(Progress, CountingBodiesAreCountedWhenTheyReturn) {
  pel::Progress progress;
  const auto body = progress.counting([](int i) {
    if (i == 7) throw std::runtime_error("seven");
    return i * 2;
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(body(i), i * 2);
  EXPECT_THROW(body(7), std::runtime_error);
  EXPECT_EQ(progress.done(), 5u);
  int seen = 0;
  progress.counting([&](int& v) { seen = ++v; })(seen);
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(progress.done(), 6u);
}

void work_for_a_moment() {
  pel::Progress progress("demo");
  progress.set_total(60);
  for (int i = 0; i < 30; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    progress.add();
  }
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = ::read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<size_t>(n));
  return text;
}

// Runs `body` in a child whose stderr is a terminal, and returns what the terminal got.
std::string on_terminal(void (*body)()) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    body();
    ::_exit(0);
  }
  std::string text = read_all(terminal);
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return text;
}

TEST(Progress, DrawsAndClearsOnATerminal) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string text = on_terminal(work_for_a_moment);
  const auto tenths = (std::chrono::steady_clock::now() - begin) / std::chrono::milliseconds(100);
  EXPECT_NE(text.find("\rdemo ["), std::string::npos) << text;
  EXPECT_NE(text.find("% "), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
  int bars = 0;
  for (auto at = text.find("demo ["); at != text.npos; at = text.find("demo [", at + 1)) ++bars;
  EXPECT_LE(bars, tenths + 1) << "redrawn too often";
}

TEST(Progress, SignalHandlerCanClearTheLine) {
  const std::string text = on_terminal([] {
    std::signal(SIGINT, [](int) {
      pel::Progress::clear_terminal();
      ::_exit(130);
    });
    pel::Progress progress("demo");
    progress.set_total(100);
    for (int i = 0; i < 30; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      progress.add();
    }
    std::raise(SIGINT);
  });
  EXPECT_NE(text.find("\rdemo ["), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
}

TEST(Progress, WritesNothingIntoAPipe) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe_ends[1], STDERR_FILENO);
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
    work_for_a_moment();
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  EXPECT_EQ(read_all(pipe_ends[0]), "");
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
