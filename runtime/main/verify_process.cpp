// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/verify_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "runtime/main/interrupt.hpp"

extern char** environ;

namespace pel::runtime {
namespace {

constexpr const char* kVariable = "PEL_VERIFY_PROCESS";  // "PLAN_FD,REPORT_FD"

std::atomic<pid_t> running_process{0};

// A nameless file in memory that a child process inherits.
class SharedFile {
 public:
  SharedFile() : fd_(memfd_create("pel-verify", 0)) {
    if (fd_ < 0) throw Error("--verify", "no file in memory", std::strerror(errno));
  }
  ~SharedFile() { close(fd_); }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw Error("--verify", "cannot keep a report", std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_whole(int fd) {
  std::string text;
  char buffer[1 << 16];
  off_t offset = 0;
  ssize_t got = 0;
  while ((got = pread(fd, buffer, sizeof buffer, offset)) > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
    offset += got;
  }
  return text;
}

std::vector<std::string> own_command_line() {
  const std::string raw = base::read_text("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = std::min(raw.find('\0', at), raw.size());
    words.push_back(raw.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::vector<std::string> child_environment(int plan_fd, int report_fd) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with("PEL_VERIFY=") && !variable.starts_with("PEL_WORKERS=")) {
      variables.emplace_back(variable);
    }
  }
  variables.push_back(std::string(kVariable) + "=" + std::to_string(plan_fd) + "," +
                      std::to_string(report_fd));
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t start(int plan_fd, int report_fd, int stderr_fd) {
  std::vector<std::string> arguments = own_command_line();
  std::vector<std::string> variables = child_environment(plan_fd, report_fd);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, stderr_fd, STDERR_FILENO);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr,
                                 pointers_to(arguments).data(), pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw Error("--verify", "cannot start the program again", std::strerror(failed));
  return pid;
}

// Waits for the process; true if it had to be stopped because it took too long.
bool wait_for(pid_t pid, double limit_s, int& status) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  bool late = false;
  if (fd >= 0) {
    pollfd entry{fd, POLLIN, 0};
    const int limit_ms = static_cast<int>(std::min(limit_s * 1e3, 2e9));
    late = poll(&entry, 1, limit_ms) == 0;
    close(fd);
    if (late) kill(pid, SIGKILL);
  }
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return late;
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const std::size_t before = text.find_last_of('\n', end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return text.substr(begin, end - begin + 1);
}

std::string how_it_ended(int status, const std::string& stderr_text) {
  const std::string line = last_line(stderr_text);
  const std::string detail = line.empty() ? "" : " (" + line + ")";
  if (WIFSIGNALED(status)) {
    return std::string("killed by ") + strsignal(WTERMSIG(status)) + detail;
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(status)) + detail;
}

}  // namespace

VerifyReport run_in_process(const VerifyPlan& plan, double limit_s) {
  if (Interrupt::stopping()) throw Cancelled("stopped");
  const SharedFile plan_file, report_file, stderr_file;
  write_all(plan_file.fd(), plan.encode());
  int status = 0;
  const pid_t pid = start(plan_file.fd(), report_file.fd(), stderr_file.fd());
  running_process.store(pid);
  if (Interrupt::stopping()) kill(pid, SIGKILL);
  const bool late = wait_for(pid, limit_s, status);
  running_process.store(0);
  if (Interrupt::stopping()) throw Cancelled("stopped");
  const std::string report = read_whole(report_file.fd());
  if (!late && WIFEXITED(status) && WEXITSTATUS(status) == 0 && !report.empty()) {
    return VerifyReport::decode(report);
  }
  VerifyReport died;
  died.late = late;
  died.seconds = late ? limit_s : 0;
  died.error = late ? "not done after " + std::to_string(static_cast<int>(limit_s)) + " s"
                    : how_it_ended(status, read_whole(stderr_file.fd()));
  return died;
}

void stop_process() noexcept {
  const pid_t pid = running_process.load();
  if (pid > 0) kill(pid, SIGKILL);
}

std::optional<VerifyAssignment> VerifyAssignment::take() {
  const char* value = std::getenv(kVariable);
  if (value == nullptr) return {};
  int plan_fd = -1;
  VerifyAssignment assignment;
  if (std::sscanf(value, "%d,%d", &plan_fd, &assignment.report_fd_) != 2) {
    throw Error(kVariable, "is set by --verify, not by hand");
  }
  unsetenv(kVariable);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  assignment.plan_ = VerifyPlan::decode(read_whole(plan_fd));
  return assignment;
}

void VerifyAssignment::report(const VerifyReport& report) const {
  write_all(report_fd_, report.encode());
}

}  // namespace pel::runtime
