// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

namespace pel {

class Executor;

// How far a computation is, in units that it chooses: exact, and cheap enough for inner loops (one
// relaxed add on a cache line of the calling thread's own). With a label and a terminal on stderr
// it draws one line there, at most ten times a second, with the time left; into a pipe or a file
// it writes nothing.
//
// add(), counting()'s bodies, done() and total() may be called by any number of threads at once.
// It creates no thread: the bar is drawn by a thread that adds, one at a time, and is skipped while
// the terminal does not take output.
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
  const std::string& label() const noexcept { return label_; }

  // A loop body that counts: for_each(n, progress.counting(f)) adds 1 after each call of f that
  // returned. The progress outlives the loop.
  template <class F>
  auto counting(F f) {
    return [this, f = std::move(f)](auto&&... args) -> decltype(auto) {
      if constexpr (std::is_void_v<std::invoke_result_t<const F&, decltype(args)...>>) {
        f(std::forward<decltype(args)>(args)...);
        add();
      } else {
        decltype(auto) result = f(std::forward<decltype(args)>(args)...);
        add();
        return result;
      }
    };
  }

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

  std::string label_;
  Stripe stripes_[kStripes];
  std::atomic<std::uint64_t> total_{0};
  std::unique_ptr<Bar> bar_;
};

struct TraceOptions {
  // Per thread; memory grows as events come, 48 bytes each, up to this many, then the newest
  // replace the oldest, and the file says how many were lost.
  std::size_t max_events = std::size_t{1} << 18;
};

// Records when which thread ran which loop call, task, steal and Span, and writes it as JSON in the
// trace-event format, which ui.perfetto.dev and chrome://tracing open: one row per thread, spans
// with algorithm, size, file and line. Results do not depend on it. Off, it costs loops one load
// and a branch per call, forks nothing; on, some 100 ns per event, and forks still nothing.
//
// At most one Trace records at a time. Constructing, stop() and destroying are for one thread.
class Trace {
 public:
  // Starts to record. Throws pel::Error if another Trace is recording.
  explicit Trace(std::string path, TraceOptions options = {});
  ~Trace();  // records no more; what was recorded is lost unless stop() was called
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Ends the recording and writes the file, whole or not at all. Throws pel::Error if it cannot be
  // written. Spans that are still open are left out.
  void stop();

 private:
  std::string path_;
  bool recording_ = true;
};

// A span of the program's own in the trace, from construction to destruction, on one thread. `name`
// outlives the recording (a string literal). One load and a branch while nothing records.
class Span {
 public:
  explicit Span(const char* name,
                std::source_location where = std::source_location::current()) noexcept
      : recorded_(recording.load(std::memory_order_relaxed)) {
    if (recorded_) [[unlikely]]
      begin(name, where);
  }
  ~Span() {
    if (recorded_) [[unlikely]]
      end();
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

 private:
  friend class Trace;
  static void begin(const char* name, const std::source_location& where) noexcept;
  static void end() noexcept;
  static std::atomic<bool> recording;

  const bool recorded_;
};

// The state of an executor and of this process in the text format of Prometheus (version 0.0.4):
// per worker steals, failed steals, parks, wakes, tasks spawned and executed, idle time in joins;
// usable cores, CPU pressure, CPU time and memory of the process, and every labelled Progress.
// Counters count from the start of the executor. Takes about a millisecond; may be called by any
// thread at any time.
std::string metrics_text(const Executor& executor);
std::string metrics_text();  // of Executor::current()

}  // namespace pel
