// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/hook.hpp"
#include "pel/detail/executor/worker.hpp"

namespace pel::detail {

// The slow paths of a fork.
// Answers thieves; throws: stack, cancelled. True: a schedule had the right branch run first.
bool fork_slow(Worker& worker, Job& job);
// Then: runs the left branch; throws its error, else the right one's.
void fork_reversed(Job& job, FunctionRef left);
void fork_grow(Worker& worker);  // room for one more job; throws when there is none
void fork_failed(Worker& worker, Job& job) noexcept;  // the left branch threw: drops the right one
// True: run the right branch here. False: it ran elsewhere; throws its error.
bool fork_join_slow(Worker& worker, Job& job);
// Runs body in Executor::current().
void run_in_default(FunctionRef body);

template <class R>
struct RightJob : Job {
  explicit RightJob(R& right) noexcept
      : Job([](Job* self) { (*static_cast<RightJob*>(self)->body)(); }), body(&right) {}
  R* body;
};

// How deep the stack is here: compared with the worker's poll word, which is the stack's limit
// unless somebody asks for work, so that one comparison serves both. The job is on the stack; under
// AddressSanitizer locals may be elsewhere.
inline std::uintptr_t stack_position(const Job& job) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  static_cast<void>(job);
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
#else
  return reinterpret_cast<std::uintptr_t>(&job);
#endif
}

template <class L, class R>
inline void fork_join(Worker& worker, L& left, R& right) {
  RightJob<R> job(right);
  job.scope = worker.scope;
  const std::uintptr_t position = stack_position(job);
  if (worker.deque.full()) [[unlikely]]
    fork_grow(worker);
  if (!worker.deque.push(&job, position)) [[unlikely]] {
    if (fork_slow(worker, job)) return fork_reversed(job, FunctionRef(left));
  }
#if defined(PEL_COUNT_FORKS)
  WorkerCounters::add(worker.counters.forks);
#endif
  try {
    left();
  } catch (...) {
    fork_failed(worker, job);
    throw;
  }
  if (worker.deque.pop(position)) [[likely]] {
    right();
  } else if (fork_join_slow(worker, job)) {
    right();
  }
}

// True when a loop may be split now: some worker looks for work, or nothing of this worker's could
// be stolen. Cheap (two loads of the worker's own line); for lazy binary splitting. False without
// an executor of several workers.
bool split_wanted() noexcept;

// How much work, in ns, must be left of a loop now for sharing it to pay: little where somebody
// looks for work, more where all workers run and one may come to look for it, about two wake-ups
// where one has to be woken first, kNeverShare unless split_wanted(). Outside an executor: the same
// for the default one.
inline constexpr std::int64_t kNeverShare = INT64_MAX;
std::int64_t share_price_ns();

}  // namespace pel::detail
