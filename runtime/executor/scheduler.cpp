// SPDX-License-Identifier: Apache-2.0
// Who takes part: workers, permits, threads.
#include "runtime/executor/scheduler.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/executor/group.hpp"
#include "runtime/executor/policy.hpp"

namespace pel::detail {

constinit thread_local Worker* current_worker __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

using Deque = decltype(Worker::deque);
constexpr int kMaxPermits = 4096;

int checked_workers(int workers, int usable) {
  if (workers == -1) return usable;
  if (workers < -1 || workers > kMaxPermits) {
    throw Error("pel::Executor", "workers is " + std::to_string(workers),
                "give -1 for all usable cores, 0 for none, or 1 to " + std::to_string(kMaxPermits));
  }
  return workers;
}

// Fills in options->workers; how many threads may ever run at once, and in *now, how many now.
int permits_for(ExecutorOptions* options, int* now) {
  const resources::CoreCount cores = cores_of_machine();
  options->workers = checked_workers(options->workers, cores.usable);
  const int permits = std::max(1, options->workers);
  const int most = options->oversubscribe ? permits : std::max(cores.usable, cores.online);
  *now = options->oversubscribe ? permits : std::min(permits, cores.usable);
  return std::min(permits, most);
}

}  // namespace

Scheduler::Scheduler(Executor& owner, ExecutorOptions options)
    : executor_(owner), options_(std::move(options)), permits_(0) {
  int now = 1;
  permits_ = permits_for(&options_, &now);
  allowed_.store(now, kRelaxed);
  begin();
}

// For the child of a fork(), which must not read the machine again: another thread of the parent
// may have held the lock of that.
Scheduler::Scheduler(const Scheduler& forked_from)
    : executor_(forked_from.executor_),
      options_(forked_from.options_),
      permits_(forked_from.permits_) {
  allowed_.store(forked_from.allowed(), kRelaxed);
  begin();
}

void Scheduler::begin() {
  begun_ns_ = now_ns();
  looked_ns_.store(begun_ns_, kRelaxed);
  solo_ = options_.workers == 0;
  heavy_barrier_works();
  permit_room_ = std::make_unique<int[]>(static_cast<std::size_t>(permits_));
  for (int i = permits_ - 1; i >= 0; --i) gate_.add_permit(i, permit_room_.get());
  gate_.limit(allowed());
  roster_ = std::make_unique<BuiltinAtomic<Worker*>[]>(kMaxWorkers);
  if (!solo_) gate_.allow_threads(permits_);
  detached_ = new GroupCore(*this, nullptr, TaskPriority::kNormal);
}

Scheduler* Scheduler::abandon() {
  abandoned_.store(1, kSeqCst);
  return new Scheduler(*this);
}

Scheduler::~Scheduler() {
  detached_->finish_all();
  detached_->drop();
  stop_threads(-1);
  for (std::uint32_t i = 0; i < roster_size(); ++i) delete worker_at(i);
}

bool Scheduler::stop_threads(std::int64_t wait_ns) noexcept {
  stopping_.store(1, kSeqCst);
  std::vector<pthread_t> threads;
  {
    std::lock_guard lock(mutex_);
    threads.swap(threads_);
  }
  gate_.each_idle([](auto& sleeper) { sleeper.parker.unpark(); });
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += wait_ns < 0 ? 0 : wait_ns;
  until.tv_sec += until.tv_nsec / 1'000'000'000;
  until.tv_nsec %= 1'000'000'000;
  bool all = true;
  for (pthread_t thread : threads) {
    if (pthread_equal(thread, pthread_self()) != 0) {
      all = false;
    } else if (wait_ns < 0) {
      pthread_join(thread, nullptr);
    } else {
      all = pthread_timedjoin_np(thread, nullptr, &until) == 0 && all;
    }
  }
  return all;
}

std::uintptr_t Scheduler::normal_position(const Worker& worker) const noexcept {
  if (!heavy_barrier_works() || (disturbed() && !worker.calm)) return Deque::kHungry;
  if (worker.scope != nullptr && worker.scope->timed) return Deque::kAttention;
  return worker.stack_limit;
}

Worker& Scheduler::new_worker() {
  std::lock_guard lock(mutex_);
  if (free_workers_ != nullptr) {
    Worker* worker = free_workers_;
    free_workers_ = worker->next_free;
    return *worker;
  }
  const std::uint32_t number = roster_size_.load(kRelaxed);
  if (number == kMaxWorkers) {
    throw Error("pel::Executor", "more than " + std::to_string(kMaxWorkers) + " threads at once");
  }
  auto* worker = new Worker(*this, number);
  worker->random = (options_.seed + number + 1) * 0x9e3779b97f4a7c15U | 1;
  roster_[number].store(worker, kRelease);
  roster_size_.store(number + 1, kSeqCst);
  return *worker;
}

void Scheduler::retire_worker(Worker& worker) noexcept {
  std::lock_guard lock(mutex_);
  worker.next_free = free_workers_;
  free_workers_ = &worker;
}

Worker& Scheduler::enter() {
  if (abandoned()) throw abandoned_error();
  Worker* outer = current_worker;
  Worker& worker = new_worker();
  if (outer != nullptr) outer->scheduler.begin_blocking(*outer);
  if (adapts()) {
    if (worker.owner != pthread_self()) {
      worker.owner = pthread_self();
      worker.thread.store(::gettid(), kRelaxed);
    }
    look_at_machine(now_ns());
  }
  worker.index = gate_.acquire(worker.sleeper);
  worker.outer = outer;
  worker.pooled = false;
  worker.calm = false;
  worker.scope = nullptr;
  worker.stack_limit = stack_limit();
  worker.deque.set_normal(normal_position(worker));
  worker.deque.ask(Deque::kHungry);  // threads start, or wake, at the first fork
  current_worker = &worker;
  return worker;
}

void Scheduler::leave(Worker& worker) noexcept {
  Worker* outer = worker.outer;
  if (abandoned()) {
    current_worker = nullptr;
    return;
  }
  gate_.release(std::exchange(worker.index, -1));
  if (has_work()) notify();
  retire_worker(worker);
  current_worker = outer;
  if (outer != nullptr) outer->scheduler.end_blocking(*outer);
}

void Scheduler::begin_blocking(Worker& worker) noexcept {
  if (worker.blocked++ > 0 || abandoned()) return;
  worker.deque.expose_all();
  if (!solo_) gate_.allow_threads(1);
  gate_.release(std::exchange(worker.index, -1));
  if (has_work()) notify();
}

void Scheduler::end_blocking(Worker& worker) noexcept {
  if (--worker.blocked > 0 || abandoned()) return;
  if (!solo_) gate_.allow_threads(-1);
  worker.index = gate_.acquire(worker.sleeper);
}

Error Scheduler::abandoned_error() {
  return Error("pel::Executor", "this task was open when the process forked; its threads are gone",
               "finish or avoid pel's tasks before fork(), or exec() in the child");
}

void Scheduler::notify(Gate<RealAtomics>::Whom whom) noexcept {
  int permit = -1;
  using Woke = Gate<RealAtomics>::Woke;
  if (!gate_.searching() && gate_.somebody_to_wake()) {
    waker_cpu_.store(current_cpu(), kRelaxed);
    woken_ns_.store(now_ns(), kRelaxed);
  }
  const Woke woke = gate_.notify(&permit, whom, [&](auto& sleeper) noexcept {
    wake(static_cast<WorkerSleeper&>(sleeper).worker);
  });
  if (woke == Woke::kNobody) return;
  Worker* worker = current_worker;
  if (worker != nullptr) WorkerCounters::add(worker->counters.wakes);
  if (woke == Woke::kStart) start_thread(permit);
}

// The new thread holds the permit and is counted as a searcher.
void Scheduler::start_thread(int permit) noexcept {
  Worker* worker = nullptr;
  try {
    worker = &new_worker();
    worker->index = permit;
    std::lock_guard lock(mutex_);
    threads_.reserve(threads_.size() + 1);
    pthread_t thread;
    if (stopping_.load(kSeqCst) == 0 && create_thread(*worker, &thread)) {
      threads_.push_back(thread);
      return;
    }
  } catch (...) {
    // No memory, or too many threads: as if the system had none.
  }
  // No thread to be had: the ones that run do all the work.
  if (worker != nullptr) {
    worker->index = -1;
    retire_worker(*worker);
  }
  gate_.quit_search();
  gate_.release(permit);
}

void* Scheduler::thread_main(void* argument) {
  pthread_setname_np(pthread_self(), "pel worker");
  Worker& worker = *static_cast<Worker*>(argument);
  Scheduler& self = worker.scheduler;
  worker.outer = nullptr;
  worker.pooled = true;
  worker.stack_limit = stack_limit();
  worker.deque.set_normal(self.normal_position(worker));
  current_worker = &worker;
  worker.owner = pthread_self();
  worker.thread.store(::gettid(), kRelaxed);
  const int number = static_cast<int>(worker.number);
  if (self.options_.on_thread_start) self.options_.on_thread_start(number);
  self.work(worker);
  if (self.options_.on_thread_stop) self.options_.on_thread_stop(number);
  current_worker = nullptr;
  return nullptr;
}

void Scheduler::work(Worker& worker) {
  arrive(worker);
  while (stopping_.load(kSeqCst) == 0) {
    if (search(worker)) {
      gate_.start_search();
      continue;
    }
    WorkerCounters::add(worker.counters.parks);
    TraceSpan span(worker, "park");
    worker.index = gate_.sleep_idle(
        worker.sleeper, std::exchange(worker.index, -1), [&]() noexcept { ask_for_work(); },
        [&]() noexcept { return stopping_.load(kSeqCst) != 0 || has_work(); },
        [&]() noexcept { return stopping_.load(kSeqCst) != 0; },
        [&](Parker<RealAtomics>& parker) noexcept { park_idle(parker); });
    arrive(worker);
  }
  gate_.quit_search();
  // Who still runs tasks after exit() or dlclose() ended the threads needs the slots.
  const int permit = std::exchange(worker.index, -1);
  if (permit >= 0) gate_.release(permit);
}

void Scheduler::publish(GroupCore& group) noexcept {
  Guard guard(groups_lock_);
  GroupCore** link = &groups_[static_cast<int>(group.priority())];
  while (*link != nullptr) link = &(*link)->next;
  group.next = nullptr;
  *link = &group;
  if (group.priority() == TaskPriority::kHigh) high_published_.fetch_add(1, kRelaxed);
  groups_published_.fetch_add(1, kSeqCst);
}

void Scheduler::withdraw(GroupCore& group) noexcept {
  Guard guard(groups_lock_);
  GroupCore** link = &groups_[static_cast<int>(group.priority())];
  while (*link != &group) link = &(*link)->next;
  *link = group.next;
  if (group.priority() == TaskPriority::kHigh) high_published_.fetch_sub(1, kRelaxed);
  groups_published_.fetch_sub(1, kSeqCst);
}

bool Scheduler::should_yield(const Worker& worker, TaskPriority priority) const noexcept {
  if (!worker.pooled || worker.depth.load(kRelaxed) != 1) return false;  // isolation comes first
  return gate_.permit_wanted() ||
         (priority != TaskPriority::kHigh && high_published_.load(kRelaxed) != 0);
}

bool Scheduler::may_disturb(Worker& worker) noexcept {
  constexpr std::int64_t kAtLeastNs = 2'000'000;
  const bool calm = worker.disturbed_ns > kAtLeastNs + (now_ns() - begun_ns_) / 2;
  if (calm != worker.calm) {
    worker.calm = calm;
    worker.deque.set_normal(normal_position(worker));
  }
  return !calm;
}

bool Scheduler::disturb(Worker& worker, Job* job) noexcept {
  using Kind = Schedule::Kind;
  if (!may_disturb(worker)) return false;
  const Kind kind = options_.schedule.kind;
  const std::uint32_t draw = next_random(worker);
  const bool delays = kind == Kind::kDelayed && draw % 8 == 0;
  const bool insists =
      job != nullptr && (kind == Kind::kReversed || (kind == Kind::kShuffled && draw % 2 == 0));
  if (insists && permits_ < 2) return run_first(worker, *job);
  // Only what it does takes time that counts: a thread may lose its processor anywhere.
  if (!delays && !insists) return false;
  const std::int64_t start = now_ns();
  if (delays) sleep_ns(draw / 64 % 50'000);
  if (insists) {
    worker.deque.expose_all();
    notify();
    for (int i = 0; i < 32 && job->join.taken_by() == 0 && !job->join.finished(); ++i) {
      yield_thread();
    }
  }
  worker.disturbed_ns += now_ns() - start;
  return false;
}

// With nobody else to take it, the owner itself runs the right branch before the left one.
bool Scheduler::run_first(Worker& worker, Job& job) noexcept {
  if (!worker.deque.pop(0) && !worker.deque.pop_slow()) return false;
  run_stolen(worker, worker, job, innermost(worker));
  return true;
}

Counters Scheduler::counters() const {
  Counters sum;
  for (std::uint32_t i = 0; i < roster_size(); ++i) add_counters(sum, worker_at(i)->counters);
  return sum;
}

void add_counters(Counters& sum, const WorkerCounters& one) noexcept {
  sum.forks += one.forks.load(kRelaxed);
  sum.steals += one.steals.load(kRelaxed);
  sum.failed_steals += one.failed_steals.load(kRelaxed);
  sum.forced += one.forced.load(kRelaxed);
  sum.parks += one.parks.load(kRelaxed);
  sum.wakes += one.wakes.load(kRelaxed);
  sum.join_idle_ns += one.join_idle_ns.load(kRelaxed);
  sum.spawned += one.spawned.load(kRelaxed);
  sum.executed += one.executed.load(kRelaxed);
}

}  // namespace pel::detail
