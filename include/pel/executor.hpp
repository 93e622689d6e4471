// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <type_traits>
#include <utility>

#include "pel/detail/executor/cancel.hpp"
#include "pel/detail/executor/fork.hpp"
#include "pel/detail/executor/future.hpp"
#include "pel/detail/executor/hook.hpp"
#include "pel/detail/executor/result.hpp"
#include "pel/detail/executor/task.hpp"
#include "pel/error.hpp"

namespace pel {

// A schedule that tests and --verify force on an executor, as long as it takes no more than about
// half of the time; no result may depend on it. Costs nothing when normal.
struct Schedule {
  enum class Kind {
    kNormal,
    kReversed,  // at a fork the right branch is offered to another worker, or runs, first
    kShuffled,  // at every other one, at random
    kDelayed,   // random pauses of up to 50 us at forks, steals and tasks
  };
  Kind kind = Kind::kNormal;
  std::uint64_t seed = 0;
};

struct ExecutorOptions {
  // -1: as many as this process may use; 0: no thread, all runs on the caller; N (at most 4096): at
  // most N threads run tasks at once, the calling one included. Fewer do while affinity or a quota
  // grants fewer cores, which is looked at about once a second.
  int workers = -1;
  // Called in each thread of the executor as it starts and stops, with the thread's number.
  detail::ThreadHook on_thread_start = {};
  detail::ThreadHook on_thread_stop = {};
  std::uint64_t seed = 0;      // of the order in which victims are tried
  Schedule schedule = {};      // for tests and --verify
  bool oversubscribe = false;  // let more workers be awake than this process has cores
};

// What the workers did since the executor was made; sums over all of them.
struct Counters {
  std::uint64_t forks = 0;  // counted only where PEL_COUNT_FORKS is defined
  std::uint64_t steals = 0;
  std::uint64_t failed_steals = 0;  // another worker was faster
  std::uint64_t forced = 0;         // times a thief helped itself while the owner was busy
  std::uint64_t parks = 0;
  std::uint64_t wakes = 0;
  std::uint64_t join_idle_ns = 0;  // time in joins with nothing to run
  std::uint64_t spawned = 0;       // tasks of groups and of spawn(), counted in workers
  std::uint64_t executed = 0;
};

// Worker slots and the threads that fill them, started when there is work for them. Thread-safe.
// Several may exist; a task of one may run() another. In the child of a fork() each starts anew; a
// task that was open in the parent cannot be finished there: waiting for it throws Error.
class Executor {
 public:
  // Throws Error for workers below -1 or above 4096.
  explicit Executor(ExecutorOptions options = {});
  // Finishes what was spawned, then joins the threads. Not to be called from one of its tasks.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  int workers() const noexcept;

  // Runs f with this executor as the current one; the calling thread takes part, as soon as fewer
  // than workers() threads run. Returns f's result or throws its error. May be called from any
  // thread, also from a task of this or another executor.
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
  friend detail::Scheduler& detail::scheduler_of(Executor& executor) noexcept;
  friend void detail::replace_scheduler(Executor& executor, detail::Scheduler& by) noexcept;
  void run_body(detail::FunctionRef body);
  detail::Scheduler* scheduler_;
};

// The index of the worker that runs this code, 0 <= index < worker_limit(); -1 outside of tasks. No
// two threads of an executor have the same at the same time. It may be another one after
// blocking(), or after a wait during which other threads needed this one's slot.
int worker_index() noexcept;
// Workers of the current executor, at least 1; indices stay below it.
int worker_limit() noexcept;

// Runs all functions, possibly at the same time, and returns when all are done. Program order is
// argument order: the error of the first function that fails is thrown, later ones are stopped.
// Allocates nothing. Throws Error before the stack ends and Cancelled when the scope was cancelled.
template <class F0, class F1, class... Fs>
inline void invoke(F0&& f0, F1&& f1, Fs&&... rest) {
  detail::Worker* worker = detail::current_worker;
  if (worker == nullptr) [[unlikely]] {
    auto body = [&] { invoke(f0, f1, rest...); };
    return detail::run_in_default(detail::FunctionRef(body));
  }
  if constexpr (sizeof...(Fs) == 0) {
    detail::fork_join(*worker, f0, f1);
  } else {
    auto tail = [&] { invoke(f1, rest...); };
    detail::fork_join(*worker, f0, tail);
  }
}

// Thrown in place of a result when what runs was cancelled, its deadline passed, or an earlier
// branch failed.
class Cancelled : public Error {
 public:
  explicit Cancelled(const char* reason);
};

// Says whether its source was cancelled. Copyable, thread-safe.
class CancelToken {
 public:
  CancelToken() = default;  // never cancelled
  bool cancelled() const noexcept {
    return ref_.get() != nullptr && ref_.get()->flag.load(detail::kAcquire) != 0;
  }

 private:
  friend class CancelSource;
  template <class F>
  friend auto with_cancel(const CancelToken& token, F&& f) -> std::invoke_result_t<F&>;
  explicit CancelToken(const detail::CancelRef& ref) : ref_(ref) {}
  detail::CancelRef ref_;
};

// Cancels what runs under its tokens. Thread-safe; cancel() may be called from a signal's thread,
// not from a signal handler.
class CancelSource {
 public:
  CancelSource() : ref_(new detail::CancelState) {}
  void cancel() noexcept { detail::cancel_flag(ref_.get()->flag); }
  bool cancelled() const noexcept { return ref_.get()->flag.load(detail::kAcquire) != 0; }
  CancelToken token() const noexcept { return CancelToken(ref_); }

 private:
  detail::CancelRef ref_;
};

// Throws Cancelled when this code's scope, or one around it, was cancelled or has run out of time.
// invoke() and tasks check by themselves; long loops without them should call it.
void check_cancel();

// Runs f; if the token is cancelled meanwhile, throws Cancelled instead of finishing. What f
// returns is never changed by it: the caller gets the serial result or that error.
template <class F>
auto with_cancel(const CancelToken& token, F&& f) -> std::invoke_result_t<F&> {
  detail::ResultSlot<std::invoke_result_t<F&>> slot;
  auto body = [&] { slot.fill(f); };
  detail::run_in_scope(token.ref_.get(), 0, detail::FunctionRef(body));
  return slot.take();
}

// The same with a time from now: a std::chrono duration, or a number of seconds.
template <class Duration, class F>
auto with_deadline(Duration wait, F&& f) -> std::invoke_result_t<F&> {
  detail::ResultSlot<std::invoke_result_t<F&>> slot;
  auto body = [&] { slot.fill(f); };
  detail::run_in_scope(nullptr, detail::deadline_after(detail::seconds(wait)),
                       detail::FunctionRef(body));
  return slot.take();
}

// Workers that look for work take tasks of higher priority first. A worker that waits runs only
// what it waits for, whatever the priorities.
enum class TaskPriority : std::uint8_t { kHigh, kNormal, kLow };

// Tasks that run possibly at the same time. Program order is the order of run() calls, depth first:
// a task comes after all that earlier tasks of the group spawn into it (docs/design/order.md). A
// run() may defer its task; a spawner with 4096 pending tasks first runs its oldest. Thread-safe.
class TaskGroup {
 public:
  explicit TaskGroup(TaskPriority priority = TaskPriority::kNormal);
  // Waits; an error that wait() has not thrown is dropped.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Adds a task. f is moved or copied into it; its result is ignored. Traces show the line.
  template <class F>
  void run(F&& f, const std::source_location& where = std::source_location::current()) {
    auto* node = new detail::TaskBody<std::decay_t<F>>(std::forward<F>(f));
    node->where = where;
    add(node);
  }
  // Returns when all tasks are done, with those they spawned, or throws the first error in program
  // order: tasks before it have run, later ones were stopped. Then the group is empty and can be
  // used again. Throws Error when called from a task of the group, or from one that it spawned.
  void wait();
  // Stops tasks that have not begun, and the others at their next check. wait() throws Cancelled
  // unless all had run.
  void cancel() noexcept;

 private:
  void add(detail::TaskNode* node);
  detail::GroupCore* core_;
};

namespace detail {
// Gives the worker's slot to a spare thread while it lives.
class BlockingRegion {
 public:
  BlockingRegion() noexcept;
  ~BlockingRegion();
  BlockingRegion(const BlockingRegion&) = delete;
  BlockingRegion& operator=(const BlockingRegion&) = delete;

 private:
  Worker* worker_;
};
}  // namespace detail

// Runs f, which may block the thread (a lock, a file, a socket); meanwhile a spare thread takes
// this worker's slot. Returns f's result. worker_index() is -1 inside and may be another one
// afterwards; f must not fork or spawn.
template <class F>
auto blocking(F&& f) -> std::invoke_result_t<F&> {
  detail::BlockingRegion region;
  return std::forward<F>(f)();
}

}  // namespace pel
