// SPDX-License-Identifier: Apache-2.0
// How a worker finds work: who may be stolen from, when to insist, when to sleep.
#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "runtime/executor/group.hpp"
#include "runtime/executor/policy.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel::detail {
namespace {

using Deque = decltype(Worker::deque);
using Look = Deque::Look;
using Whom = Gate<RealAtomics>::Whom;

constexpr std::int64_t kSearchNs = 50'000;     // a searcher looks this long before it sleeps
constexpr std::int64_t kJoinSpinNs = 20'000;   // and a worker in a join this long
constexpr std::int64_t kLeastForceNs = 3'000;  // an owner has at least this long to answer
constexpr std::int64_t kMostForceNs = 50'000;
constexpr int kPauses = 16;                // between two rounds over the victims
constexpr std::uint32_t kMostWatched = 8;  // queues that are looked at after each pause
constexpr int kMaxWalk = 64;               // steals between a waiter and what it may run

// The entry under which the job with this index was forked, 0 if none is known.
Tag entry_of(const Worker& victim, std::uint32_t index) noexcept {
  std::uint32_t depth = victim.depth.load(kAcquire);
  if (depth > Worker::kMaxDepth) return 0;
  while (depth-- > 0) {
    const ActiveEntry& entry = victim.active[depth];
    if (Deque::at_or_after(index, entry.base.load(kAcquire))) {
      return make_tag(entry.id.load(kAcquire), victim.number, depth);
    }
  }
  return 0;
}

}  // namespace

ActiveGuard::ActiveGuard(Worker& worker, Tag group, Tag parent) noexcept : worker_(worker) {
  const std::uint32_t depth = worker.depth.load(kRelaxed);
  if (depth < Worker::kMaxDepth) {
    const std::uint64_t id = worker.next_id++ & kIdMask;
    ActiveEntry& entry = worker.active[depth];
    entry.group.store(group, kRelease);
    entry.parent.store(parent, kRelease);
    entry.base.store(worker.deque.next_index(), kRelease);
    entry.id.store(id, kRelease);
    tag_ = make_tag(id, worker.number, depth);
  }
  worker.depth.store(depth + 1, kRelease);
}

ActiveGuard::~ActiveGuard() {
  const std::uint32_t depth = worker_.depth.load(kRelaxed) - 1;
  if (depth < Worker::kMaxDepth) worker_.active[depth].id.store(0, kRelease);
  worker_.depth.store(depth, kRelease);
}

Tag Scheduler::innermost(const Worker& worker) noexcept {
  const std::uint32_t depth = worker.depth.load(kAcquire);
  if (depth == 0 || depth > Worker::kMaxDepth) return 0;
  return make_tag(worker.active[depth - 1].id.load(kAcquire), worker.number, depth - 1);
}

// Whether the entry `tag` is `target` or was started, over any number of steals, by it. Ids are
// unique and an entry outlives its children, so an entry whose id still matches is the one meant.
bool Scheduler::descends(Tag tag, Tag target) const noexcept {
  for (int step = 0; step < kMaxWalk && tag >> 18 != 0; ++step) {  // no entry has the id 0
    if (tag == target) return true;
    const std::uint64_t number = (tag >> 5) & kGroupWorker;
    if (number >= roster_size()) return false;
    const ActiveEntry& entry = worker_at(static_cast<std::uint32_t>(number))->active[tag & 31];
    if (entry.id.load(kAcquire) != tag >> 18) return false;
    const Tag group = entry.group.load(kAcquire);
    const Tag parent = entry.parent.load(kAcquire);
    if (entry.id.load(kAcquire) != tag >> 18) return false;
    if (group != 0 && group == target) return true;
    tag = parent;
  }
  return false;
}

std::uint32_t Scheduler::next_random(Worker& worker) const noexcept {
  std::uint64_t x = worker.random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  worker.random = x;
  return static_cast<std::uint32_t>(x >> 32);
}

void Scheduler::run_stolen(Worker& worker, Worker& victim, Job& job, Tag parent) noexcept {
  WorkerCounters::add(worker.counters.steals);
  ActiveGuard active(worker, 0, parent);
  job.join.take(active.tag());
  Scope scope = Scope::inside(job.scope);
  if (job.scope == nullptr) scope.float_mode = float_mode();
  scope.join = &job.join;
  bool failed = false;
  {
    ScopeGuard guard(worker, scope);
    TraceSpan span(worker, "steal");
    try {
      if (disturbed()) disturb(worker, nullptr);
      check_scope(&scope);
      job.run(&job);
    } catch (...) {
      ::new (static_cast<void*>(&job.error)) std::exception_ptr(std::current_exception());
      failed = true;
    }
  }
  if (job.join.finish(failed)) victim.sleeper.parker.unpark();
}

// Called by a counted searcher that has found work.
void Scheduler::end_search() noexcept {
  gate_.end_search([&]() noexcept { ask_for_work(); }, [&]() noexcept { return has_work(); },
                   [&]() noexcept { notify(); });
}

// Asks all workers; whoever pushes a job from now on sees it or was seen by the next look.
void Scheduler::ask_for_work() noexcept {
  ask_all(Deque::kHungry);
  RealAtomics::heavy_barrier();
}

bool Scheduler::run_from(Worker& worker, Worker& victim, Search& state, bool counted) {
  Tag parent = 0;
  auto may_take = [&](std::uint32_t index) noexcept {
    parent = entry_of(victim, index);
    return state.target == 0 || descends(parent, state.target);
  };
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Look look = victim.deque.look();
    if (look != Look::kPrivate && state.asked == &victim) state.asked = nullptr;
    if (look == Look::kEmpty) return false;
    if (look == Look::kPublic) {
      if (Job* job = victim.deque.steal(may_take)) {
        if (counted) end_search();
        run_stolen(worker, victim, *job, parent);
        return true;
      }
      WorkerCounters::add(worker.counters.failed_steals);
      return false;
    }
    // Private jobs only: their oldest would be next.
    if (state.target != 0 && !descends(entry_of(victim, victim.deque.top_index()), state.target)) {
      return false;
    }
    victim.deque.ask();
    if (!force(worker, victim, state)) return false;
  }
  return false;
}

// Helps itself to jobs of an owner that has not answered for as long as that costs: where a barrier
// on all threads takes long, as on virtual machines (13 us, and 8 us of the owner's time), an owner
// that answers a little late costs less. True if jobs became public.
bool Scheduler::force(Worker& worker, Worker& victim, Search& state) noexcept {
  const std::int64_t now = now_ns();
  if (state.asked == nullptr) {
    state.asked = &victim;
    state.asked_ns = now;
  }
  const std::int64_t usual = force_ns_.load(kRelaxed);
  if (state.asked != &victim || now - state.asked_ns < usual) return false;
  const bool forced = victim.deque.force();
  state.asked_ns = now_ns();
  const std::int64_t taken = 2 * (state.asked_ns - now);
  force_ns_.store(std::clamp((3 * usual + taken) / 4, kLeastForceNs, kMostForceNs), kRelaxed);
  if (forced) WorkerCounters::add(worker.counters.forced);
  return forced;
}

// The first group of these priorities that whoever waits for `target` may take from; 0: anybody.
// groups_lock_ is held.
GroupCore* Scheduler::find_group(Tag target, int first, int last) const noexcept {
  for (int priority = first; priority <= last; ++priority) {
    for (GroupCore* g = groups_[priority]; g != nullptr; g = g->next) {
      if (target == 0 || g->tag() == target || descends(g->parent(), target)) return g;
    }
  }
  return nullptr;
}

bool Scheduler::run_group_task(Worker& worker, const Search& state, int first, int last,
                               bool counted) {
  if (groups_published_.load(kSeqCst) == 0) return false;
  GroupCore* chosen = nullptr;
  {
    Guard guard(groups_lock_);
    chosen = find_group(state.target, first, last);
    if (chosen == nullptr) return false;
    chosen->hold();
  }
  const bool ran = chosen->run_pending(worker, [&] {
    if (counted) end_search();
  });
  chosen->drop();
  return ran;
}

// One round over all that this worker may run. True if it ran something; a counted searcher has
// then stopped being one.
bool Scheduler::run_one(Worker& worker, Search& state, bool counted) {
  if (run_group_task(worker, state, 0, 0, counted)) return true;
  const std::uint32_t size = roster_size();
  std::uint32_t at = next_random(worker) % size;
  for (std::uint32_t i = 0; i < size; ++i) {
    Worker& victim = *worker_at(at);
    if (&victim != &worker && run_from(worker, victim, state, counted)) return true;
    at = at + 1 == size ? 0 : at + 1;
  }
  return run_group_task(worker, state, 1, 2, counted);
}

// Lets others run where there are more threads than cores. Elsewhere a yield only harms: Linux
// counts it against the thread, so that its next wake-up waits for the waker's time slice to end.
void Scheduler::make_room() const noexcept {
  if (options_.oversubscribe) yield_thread();
}

// Pauses until some worker has made jobs public, for at most kPauses. Who was asked does so at its
// next fork. Nothing else is read meanwhile: to look at what others write would slow them down.
void Scheduler::pause_until_offered() const noexcept {
  const std::uint32_t size = std::min(roster_size(), kMostWatched);
  for (int i = 0; i < kPauses; ++i) {
    RealAtomics::pause();
    for (std::uint32_t w = 0; w < size; ++w) {
      if (worker_at(w)->deque.has_public()) return;
    }
  }
}

// A counted searcher looks until it has run something (true) or nothing was found for kSearchNs.
bool Scheduler::search(Worker& worker) {
  Search state;
  state.start_ns = now_ns();
  look_at_machine(state.start_ns);
  for (int round = 1;; ++round) {
    if (stopping_.load(kRelaxed) != 0 || gate_.permit_wanted()) return false;
    if (run_one(worker, state, true)) return true;
    pause_until_offered();
    if (round % 16 == 0) {
      if (now_ns() - state.start_ns > kSearchNs) return false;
      make_room();
    }
  }
}

bool Scheduler::has_work() noexcept {
  if (groups_published_.load(kSeqCst) != 0) return true;
  const std::uint32_t size = roster_size();
  for (std::uint32_t i = 0; i < size; ++i) {
    if (worker_at(i)->deque.look() != Look::kEmpty) return true;
  }
  return false;
}

bool Scheduler::helpable(const Worker& self, Tag target) noexcept {
  if (target == 0) return false;
  if (groups_published_.load(kSeqCst) != 0) {
    Guard guard(groups_lock_);
    if (find_group(target, 0, 2) != nullptr) return true;
  }
  const std::uint32_t size = roster_size();
  for (std::uint32_t i = 0; i < size; ++i) {
    Worker& victim = *worker_at(i);
    if (&victim != &self && victim.deque.look() != Look::kEmpty &&
        descends(entry_of(victim, victim.deque.top_index()), target)) {
      return true;
    }
  }
  return false;
}

void Scheduler::ask_all(std::uintptr_t what) noexcept {
  const std::uint32_t size = roster_size();
  for (std::uint32_t i = 0; i < size; ++i) worker_at(i)->deque.ask(what);
}

void Scheduler::wait_asleep(Worker& worker, Awaited& awaited, bool* counted) {
  if (std::exchange(*counted, false)) end_search();
  if (!awaited.announce(worker)) return;
  WorkerCounters::add(worker.counters.parks);
  TraceSpan span(worker, "park");
  *counted = gate_.sleep_join(
      worker.sleeper, &worker.index, [&]() noexcept { ask_for_work(); },
      [&]() noexcept {
        if (awaited.done() || awaited.has_own() || helpable(worker, awaited.target())) return true;
        if (has_work()) notify(Whom::kFree);  // somebody who may run it has this worker's slot
        return false;
      });
  wake_up(worker);
}

// One attempt to run something of what is awaited.
bool Scheduler::help(Worker& worker, Awaited& awaited, Search& state, bool* counted) {
  if (awaited.has_own()) {
    if (std::exchange(*counted, false)) end_search();
    if (awaited.run_own(worker)) return true;
  }
  state.target = awaited.target();
  if (state.target == 0 || permits_ <= 1) return false;
  if (!run_one(worker, state, *counted)) return false;
  *counted = false;
  return true;
}

void Scheduler::wait(Worker& worker, Awaited& awaited) {
  if (abandoned() && !awaited.done()) throw abandoned_error();
  bool counted = false;
  Search state;
  state.start_ns = now_ns();
  for (int round = 1; !awaited.done(); ++round) {
    if (help(worker, awaited, state, &counted)) {
      state.start_ns = now_ns();
      continue;
    }
    for (int i = 0; i < kPauses && !awaited.done(); ++i) RealAtomics::pause();
    if (round % 16 != 0) continue;
    const std::int64_t idle_ns = now_ns() - state.start_ns;
    if (idle_ns < kJoinSpinNs) {
      make_room();
      continue;
    }
    if (!awaited.done()) wait_asleep(worker, awaited, &counted);
    const std::int64_t now = now_ns();
    WorkerCounters::add(worker.counters.join_idle_ns,
                        static_cast<std::uint64_t>(now - state.start_ns));
    state.start_ns = now;
  }
  if (counted) end_search();
}

}  // namespace pel::detail
