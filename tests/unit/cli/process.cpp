// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cli/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>

#include "pel/detail/base/check.hpp"

namespace pel::test {
namespace {

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { PEL_CHECK(pipe2(ends, O_CLOEXEC) == 0); }
};

[[noreturn]] void become(const Start& start, int out, int err) {
  if (!start.folder.empty()) PEL_CHECK(chdir(start.folder.c_str()) == 0);
  const int in = open("/dev/null", O_RDONLY);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  setpgid(0, 0);
  std::vector<std::string> words = start.arguments;
  std::vector<std::string> variables = start.environment;
  for (std::string& variable : variables) putenv(variable.data());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  _exit(127);
}

// Reads both pipes until both are closed.
void drain(int out, int err, Ended& ended) {
  pollfd entries[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  std::string* texts[2] = {&ended.out, &ended.err};
  char buffer[4096];
  while (entries[0].fd >= 0 || entries[1].fd >= 0) {
    poll(entries, 2, -1);
    for (int i = 0; i < 2; ++i) {
      if (entries[i].fd < 0 || entries[i].revents == 0) continue;
      const ssize_t got = read(entries[i].fd, buffer, sizeof buffer);
      if (got > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(got));
      } else {
        close(entries[i].fd);
        entries[i].fd = -1;
      }
    }
  }
}

// Whether the process has a handler for SIGINT: before that, a signal would just end it.
bool catches_interrupt(pid_t pid) {
  constexpr std::string_view kCaught = "SigCgt:";
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (!line.starts_with(kCaught)) continue;
    return (std::stoull(line.substr(kCaught.size()), nullptr, 16) >> (SIGINT - 1) & 1) != 0;
  }
  return false;
}

// However long a busy machine takes to start the process.
void interrupt_when_ready(std::stop_token stop, pid_t pid, const Start& start) {
  const auto wait = [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  while (!catches_interrupt(pid)) {
    if (stop.stop_requested()) return;
    wait(1);
  }
  wait(start.signal_after_ms);
  start.before_signal();
  kill(pid, SIGINT);
}

}  // namespace

Ended run_process(const Start& start) {
  const Pipe out, err;
  const pid_t pid = fork();
  PEL_CHECK(pid >= 0);
  if (pid == 0) become(start, out.ends[1], err.ends[1]);
  close(out.ends[1]);
  close(err.ends[1]);
  std::jthread killer;
  if (start.signal_after_ms >= 0) {
    killer = std::jthread(interrupt_when_ready, pid, std::cref(start));
  }
  Ended ended;
  drain(out.ends[0], err.ends[0], ended);
  killer = {};  // joined before the number of the process may be another's
  int status = 0;
  waitpid(pid, &status, 0);
  ended.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended;
}

int line_count(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace pel::test
