// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/parker.hpp"

namespace pel::detail {

// A group's unfinished tasks, and the threads that sleep until there are none.
//
// Invariants (the lock is the group's, which outlives whoever ends its last task)
//  1. A waiter is on its thread's stack; it is listed only under the lock, and its thread takes it
//     off the list before it goes, however it learned of the end.
//  2. The count falls to zero before the lock is taken to wake: a waiter is on the list by then, or
//     sees zero when it wants to be.
template <class P>
class Countdown {
 public:
  struct Waiter {
    Parker<P>* parker = nullptr;
    typename P::template Plain<Waiter*> next{};
    typename P::template Plain<bool> listed{};
  };

  explicit Countdown(SmallLock<P>& lock) noexcept : lock_(lock) {}

  void add() noexcept { unfinished_.fetch_add(1, kRelaxed); }
  bool done() const noexcept { return unfinished_.load(kAcquire) == 0; }

  // Ends one; nothing may be touched after the last unless the caller keeps it alive.
  void end_one() noexcept {
    if (unfinished_.fetch_sub(1, kSeqCst) != 1) return;
    if (P::kBug == Bug::kNoWaiterLock) return wake_all();
    Guard guard(lock_);
    if (done()) wake_all();
  }

  // False: done. The waiter stays listed until it is, or until it is removed.
  [[nodiscard]] bool add_waiter(Waiter& waiter) noexcept {
    Guard guard(lock_);
    if (done()) return false;
    if (!waiter.listed) {
      waiter.listed = true;
      waiter.next = waiters_;
      waiters_ = &waiter;
    }
    return true;
  }

  void remove_waiter(Waiter& waiter) noexcept {
    if (P::kBug == Bug::kKeepsWaiter) return;
    Guard guard(lock_);
    if (!waiter.listed) return;
    waiter.listed = false;
    if (waiters_ == &waiter) {
      waiters_ = waiter.next;
      return;
    }
    Waiter* before = waiters_;
    while (before->next != &waiter) before = before->next;
    before->next = static_cast<Waiter*>(waiter.next);
  }

 private:
  void wake_all() noexcept {
    for (Waiter* waiter = waiters_; waiter != nullptr;) {
      Waiter* next = waiter->next;
      waiter->listed = false;
      waiter->parker->unpark();
      waiter = next;
    }
    waiters_ = nullptr;
  }

  SmallLock<P>& lock_;
  typename P::template Atomic<std::uint64_t> unfinished_{0};
  typename P::template Plain<Waiter*> waiters_{};
};

}  // namespace pel::detail
