// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <utility>

#include "pel/detail/executor/hook.hpp"

namespace pel::detail {

// The right branch of a fork, on its parent's stack.
struct Job {
  void (*run)(Job*) = nullptr;
  Job* next = nullptr;
  int state = 0;
  void* scope = nullptr;
  std::exception_ptr error;
};

bool fork_push(Job* job);       // false: run both branches here
bool fork_take_back(Job* job);  // true: no other worker took it
void fork_wait(Job* job);       // until the worker that took it has finished it
void run_in_default(FunctionRef body);
bool inside() noexcept;

// True when it pays to split a loop now: some worker looks for work, or nothing of this worker's
// could be stolen. Cheap; for lazy binary splitting. False without an executor of several workers.
bool split_wanted() noexcept;

template <class R>
struct RightJob : Job {
  explicit RightJob(R& r) : body(&r) {
    run = [](Job* self) { (*static_cast<RightJob*>(self)->body)(); };
  }
  R* body;
};

template <class L, class R>
void fork_join(L& left, R& right) {
  RightJob<R> job(right);
  if (!fork_push(&job)) {
    left();
    right();
    return;
  }
  try {
    left();
  } catch (...) {
    if (!fork_take_back(&job)) fork_wait(&job);
    throw;
  }
  if (fork_take_back(&job)) {
    right();
    return;
  }
  fork_wait(&job);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace pel::detail
