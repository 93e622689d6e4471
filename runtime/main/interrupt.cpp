// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "pel/detail/base/check.hpp"
#include "pel/observe.hpp"

namespace pel::runtime {
namespace {

constexpr std::chrono::seconds kGrace{2};

// What the handler touches: lock-free atomics and a descriptor, nothing else.
std::atomic<int> signal_received{0};
std::atomic<int> protected_sections{0};
std::atomic<bool> deadline_over{false};
std::atomic<int> wake_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

int code_for(int signal) { return 128 + signal; }

[[noreturn]] void leave(int code, const char* line) {
  Progress::clear_terminal();
  // One write of a prepared line: this may run in a signal handler.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line, std::strlen(line));
  _exit(code);
}

void on_signal(int signal) {
  const int saved = errno;
  int none = 0;
  const bool first = signal_received.compare_exchange_strong(none, signal);
  if (!first && protected_sections.load() == 0) {
    leave(code_for(signal), "stopped at once; nothing half-written\n");
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_fd.load(), &one, sizeof one);
  errno = saved;
}

}  // namespace

struct Interrupt::Watcher {
  std::string name;
  double deadline_s;
  std::function<void()> on_stop;
  int fd = -1;
  std::atomic<bool> done{false};
  struct sigaction old_int {
  }, old_term{};
  std::thread thread{};

  using Clock = std::chrono::steady_clock;

  void wait_until(Clock::time_point end, bool limited) const {
    int timeout_ms = -1;
    if (limited) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      timeout_ms = static_cast<int>(std::min<long long>(std::max<long long>(left, 0), 1 << 30));
    }
    pollfd entry{fd, POLLIN, 0};
    if (poll(&entry, 1, timeout_ms) > 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = read(fd, &count, sizeof count);
    }
  }

  // Ends when the run is done or has been asked to stop.
  bool wait_for_reason(Clock::time_point deadline) {
    while (!done.load()) {
      if (signal_received.load() != 0) return true;
      if (deadline_s > 0 && Clock::now() >= deadline) {
        deadline_over.store(true);
        return true;
      }
      wait_until(deadline, deadline_s > 0);
    }
    return false;
  }

  void watch() {
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(deadline_s));
    if (!wait_for_reason(deadline)) return;
    on_stop();
    const auto end = Clock::now() + kGrace;
    while (!done.load() && (Clock::now() < end || protected_sections.load() > 0)) {
      wait_until(std::max(end, Clock::now() + std::chrono::milliseconds(50)), true);
    }
    if (done.load()) return;
    const bool by_signal = signal_received.load() != 0;
    const std::string line = name + (by_signal ? ": stopped; nothing was written\n"
                                               : ": deadline passed; nothing was written\n");
    leave(by_signal ? code_for(signal_received.load()) : 1, line.c_str());
  }
};

Interrupt::Interrupt(std::string name, double deadline_s, std::function<void()> on_stop)
    : watcher_(new Watcher{std::move(name), deadline_s, std::move(on_stop)}) {
  watcher_->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  PEL_CHECK(watcher_->fd >= 0);
  PEL_CHECK(wake_fd.exchange(watcher_->fd) == -1);
  deadline_over.store(false);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &watcher_->old_int);
  sigaction(SIGTERM, &action, &watcher_->old_term);
  watcher_->thread = std::thread([watcher = watcher_] { watcher->watch(); });
}

Interrupt::~Interrupt() {
  watcher_->done.store(true);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(watcher_->fd, &one, sizeof one);
  watcher_->thread.join();
  sigaction(SIGINT, &watcher_->old_int, nullptr);
  sigaction(SIGTERM, &watcher_->old_term, nullptr);
  wake_fd.store(-1);
  close(watcher_->fd);
  delete watcher_;
}

bool Interrupt::interrupted() noexcept { return signal_received.load() != 0; }
bool Interrupt::deadline_passed() noexcept { return deadline_over.load(); }
int Interrupt::exit_code() noexcept { return code_for(signal_received.load()); }

Interrupt::Protected::Protected() noexcept { protected_sections.fetch_add(1); }
Interrupt::Protected::~Protected() { protected_sections.fetch_sub(1); }

}  // namespace pel::runtime
