// SPDX-License-Identifier: Apache-2.0
#pragma once

// Model checks of the ways to wait: parker, join, group, task.
#include "runtime/executor/countdown.hpp"
#include "tests/model/executor/item.hpp"

namespace model {

// Room for an object on a thread's stack: it stays readable after its end, so that a late access is
// seen by the object's own check.
template <class T>
struct Room {
  alignas(T) unsigned char bytes[sizeof(T)];
  T* make() { return ::new (static_cast<void*>(bytes)) T; }
};

// A thread that sleeps until a flag is up, and two that unpark it, of which one has news.
template <Bug kBug>
struct Park : rl::test_suite<Park<kBug>, 3> {
  pel::detail::Parker<ModelAtomics<kBug>>* parker = nullptr;
  Atomic<std::uint32_t>* news = nullptr;

  void before() {
    parker = new pel::detail::Parker<ModelAtomics<kBug>>;
    news = new Atomic<std::uint32_t>(0);
  }
  void after() {
    delete parker;
    delete news;
  }
  void thread(unsigned index) {
    if (index == 0) {
      while (news->load(pel::detail::kAcquire) == 0) parker->park();
      return;
    }
    if (index == 1) news->store(1, pel::detail::kRelease);
    parker->unpark();
  }
};

// A parent that waits for a stolen branch and stops it, and the thief that runs it.
template <Bug kBug>
struct Join : rl::test_suite<Join<kBug>, 2> {
  using Policy = ModelAtomics<kBug>;
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

// A thread that waits for a group of two tasks and leaves as soon as it sees the end; two that end
// a task each, of which one unparked it before for another reason.
template <Bug kBug>
struct Group : rl::test_suite<Group<kBug>, 3> {
  using Policy = ModelAtomics<kBug>;
  using Countdown = pel::detail::Countdown<Policy>;
  using Waiter = typename Countdown::Waiter;
  pel::detail::SmallLock<Policy>* lock = nullptr;
  pel::detail::Parker<Policy>* parker = nullptr;
  Countdown* countdown = nullptr;
  Room<Waiter> room;
  rl::var<int> results[2];

  void before() {
    lock = new pel::detail::SmallLock<Policy>;
    parker = new pel::detail::Parker<Policy>;
    countdown = new Countdown(*lock);
    countdown->add();
    countdown->add();
  }
  void after() {
    delete countdown;
    delete parker;
    delete lock;
  }
  void thread(unsigned index) {
    if (index == 0) {
      Waiter* waiter = room.make();
      waiter->parker = parker;
      while (!countdown->done()) {
        if (countdown->add_waiter(*waiter)) parker->park();
      }
      countdown->remove_waiter(*waiter);
      waiter->~Waiter();
      for (int i = 0; i < 2; ++i) RL_ASSERT(results[i](RL_INFO) == i + 1);
      return;
    }
    if (index == 1) parker->unpark();
    results[index - 1](RL_INFO) = static_cast<int>(index);
    countdown->end_one();
  }
};

// A thread that waits for a task, on an executor that ends right afterwards; a dependent task; the
// thread that ends the task.
template <Bug kBug>
struct TaskEnd : rl::test_suite<TaskEnd<kBug>, 3> {
  using Policy = ModelAtomics<kBug>;
  using Parker = pel::detail::Parker<Policy>;
  using Ending = pel::detail::Listeners<Policy, int>;
  using Listener = typename Ending::Listener;
  Ending* ending = nullptr;
  Atomic<std::uint32_t>* phase = nullptr;
  Room<Listener> listener_room;
  Room<Parker> parker_room;
  Listener* dependent = nullptr;
  int blocker = 0;
  int resolved = 0;
  rl::var<int> result;

  void before() {
    ending = new Ending;
    phase = new Atomic<std::uint32_t>(0);
    dependent = new Listener;
    dependent->dependent = &blocker;
  }
  void after() {
    RL_ASSERT(resolved == 1);
    delete dependent;
    delete phase;
    delete ending;
  }
  bool done() { return phase->load(pel::detail::kAcquire) != 0; }
  void resolve() {
    RL_ASSERT(result(RL_INFO) == 7);
    ++resolved;
  }
  void wait() {
    Parker* parker = parker_room.make();
    Listener* listener = listener_room.make();
    listener->parker = parker;
    bool listed = false;
    while (!done()) {
      if (!listed) listed = ending->listen(*listener);
      if (listed && !done()) parker->park();
    }
    if (listed) Ending::wait_until_fired(*listener);
    RL_ASSERT(result(RL_INFO) == 7);
    listener->~Listener();
    parker->~Parker();
  }
  void thread(unsigned index) {
    if (index == 0) {
      wait();
    } else if (index == 1) {
      if (!ending->listen(*dependent)) resolve();
    } else {
      result(RL_INFO) = 7;
      ending->end([&]() noexcept { phase->store(1, pel::detail::kRelease); },
                  [&](Listener*) noexcept { resolve(); });
    }
  }
};

}  // namespace model
