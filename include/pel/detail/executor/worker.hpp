// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/gate.hpp"
#include "pel/detail/executor/scope.hpp"
#include "pel/detail/executor/split_deque.hpp"

namespace pel {
class Executor;
}

namespace pel::detail {

class Scheduler;

Scheduler& scheduler_of(Executor& executor) noexcept;
void replace_scheduler(Executor& executor, Scheduler& by) noexcept;

// The right branch of a fork, on its parent's stack.
struct Job {
  explicit Job(void (*function)(Job*)) noexcept : run(function) {}
  void (*const run)(Job*);
  Scope* scope;
  JoinWord<RealAtomics> join;
  void* error;  // room for the std::exception_ptr of a branch that failed elsewhere
};

// One stolen execution, as the waiters above it see it. Tags name entries: see tag.hpp.
struct ActiveEntry {
  BuiltinAtomic<std::uint64_t> id{0};
  BuiltinAtomic<std::uint64_t> group{0};
  BuiltinAtomic<std::uint64_t> parent{0};
  BuiltinAtomic<std::uint32_t> base{0};  // the queue's next index when it began
};

struct WorkerCounters {
  BuiltinAtomic<std::uint64_t> forks{0};
  BuiltinAtomic<std::uint64_t> steals{0};
  BuiltinAtomic<std::uint64_t> failed_steals{0};
  BuiltinAtomic<std::uint64_t> parks{0};
  BuiltinAtomic<std::uint64_t> wakes{0};
  BuiltinAtomic<std::uint64_t> join_idle_ns{0};
  BuiltinAtomic<std::uint64_t> spawned{0};
  BuiltinAtomic<std::uint64_t> executed{0};
  BuiltinAtomic<std::uint64_t> forced{0};
  // Only the worker itself counts, so no read-modify-write is needed.
  static void add(BuiltinAtomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
    counter.store(counter.load(kRelaxed) + by, kRelaxed);
  }
};

struct Worker;

struct WorkerSleeper : Gate<RealAtomics>::Sleeper {
  explicit WorkerSleeper(Worker& its_worker) noexcept : worker(its_worker) {}
  Worker& worker;
};

// A thread that takes part in an executor. It keeps its Worker for as long as it is in; workers are
// reused and freed with the executor, so a pointer to one never dangles while the executor lives.
struct alignas(64) Worker {
  static constexpr std::uint32_t kMaxDepth = 32;

  Worker(Scheduler& in, std::uint32_t worker_number) noexcept
      : deque(256), scheduler(in), number(worker_number) {}

  SplitDeque<RealAtomics, Job> deque;
  // The owner's.
  alignas(64) Scope* scope = nullptr;
  std::uintptr_t stack_limit = 0;
  int index = -1;   // the permit it holds
  int blocked = 0;  // how many regions of blocking code it is in
  Scheduler& scheduler;
  const std::uint32_t number;
  std::uint64_t next_id = 1;
  std::uint64_t random = 0;
  Worker* outer = nullptr;  // what the thread was before it came in
  Worker* next_free = nullptr;
  bool pooled = false;            // a thread of the executor's own
  BuiltinAtomic<int> thread{0};   // the kernel id of its thread, or of its last; 0: not known
  unsigned long owner = 0;        // that thread as pthread_self() names it
  bool calm = false;              // a forced schedule has used up its time for now
  std::int64_t disturbed_ns = 0;  // what it has used
  WorkerCounters counters;
  // Shared.
  alignas(64) BuiltinAtomic<std::uint32_t> depth{0};
  ActiveEntry active[kMaxDepth];
  WorkerSleeper sleeper{*this};
  BuiltinAtomic<std::uint32_t> kept_off{0};  // its waker has kept it off a processor
};

// The calling thread's worker, nullptr outside. Initial-exec: one instruction to read, also from a
// shared library.
extern constinit thread_local Worker* current_worker __attribute__((tls_model("initial-exec")));

}  // namespace pel::detail
