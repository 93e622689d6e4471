// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace pel {

// How far a computation is, in units that it chooses: exact, and cheap enough for inner loops (one
// relaxed add on a cache line of the calling thread's own). With a label and a terminal on stderr
// it draws one line there, at most ten times a second, with the time left; into a pipe or a file
// it writes nothing.
//
// add(), done() and total() may be called by any number of threads at once. It creates no thread:
// the bar is drawn by a thread that adds, one at a time, and is skipped while the terminal does
// not take output.
class Progress {
 public:
  Progress();                            // counts, draws nothing
  explicit Progress(std::string label);  // draws on stderr if that is a terminal
  ~Progress();                           // clears the line it drew
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Work expected in all; may be called again, when more becomes known. 0: unknown.
  void set_total(std::uint64_t total) noexcept;
  // Forgets what was done, for the next run of the same computation.
  void reset() noexcept;
  void add(std::uint64_t n = 1) noexcept;

  // Exact once the adding threads have been joined; before, it never exceeds what was added.
  std::uint64_t done() const noexcept;
  std::uint64_t total() const noexcept;

  // Takes the bar off the terminal; the counts stay. Done by the destructor too.
  void finish() noexcept;

  // Takes any bar of this process off the terminal. May be called in a signal handler, so that
  // Ctrl-C leaves a clean line.
  static void clear_terminal() noexcept;

 private:
  struct Bar;
  struct alignas(64) Stripe {
    std::atomic<std::uint64_t> count{0};
  };
  static constexpr std::size_t kStripes = 32;

  Stripe stripes_[kStripes];
  std::atomic<std::uint64_t> total_{0};
  std::unique_ptr<Bar> bar_;
};

}  // namespace pel
