// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/parker.hpp"

namespace pel::detail {

// Who waits for the end of a task: threads that sleep, and tasks that depend on it. A list without
// a lock that is closed when the task ends.
//
// Invariants
//  1. A listener that listen() accepted is called once, by end(), which takes the whole list.
//  2. A thread's listener is on its stack: end() touches neither it nor the thread's parker after
//     `fired`, and the thread waits for that before it goes on.
template <class P, class Dependent>
class Listeners {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  struct Listener {
    typename P::template Plain<Listener*> next{};
    Parker<P>* parker = nullptr;     // either a thread
    Dependent* dependent = nullptr;  // or a task
    Atomic<std::uint32_t> fired{0};
  };

  // False: the task has ended, and the listener is not on the list.
  [[nodiscard]] bool listen(Listener& listener) noexcept {
    Listener* head = head_.load(kAcquire);
    do {
      if (head == closed()) return false;
      listener.next = head;
    } while (!head_.compare_exchange(head, &listener, kAcqRel));
    return true;
  }

  // Called by a thread whose listener is on the list, after the task's end.
  static void wait_until_fired(Listener& listener) noexcept {
    if (P::kBug == Bug::kNoFiredWait) return;
    while (listener.fired.load(kAcquire) == 0) P::yield();
  }

  // The task ends: set_done() tells those who look, then threads are unparked, and
  // resolve(listener) is called for each listener of a task, which is the callee's from then on.
  template <class SetDone, class Resolve>
  void end(SetDone set_done, Resolve resolve) noexcept {
    Listener* listener = close();
    set_done();
    while (listener != nullptr) {
      Listener* next = listener->next;
      if (listener->parker == nullptr) {
        resolve(listener);
      } else if (P::kBug == Bug::kFiresFirst) {
        Parker<P>* parker = listener->parker;
        listener->fired.store(1, kRelease);
        parker->unpark();
      } else {
        listener->parker->unpark();
        listener->fired.store(1, kRelease);
      }
      listener = next;
    }
  }

 private:
  static Listener* closed() noexcept { return reinterpret_cast<Listener*>(std::uintptr_t{1}); }
  Listener* close() noexcept {
    if (P::kBug == Bug::kLosesListener) {
      Listener* list = head_.load(kAcquire);
      head_.store(closed(), kRelease);
      return list;
    }
    return head_.exchange(closed(), kAcqRel);
  }

  Atomic<Listener*> head_{nullptr};
};

}  // namespace pel::detail
