// SPDX-License-Identifier: Apache-2.0
#pragma once

// Model checks of the queue of forked jobs and of the calls on its owner.
#include "tests/model/executor/item.hpp"

namespace model {

// An owner that pushes and pops, a thief that helps itself, a thief that asks.
template <Bug kBug>
struct Queue : rl::test_suite<Queue<kBug>, 3> {
  using Deque = pel::detail::SplitDeque<ModelAtomics<kBug>, Item>;
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
  using Deque = pel::detail::SplitDeque<ModelAtomics<kBug>, Item>;
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

// A canceller that raises a flag and asks for attention: the owner's next push after that sees
// both, however thieves and its own answers come between.
template <Bug kBug>
struct Cancel : rl::test_suite<Cancel<kBug>, 3> {
  using Policy = ModelAtomics<kBug>;
  using Deque = pel::detail::SplitDeque<Policy, Item>;
  Deque* deque = nullptr;
  Atomic<std::uint32_t>* flag = nullptr;
  Atomic<std::uint32_t>* raised = nullptr;
  Item items[3];

  void before() {
    deque = new Deque(4);
    deque->set_normal(1);
    flag = new Atomic<std::uint32_t>(0);
    raised = new Atomic<std::uint32_t>(0);
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

}  // namespace model
