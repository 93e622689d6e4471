// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "pel/observe.hpp"
#include "runtime/observe/progress_line.hpp"
#include "runtime/observe/progress_list.hpp"

namespace pel {
namespace {

constexpr std::int64_t kRedrawNs = 100'000'000;
constexpr std::string_view kClearLine = "\r\x1b[K";

// How many bars have text on the terminal: what clear_terminal(), in a signal handler, may look at.
std::atomic<int> bars_on_terminal{0};

std::int64_t now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool terminal_takes_output() noexcept {
  pollfd descriptor{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&descriptor, 1, 0) == 1 && (descriptor.revents & POLLOUT) != 0;
}

void put(std::string_view text) noexcept {
  // A bar that cannot be written is not worth an error.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

int terminal_columns() noexcept {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool draws_on_stderr() noexcept {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && !(kind != nullptr && std::string_view(kind) == "dumb");
}

// Each thread adds to one stripe for life; threads are dealt round robin.
std::size_t stripe_of_thread(std::size_t stripes) noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine % stripes;
}

}  // namespace

struct Progress::Bar {
  void maybe_draw(const Progress& progress) noexcept {
    const std::int64_t now = now_ns();
    if (now < next_ns.load(std::memory_order_relaxed) || drawing.test_and_set()) return;
    if (now >= next_ns.load(std::memory_order_relaxed) && !finished && terminal_takes_output()) {
      next_ns.store(now + kRedrawNs, std::memory_order_relaxed);
      char line[512];
      const std::int64_t elapsed_ns = now - start_ns.load(std::memory_order_relaxed);
      const observe::ProgressState state{progress.label(), progress.done(), progress.total(),
                                         static_cast<double>(elapsed_ns) * 1e-9};
      const int columns = std::min(terminal_columns() - 1, 400);
      put({line, observe::format_progress(state, columns, line)});
      if (!std::exchange(on_terminal, true)) bars_on_terminal.fetch_add(1);
    }
    drawing.clear();
  }

  void finish() noexcept {
    while (drawing.test_and_set()) {
    }
    finished = true;
    if (std::exchange(on_terminal, false)) {
      bars_on_terminal.fetch_sub(1);
      put(kClearLine);
    }
    drawing.clear();
  }

  std::atomic<std::int64_t> start_ns{now_ns()};
  std::atomic<std::int64_t> next_ns{start_ns.load() + kRedrawNs};
  std::atomic_flag drawing;
  bool finished = false;  // both guarded by `drawing`
  bool on_terminal = false;
};

Progress::Progress() = default;

Progress::Progress(std::string label) : label_(std::move(label)) {
  if (draws_on_stderr()) bar_ = std::make_unique<Bar>();
  observe::list_progress(*this);
}

Progress::~Progress() {
  finish();
  if (!label_.empty()) observe::unlist_progress(*this);
}

void Progress::set_total(std::uint64_t total) noexcept {
  total_.store(total, std::memory_order_relaxed);
}

void Progress::reset() noexcept {
  for (Stripe& stripe : stripes_) stripe.count.store(0, std::memory_order_relaxed);
  if (bar_) bar_->start_ns.store(now_ns(), std::memory_order_relaxed);
}

void Progress::add(std::uint64_t n) noexcept {
  stripes_[stripe_of_thread(kStripes)].count.fetch_add(n, std::memory_order_relaxed);
  if (bar_) bar_->maybe_draw(*this);
}

std::uint64_t Progress::done() const noexcept {
  std::uint64_t sum = 0;
  for (const Stripe& stripe : stripes_) sum += stripe.count.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t Progress::total() const noexcept { return total_.load(std::memory_order_relaxed); }

void Progress::finish() noexcept {
  if (bar_) bar_->finish();
}

void Progress::clear_terminal() noexcept {
  if (bars_on_terminal.load() > 0) put(kClearLine);
}

}  // namespace pel
