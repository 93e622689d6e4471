// SPDX-License-Identifier: Apache-2.0
#pragma once

// Model checks of the gate: searchers, sleepers, permits.
#include "tests/model/executor/item.hpp"

namespace model {

// One queue and a gate, and what threads do with them.
template <Bug kBug, int kPermits, int kSleepers, int kItems>
struct Workplace {
  using Policy = ModelAtomics<kBug>;
  using Deque = pel::detail::SplitDeque<Policy, Item>;
  using Gate = pel::detail::Gate<Policy>;
  using Whom = typename Gate::Whom;
  Deque deque{4};
  Gate gate;
  typename Gate::Sleeper sleepers[kSleepers];
  Item items[kItems];
  int room[kPermits] = {};

  Workplace() {
    deque.set_normal(1);
    for (int i = 0; i < kPermits; ++i) gate.add_permit(i, room);
  }

  void notify(Whom whom = Whom::kAny) {
    int permit = -1;
    gate.notify(&permit, whom);
  }
  void produce(int i) {
    items[i].fill(i);
    if (!deque.push(&items[i], 1)) {
      deque.answer();
      notify();
    }
  }
  bool visible() { return deque.look() != Deque::Look::kEmpty; }
  void end_search() {
    gate.end_search([&] { deque.ask(); }, [&] { return visible(); }, [&] { notify(); });
  }

  // A counted searcher without a permit looks for one item, sleeps when there is none, runs it.
  // Returns the permit that it holds.
  int work(int worker) {
    int permit = gate.acquire(sleepers[worker]);
    while (true) {
      deque.ask();
      if (deque.look() == Deque::Look::kPrivate) deque.force();
      Item* item = nullptr;
      if (!gate.permit_wanted()) item = deque.steal([](std::uint32_t) { return true; });
      if (item != nullptr) {
        end_search();
        item->run(static_cast<int>(item - items));
        return permit;
      }
      permit = gate.sleep_idle(
          sleepers[worker], permit, [&] { deque.ask(); }, [&] { return visible(); },
          [] { return false; }, [](auto& parker) { parker.park(); });
    }
  }

  // A worker in a join sleeps until done(); it must not run what is in the queue.
  template <class Done>
  void join(int worker, int* permit, Done done) {
    while (!done()) {
      const bool counted = gate.sleep_join(
          sleepers[worker], permit, [&] { deque.ask(); },
          [&] {
            if (done()) return true;
            if (visible()) notify(Whom::kFree);
            return false;
          });
      if (counted) end_search();
    }
  }
};

// A producer and two workers that look for one item each and sleep when there is none.
template <Bug kBug>
struct Sleep : rl::test_suite<Sleep<kBug>, 3> {
  Workplace<kBug, 2, 2, 2>* place = nullptr;

  void before() {
    place = new Workplace<kBug, 2, 2, 2>;
    place->gate.start_search();
    place->gate.start_search();
  }
  void after() {
    for (Item& item : place->items) RL_ASSERT(item.runs == 1);
    delete place;
  }
  void thread(unsigned index) {
    if (index == 0) {
      place->produce(0);
      place->produce(1);
    } else {
      place->work(static_cast<int>(index) - 1);
    }
  }
};

// A worker that has slept in a join forks again: the other one, which sleeps for lack of work by
// then, must be woken.
template <Bug kBug>
struct JoinSleep : rl::test_suite<JoinSleep<kBug>, 2> {
  Workplace<kBug, 2, 2, 1>* place = nullptr;
  Atomic<std::uint32_t>* stolen_done = nullptr;

  void before() {
    place = new Workplace<kBug, 2, 2, 1>;
    stolen_done = new Atomic<std::uint32_t>(0);
    place->gate.start_search();
  }
  void after() {
    RL_ASSERT(place->items[0].runs == 1);
    delete place;
    delete stolen_done;
  }
  void thread(unsigned index) {
    if (index == 0) {
      int permit = place->gate.acquire(place->sleepers[0]);
      place->join(0, &permit, [&] { return stolen_done->load(pel::detail::kAcquire) != 0; });
      place->produce(0);
    } else {
      stolen_done->store(1, pel::detail::kRelease);
      place->sleepers[0].parker.unpark();
      place->work(1);
    }
  }
};

// One permit. Its holder sleeps in a join for a branch whose thread comes back from blocking code,
// while a third thread passes by.
template <Bug kBug>
struct Lending : rl::test_suite<Lending<kBug>, 3> {
  Workplace<kBug, 1, 3, 1>* place = nullptr;
  Atomic<std::uint32_t>* branch_done = nullptr;
  rl::var<int> holder;

  void before() {
    place = new Workplace<kBug, 1, 3, 1>;
    branch_done = new Atomic<std::uint32_t>(0);
  }
  void after() {
    delete place;
    delete branch_done;
  }
  void thread(unsigned index) {
    int permit = place->gate.acquire(place->sleepers[index]);
    RL_ASSERT(permit == 0);
    holder(RL_INFO) = static_cast<int>(index);  // a race if two hold it
    if (index == 0) {
      place->join(0, &permit, [&] { return branch_done->load(pel::detail::kAcquire) != 0; });
      RL_ASSERT(permit == 0);
      holder(RL_INFO) = 0;
    } else if (index == 1) {
      branch_done->store(1, pel::detail::kRelease);
      place->sleepers[0].parker.unpark();
    }
    place->gate.release(permit);
  }
};

// One permit. Blocked code makes a job that the sleeping join must not run and waits for it: an
// idle worker gets the join's permit.
template <Bug kBug>
struct Spare : rl::test_suite<Spare<kBug>, 3> {
  Workplace<kBug, 1, 2, 1>* place = nullptr;
  Atomic<std::uint32_t>* ran = nullptr;

  void before() {
    place = new Workplace<kBug, 1, 2, 1>;
    ran = new Atomic<std::uint32_t>(0);
    place->gate.start_search();
  }
  void after() {
    RL_ASSERT(place->items[0].runs == 1);
    delete place;
    delete ran;
  }
  void thread(unsigned index) {
    if (index == 0) {
      int permit = place->gate.acquire(place->sleepers[0]);
      place->join(0, &permit, [&] { return ran->load(pel::detail::kAcquire) != 0; });
      RL_ASSERT(permit == 0);
    } else if (index == 1) {
      const int permit = place->work(1);
      ran->store(1, pel::detail::kRelease);
      place->sleepers[0].parker.unpark();
      place->gate.release(permit);
    } else {
      place->produce(0);
    }
  }
};

// Two permits, of which the machine takes one away and gives it back. Their first holder keeps its
// own until another worker has run what it made, so that both are needed in the end.
template <Bug kBug>
struct Limit : rl::test_suite<Limit<kBug>, 3> {
  Workplace<kBug, 2, 2, 1>* place = nullptr;
  Atomic<std::uint32_t>* ran = nullptr;

  void before() {
    place = new Workplace<kBug, 2, 2, 1>;
    ran = new Atomic<std::uint32_t>(0);
    place->gate.start_search();
  }
  void after() {
    RL_ASSERT(place->items[0].runs == 1);
    RL_ASSERT(place->gate.limited() == 0);
    delete place;
    delete ran;
  }
  void thread(unsigned index) {
    if (index == 0) {
      const int permit = place->gate.acquire(place->sleepers[0]);
      place->produce(0);
      while (ran->load(pel::detail::kAcquire) == 0) place->sleepers[0].parker.park();
      place->gate.release(permit);
    } else if (index == 1) {
      const int permit = place->work(1);
      ran->store(1, pel::detail::kRelease);
      place->sleepers[0].parker.unpark();
      place->gate.release(permit);
    } else {
      place->gate.limit(1);
      if (place->gate.limit(2)) {
        place->deque.ask();
        if (place->visible()) place->notify();
      }
    }
  }
};

// The owner leaves a scope with a deadline, which sets the word that sleepers ask by, and forks.
template <Bug kBug>
struct Calls : rl::test_suite<Calls<kBug>, 2> {
  using Place = Workplace<kBug, 1, 1, 1>;
  Place* place = nullptr;

  void before() {
    place = new Place;
    place->gate.start_search();
  }
  void after() {
    RL_ASSERT(place->items[0].runs == 1);
    delete place;
  }
  void thread(unsigned index) {
    if (index == 0) {
      place->deque.set_normal(Place::Deque::kAttention);
      place->deque.set_normal(1);
      place->produce(0);
    } else {
      place->work(0);
    }
  }
};

}  // namespace model
