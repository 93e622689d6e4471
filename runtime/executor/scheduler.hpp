// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pel/executor.hpp"
#include "runtime/executor/platform.hpp"
#include "runtime/resources/usable_cores.hpp"

namespace pel::detail {

class GroupCore;

// Names an entry of Worker::active while it is there: {id:40, worker:13, depth:5} + 1 in 61 bits; 0
// names nothing. A group's tag has the same range: its ids count up from one source and its worker
// field is kGroupWorker, which no worker has.
using Tag = std::uint64_t;
inline constexpr std::uint32_t kMaxWorkers = 8190;
inline constexpr std::uint64_t kGroupWorker = 8191;
inline constexpr std::uint64_t kIdMask = (std::uint64_t{1} << 40) - 1;

constexpr Tag make_tag(std::uint64_t id, std::uint64_t worker, std::uint64_t depth) noexcept {
  return ((id & kIdMask) << 18) | (worker << 5) | depth;
}

// What a thread runs for somebody else, put on its list of active entries while it runs.
class ActiveGuard {
 public:
  ActiveGuard(Worker& worker, Tag group, Tag parent) noexcept;
  ~ActiveGuard();
  ActiveGuard(const ActiveGuard&) = delete;
  ActiveGuard& operator=(const ActiveGuard&) = delete;
  Tag tag() const noexcept { return tag_; }

 private:
  Worker& worker_;
  Tag tag_ = 0;
};

// Opens a scope on the calling worker, in its submitter's floating-point mode.
class ScopeGuard {
 public:
  ScopeGuard(Worker& worker, Scope& scope) noexcept;
  ~ScopeGuard();
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;

 private:
  Worker& worker_;
  Scope* outer_;
  std::uint32_t mode_;
};

// Throws Cancelled if the scope, or one it is in, was stopped, cancelled or has run out of time.
void check_scope(const Scope* scope);
bool scope_stopped(const Scope* scope) noexcept;

// What a worker waits for.
class Awaited {
 public:
  virtual ~Awaited() = default;
  virtual bool done() noexcept = 0;
  // The entry or group whose descendants may run meanwhile; 0: not known yet.
  virtual Tag target() noexcept = 0;
  // The worker is about to sleep: whoever ends the wait unparks it. False: it is done.
  virtual bool announce(Worker& worker) noexcept = 0;
  // Runs one piece of what is awaited itself, if there is one to take.
  virtual bool run_own(Worker&) { return false; }
  virtual bool has_own() noexcept { return false; }
};

// One executor's workers, gate and threads. Thread-safe.
class Scheduler {
 public:
  Scheduler(Executor& owner, ExecutorOptions options);
  ~Scheduler();
  Scheduler& operator=(const Scheduler&) = delete;

  Executor& executor() noexcept { return executor_; }
  int workers() const noexcept { return options_.workers; }
  int permits() const noexcept { return permits_; }  // at most; worker indices are below it
  int allowed() const noexcept { return allowed_.load(kRelaxed); }  // now
  bool adapts() const noexcept { return permits_ > 1 && !options_.oversubscribe; }
  const Schedule& schedule() const noexcept { return options_.schedule; }

  // The calling thread becomes a worker; it may wait for a permit.
  Worker& enter();
  void leave(Worker& worker) noexcept;
  // Around code that blocks the thread: gives the permit away and takes one again. They nest.
  void begin_blocking(Worker& worker) noexcept;
  void end_blocking(Worker& worker) noexcept;

  // Work has become visible: wakes or starts a thread if one is due.
  void notify(Gate<RealAtomics>::Whom whom = Gate<RealAtomics>::Whom::kAny) noexcept;
  bool has_work() noexcept;
  // How much work must be left for it to pay to offer some: see share_price_ns().
  std::int64_t share_price_ns() const noexcept {
    constexpr std::int64_t kSteal = 1'000;  // what a steal from one who works costs both
    if (gate_.searching()) return kSteal;
    return gate_.somebody_to_wake() ? 2 * wake_ns_.load(kRelaxed) : 2 * kSteal;
  }
  // Asks all workers for jobs, or for their attention.
  void ask_all(std::uintptr_t what) noexcept;

  // Reads what the machine grants now, and withholds permits or grants them again: after a second
  // the next thread that calls the first does so. Nothing is read if it could not matter.
  void look_at_machine(std::int64_t now) noexcept;
  void adapt() noexcept;

  // Returns when what is awaited is done; meanwhile runs nothing but its descendants.
  void wait(Worker& worker, Awaited& awaited);

  static Tag innermost(const Worker& worker) noexcept;
  Counters counters() const;

  // Groups with tasks to take.
  void publish(GroupCore& group) noexcept;
  void withdraw(GroupCore& group) noexcept;

  // The tasks of spawn(), which belong to no group.
  GroupCore& detached() noexcept { return *detached_; }

  // The fault hook: delays and forced steals of a schedule that tests ask for. True: it ran the
  // job, which was the worker's newest, first.
  bool disturb(Worker& worker, Job* job) noexcept;
  // Whether the schedule may spend more time on the worker: so much that a run stays within a small
  // multiple of a normal one. Forks take their fast path while it may not.
  bool may_disturb(Worker& worker) noexcept;
  bool disturbed() const noexcept { return options_.schedule.kind != Schedule::Kind::kNormal; }

  // In the child of a fork(), where the threads are missing: a scheduler to go on with. This one is
  // kept, because open calls on the stack refer to it; whoever waits in it gets an Error.
  Scheduler* abandon();
  bool abandoned() const noexcept { return abandoned_.load(kRelaxed) != 0; }
  static Error abandoned_error();
  // Ends the threads that are idle or become so within `wait_ns`; true if none is left.
  bool stop_threads(std::int64_t wait_ns) noexcept;
  // Whether a thread that drains a group shall look for something more urgent.
  bool should_yield(const Worker& worker, TaskPriority priority) const noexcept;

  std::uint32_t roster_size() const noexcept { return roster_size_.load(kAcquire); }
  Worker* worker_at(std::uint32_t number) const noexcept { return roster_[number].load(kAcquire); }
  std::uintptr_t normal_position(const Worker& worker) const noexcept;

 private:
  // One worker's search for work, from its start until it finds some or gives up.
  struct Search {
    Tag target = 0;  // 0: anything
    std::int64_t start_ns = 0;
    // The owner whose answer is overdue first, and since when it is asked.
    const Worker* asked = nullptr;
    std::int64_t asked_ns = 0;
  };

  explicit Scheduler(const Scheduler& forked_from);
  void begin();

  Worker& new_worker();
  void retire_worker(Worker& worker) noexcept;
  void start_thread(int permit) noexcept;
  bool create_thread(Worker& worker, pthread_t* thread) noexcept;
  static void* thread_main(void* start);
  void work(Worker& worker);
  bool search(Worker& worker);
  void pause_until_offered() const noexcept;
  bool run_one(Worker& worker, Search& state, bool counted);
  bool run_from(Worker& worker, Worker& victim, Search& state, bool counted);
  bool force(Worker& worker, Worker& victim, Search& state) noexcept;
  GroupCore* find_group(Tag target, int first, int last) const noexcept;
  bool run_group_task(Worker& worker, const Search& state, int first, int last, bool counted);
  bool help(Worker& worker, Awaited& awaited, Search& state, bool* counted);
  bool helpable(const Worker& self, Tag target) noexcept;
  void wait_asleep(Worker& worker, Awaited& awaited, bool* counted);
  bool descends(Tag tag, Tag target) const noexcept;
  void run_stolen(Worker& worker, Worker& victim, Job& job, Tag parent) noexcept;
  void make_room() const noexcept;
  void wake(Worker& worker) noexcept;
  void wake_up(Worker& worker) noexcept;
  void arrive(Worker& worker) noexcept;
  void end_search() noexcept;
  void ask_for_work() noexcept;
  void park_idle(Parker<RealAtomics>& parker) noexcept;
  bool run_first(Worker& worker, Job& job) noexcept;
  std::uint32_t next_random(Worker& worker) const noexcept;

  Executor& executor_;
  ExecutorOptions options_;
  int permits_;
  BuiltinAtomic<int> allowed_{1};
  SmallLock<RealAtomics> adapting_;
  BuiltinAtomic<std::int64_t> looked_ns_{0};     // when the machine was last read
  BuiltinAtomic<std::uint32_t> has_lookout_{0};  // an idle thread wakes up to do so
  std::int64_t begun_ns_ = 0;
  bool solo_;  // workers = 0: never starts a thread
  std::unique_ptr<int[]> permit_room_;
  Gate<RealAtomics> gate_;
  std::unique_ptr<BuiltinAtomic<Worker*>[]> roster_;
  BuiltinAtomic<std::uint32_t> roster_size_{0};
  BuiltinAtomic<std::uint32_t> stopping_{0};
  // The last wake-up's begin and processor; what wake-ups take, as measured.
  BuiltinAtomic<std::int64_t> woken_ns_{0};
  BuiltinAtomic<std::int64_t> waker_cpu_{-1};
  BuiltinAtomic<std::int64_t> wake_ns_{20'000};
  // What it costs thief and owner when the thief helps itself, as measured.
  BuiltinAtomic<std::int64_t> force_ns_{3'000};
  alignas(64) std::mutex mutex_;  // of what follows
  Worker* free_workers_ = nullptr;
  std::vector<pthread_t> threads_;
  // Groups with pending tasks, by priority. Searchers look, so apart from what entries write.
  alignas(64) SmallLock<RealAtomics> groups_lock_;
  GroupCore* detached_ = nullptr;
  GroupCore* groups_[3] = {};
  BuiltinAtomic<std::uint32_t> groups_published_{0};
  BuiltinAtomic<std::uint32_t> high_published_{0};
  BuiltinAtomic<std::uint32_t> abandoned_{0};  // its threads did not come along a fork()
};

// The calling thread is a worker of the scheduler while this lives.
class EnterGuard {
 public:
  explicit EnterGuard(Scheduler& scheduler) : scheduler_(scheduler), worker_(scheduler.enter()) {}
  ~EnterGuard() { scheduler_.leave(worker_); }
  EnterGuard(const EnterGuard&) = delete;
  EnterGuard& operator=(const EnterGuard&) = delete;
  Worker& worker() noexcept { return worker_; }

 private:
  Scheduler& scheduler_;
  Worker& worker_;
};

void add_counters(Counters& sum, const WorkerCounters& one) noexcept;

// What the machine grants to a new executor.
resources::CoreCount cores_of_machine();

// Calls act(argument) while the scheduler is sure to live; false: it is gone, or was left behind by
// a fork().
bool if_alive(Scheduler& scheduler, void (*act)(void*), void* argument);
// All executors of the process, for cancellation and fork().
void register_scheduler(Scheduler& scheduler);
void unregister_scheduler(Scheduler& scheduler) noexcept;
void each_scheduler(void (*visit)(Scheduler&, void*), void* argument);

}  // namespace pel::detail
