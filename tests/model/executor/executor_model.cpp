// SPDX-License-Identifier: Apache-2.0
// Model checks of the executor's shipped headers. Usage: executor_model PROTOCOL [BUG]; exits with
// 0 if no schedule of those tried breaks the protocol, with 1 if one does.
#include "tests/model/executor/model_atomics.hpp"

namespace {

using pel::detail::Bug;

struct Item {
  rl::var<int> payload;  // relacy reports a race on it
  int runs = 0;

  void fill(int value) { payload(RL_INFO) = value; }
  void run(int value) {
    RL_ASSERT(payload(RL_INFO) == value);
    ++runs;
  }
};

// An owner that pushes and pops, a thief that helps itself, a thief that asks.
template <Bug kBug>
struct Queue : rl::test_suite<Queue<kBug>, 3> {
  using Deque = pel::detail::SplitDeque<model::ModelAtomics<kBug>, Item>;
  static constexpr int kItems = 4;
  Deque* deque = nullptr;
  Item* items = nullptr;

  void before() {
    deque = new Deque(2);
    deque->set_normal(1);
    items = new Item[kItems];
  }
  void after() {
    for (int i = 0; i < kItems; ++i) RL_ASSERT(items[i].runs == 1);
    delete[] items;
    delete deque;
  }

  void push(int i) {
    items[i].fill(i);
    if (deque->full()) RL_ASSERT(deque->grow());
    if (!deque->push(&items[i], 1)) deque->answer();
  }
  void pop(int i) {
    if (deque->pop(1) || deque->pop_slow()) items[i].run(i);
  }
  void take() {
    if (Item* item = deque->steal([](std::uint32_t) { return true; })) {
      item->run(static_cast<int>(item - items));
    }
  }

  void thread(unsigned index) {
    if (index == 0) {
      push(0);
      push(1);
      push(2);
      pop(2);
      pop(1);
      push(3);
      pop(3);
      pop(0);
    } else if (index == 1) {
      deque->force();
      take();
      deque->force();
      take();
    } else {
      deque->ask();
      take();
      take();
    }
  }
};

// An owner that takes its only job back while a thief helps itself to it.
template <Bug kBug>
struct Forced : rl::test_suite<Forced<kBug>, 2> {
  using Deque = pel::detail::SplitDeque<model::ModelAtomics<kBug>, Item>;
  Deque* deque = nullptr;
  Item* items = nullptr;

  void before() {
    deque = new Deque(2);
    deque->set_normal(1);
    items = new Item[1];
  }
  void after() {
    RL_ASSERT(items[0].runs == 1);
    delete[] items;
    delete deque;
  }
  void thread(unsigned index) {
    if (index == 0) {
      items[0].fill(0);
      deque->push(&items[0], 1);
      if (deque->pop(1) || deque->pop_slow()) items[0].run(0);
    } else {
      deque->force();
      if (Item* item = deque->steal([](std::uint32_t) { return true; })) item->run(0);
    }
  }
};

// A producer and two workers that look for one item each and sleep when there is none.
template <Bug kBug>
struct Sleep : rl::test_suite<Sleep<kBug>, 3> {
  using Policy = model::ModelAtomics<kBug>;
  using Deque = pel::detail::SplitDeque<Policy, Item>;
  using Gate = pel::detail::Gate<Policy>;
  Deque* deque = nullptr;
  Gate* gate = nullptr;
  typename Gate::Sleeper* sleepers = nullptr;
  Item* items = nullptr;
  int room[2] = {};

  void before() {
    deque = new Deque(4);
    deque->set_normal(1);
    gate = new Gate;
    gate->add_permit(0, room);
    gate->add_permit(1, room);
    sleepers = new typename Gate::Sleeper[2];
    items = new Item[2];
    gate->start_search();
    gate->start_search();
  }
  void after() {
    for (int i = 0; i < 2; ++i) RL_ASSERT(items[i].runs == 1);
    delete[] items;
    delete[] sleepers;
    delete gate;
    delete deque;
  }

  void notify() {
    int permit = -1;
    gate->notify(&permit);
  }
  void produce(int i) {
    items[i].fill(i);
    if (!deque->push(&items[i], 1)) {
      deque->answer();
      notify();
    }
  }
  bool visible() { return deque->look() != Deque::Look::kEmpty; }

  void work(unsigned worker) {
    int permit = gate->acquire(sleepers[worker]);
    while (true) {
      deque->ask();
      if (deque->look() == Deque::Look::kPrivate) deque->force();
      if (Item* item = deque->steal([](std::uint32_t) { return true; })) {
        gate->end_search([&] { deque->ask(); }, [&] { return visible(); }, [&] { notify(); });
        item->run(static_cast<int>(item - items));
        return;
      }
      permit = gate->sleep_idle(
          sleepers[worker], permit, [&] { deque->ask(); }, [&] { return visible(); },
          [] { return false; });
    }
  }

  void thread(unsigned index) {
    if (index == 0) {
      produce(0);
      produce(1);
    } else {
      work(index - 1);
    }
  }
};

// A parent that waits for a stolen branch and stops it, and the thief that runs it.
template <Bug kBug>
struct Join : rl::test_suite<Join<kBug>, 2> {
  using Policy = model::ModelAtomics<kBug>;
  pel::detail::JoinWord<Policy>* join = nullptr;
  pel::detail::Parker<Policy>* parker = nullptr;
  rl::var<int> result;

  void before() {
    join = new pel::detail::JoinWord<Policy>;
    parker = new pel::detail::Parker<Policy>;
  }
  void after() {
    delete join;
    delete parker;
  }

  void thread(unsigned index) {
    if (index == 0) {
      while (!join->finished()) {
        if (join->announce_wait()) parker->park();
      }
      RL_ASSERT(join->taken_by() == 0);
      RL_ASSERT(!join->failed());
      RL_ASSERT(result(RL_INFO) == 7);
    } else {
      join->take(5);
      result(RL_INFO) = 7;
      if (join->finish(false)) parker->unpark();
    }
  }
};

// A canceller that raises a flag and asks for attention: the owner's next push after that sees
// both, however thieves and its own answers come between.
template <Bug kBug>
struct Cancel : rl::test_suite<Cancel<kBug>, 3> {
  using Policy = model::ModelAtomics<kBug>;
  using Deque = pel::detail::SplitDeque<Policy, Item>;
  Deque* deque = nullptr;
  model::Atomic<std::uint32_t>* flag = nullptr;
  model::Atomic<std::uint32_t>* raised = nullptr;
  Item items[3];

  void before() {
    deque = new Deque(4);
    deque->set_normal(1);
    flag = new model::Atomic<std::uint32_t>(0);
    raised = new model::Atomic<std::uint32_t>(0);
  }
  void after() {
    delete deque;
    delete flag;
    delete raised;
  }

  void thread(unsigned index) {
    if (index == 0) {
      bool noticed = false;
      for (int i = 0; i < 3; ++i) {
        const bool must = raised->load(pel::detail::kAcquire) != 0;
        if (!deque->push(&items[i], 1)) {
          deque->answer();
          noticed = noticed || flag->load(pel::detail::kSeqCst) != 0;
        }
        RL_ASSERT(!must || noticed);
        // What a join does: it looks at its scope wherever pop_slow() may have cleared the call.
        if (!deque->pop(1)) {
          deque->pop_slow();
          noticed = noticed || flag->load(pel::detail::kSeqCst) != 0;
        }
      }
    } else if (index == 1) {
      flag->store(1, pel::detail::kSeqCst);
      if (kBug != Bug::kNoAttention) deque->ask(Deque::kAttention);
      raised->store(1, pel::detail::kRelease);
    } else {
      deque->ask();
    }
  }
};

template <template <Bug> class Suite, Bug kBug>
int check() {
  rl::test_params params;
  params.iteration_count = kBug == Bug::kNone ? 60'000 : 400'000;
  params.execution_depth_limit = 4000;
  // The window of this one is too narrow for random schedules.
  if (kBug == Bug::kNoEpoch) params.search_type = rl::sched_full;
  std::ostream quiet(nullptr);
  params.output_stream = kBug == Bug::kNone ? &std::cout : &quiet;
  params.progress_stream = &quiet;
  const bool holds = rl::simulate<Suite<kBug>>(params);
  std::printf("%s after %llu schedules\n", rl::test_result_str(params.test_result),
              static_cast<unsigned long long>(params.stop_iteration));
  return holds ? 0 : 1;
}

struct Case {
  const char* protocol;
  const char* bug;
  int (*check)();
};

constexpr Case kCases[] = {
    {"queue", "", check<Queue, Bug::kNone>},
    {"queue", "light_barrier", check<Queue, Bug::kNoLightBarrier>},
    {"queue", "forced_recheck", check<Queue, Bug::kNoForcedRecheck>},
    {"queue", "reclaim", check<Queue, Bug::kNoReclaim>},
    {"forced", "", check<Forced, Bug::kNone>},
    {"forced", "epoch", check<Forced, Bug::kNoEpoch>},
    {"sleep", "", check<Sleep, Bug::kNone>},
    {"sleep", "sleep_recheck", check<Sleep, Bug::kNoSleepRecheck>},
    {"sleep", "hand_over", check<Sleep, Bug::kNoHandOver>},
    {"join", "", check<Join, Bug::kNone>},
    {"join", "late_waiter_check", check<Join, Bug::kLateWaiterCheck>},
    {"cancel", "", check<Cancel, Bug::kNone>},
    {"cancel", "attention", check<Cancel, Bug::kNoAttention>},
};

}  // namespace

int main(int argc, char** argv) {
  const std::string protocol = argc > 1 ? argv[1] : "";
  const std::string bug = argc > 2 ? argv[2] : "";
  for (const Case& one : kCases) {
    if (protocol == one.protocol && bug == one.bug) return one.check();
  }
  std::fprintf(stderr, "usage: executor_model queue|forced|sleep|join|cancel [BUG]\n");
  return 2;
}
