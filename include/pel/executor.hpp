// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "pel/detail/executor/fork.hpp"
#include "pel/detail/executor/hook.hpp"
#include "pel/detail/executor/result.hpp"
#include "pel/detail/executor/task.hpp"
#include "pel/error.hpp"

namespace pel {

namespace detail {
class Scheduler;
}  // namespace detail

// A schedule that tests and --verify force on an executor: results must not depend on it.
struct Schedule {
  enum class Kind { kNormal, kReversed, kShuffled, kDelayed };
  Kind kind = Kind::kNormal;
  std::uint64_t seed = 0;
};

struct ExecutorOptions {
  // -1: as many as this process may use; 0: no thread, all runs on the caller; N: at most N threads
  // run tasks at once, the calling one included.
  int workers = -1;
  // Called in each thread of the executor as it starts and stops, with the thread's number.
  detail::ThreadHook on_thread_start = {};
  detail::ThreadHook on_thread_stop = {};
  std::uint64_t seed = 0;     // of the order in which victims are tried
  Schedule schedule = {};     // for tests and --verify
  bool oversubscribe = false; // let more workers be awake than there are cores
};

// What the workers did since the executor was made; sums over all of them.
struct Counters {
  std::uint64_t forks = 0;         // counted in builds with PEL_COUNT_FORKS only
  std::uint64_t steals = 0;
  std::uint64_t failed_steals = 0;
  std::uint64_t parks = 0;
  std::uint64_t wakes = 0;
  std::uint64_t join_idle_ns = 0;  // time in joins with nothing to run
  std::uint64_t spawned = 0;       // tasks of groups and spawn()
  std::uint64_t executed = 0;
};

// A set of worker slots and the threads that fill them. Thread-safe.
class Executor {
 public:
  explicit Executor(ExecutorOptions options = {});
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  int workers() const noexcept;

  // Runs f with this executor as the current one; the calling thread takes part. Returns f's result
  // or throws its error. May be called from any thread, also from a task of another executor.
  template <class F>
  auto run(F&& f) -> std::invoke_result_t<F&> {
    detail::ResultSlot<std::invoke_result_t<F&>> slot;
    auto body = [&] { slot.fill(f); };
    run_body(detail::FunctionRef(body));
    return slot.take();
  }

  // The executor of this thread, else the process-wide default (PEL_WORKERS workers, or as many as
  // the process may use), which is made at its first use.
  static Executor& current();

  Counters counters() const;

 private:
  void run_body(detail::FunctionRef body);
  detail::Scheduler* scheduler_;
};

// The index of the worker that runs this code, 0 <= index < worker_limit(); -1 outside of tasks.
int worker_index() noexcept;
// Workers of the current executor (at least 1); indices stay below it.
int worker_limit() noexcept;

// Runs all functions, possibly at the same time, and returns when all are done. Program order is
// argument order: the error of the first function that fails is thrown, later ones are stopped.
template <class F0, class F1, class... Fs>
void invoke(F0&& f0, F1&& f1, Fs&&... rest) {
  if (!detail::inside()) {
    auto body = [&] { invoke(f0, f1, rest...); };
    return detail::run_in_default(detail::FunctionRef(body));
  }
  if constexpr (sizeof...(Fs) == 0) {
    detail::fork_join(f0, f1);
  } else {
    auto tail = [&] { invoke(f1, rest...); };
    detail::fork_join(f0, tail);
  }
}

// Runs f, which may block the thread (a lock, a file, a socket); meanwhile a spare thread takes
// this worker's slot. Returns f's result.
template <class F>
auto blocking(F&& f) -> std::invoke_result_t<F&> {
  return f();
}

}  // namespace pel
