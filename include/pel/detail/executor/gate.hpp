// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/parker.hpp"

namespace pel::detail {

// Who of an executor's threads runs, searches and sleeps.
//
// A thread needs a permit (a worker index) to run tasks or to search; there are as many as threads
// may run at once. A thread that sleeps leaves its permit in its Sleeper, where a thread that waits
// for one may take it; a join takes one again before it goes on. So permits are held only by
// threads that run or search, and no wait for a permit can be part of a deadlock. Some may be
// withheld while the machine grants fewer cores: their holders give them up when they have nothing
// to run.
//
// Invariants (lock_ guards all but the two counts, which are also read without it)
//  1. sleepers_ is the number of listed Sleepers; searchers_ the threads that look for work.
//  2. A Sleeper is taken off the list by whoever wakes it; the waker counts it as a searcher.
//  3. A worker lists itself, then asks all queues, then looks again, then parks. A producer makes
//     work visible, then reads the counts. So one of them sees the other: docs/design/executor.md.
//  4. Every permit is held, in a Sleeper, free or withheld; surplus_ is how many more are to be
//     withheld, and then none is free or in a Sleeper.
template <class P>
class Gate {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  enum class Kind : std::uint8_t { kIdle, kJoin, kPermit };
  struct Sleeper {
    Parker<P> parker;
    Sleeper* next = nullptr;
    int permit = -1;
    Kind kind = Kind::kIdle;
    bool listed = false;
  };

  // Whom notify() may wake: any sleeper, or only threads that may run anything.
  enum class Whom { kAny, kFree };
  // What notify() did.
  enum class Woke { kNobody, kSleeper, kStart };

  void add_permit(int permit, int* room) noexcept {
    free_ = room;
    free_[free_count_.fetch_add(1, kSeqCst)] = permit;
    ++permits_;
  }

  // Lets at most this many permits, at least one, be held at once, as soon as holders have nothing
  // to run. True: permits came back, and the caller has to look for work that they could serve.
  bool limit(int most) noexcept {
    Guard guard(lock_);
    const int wanted = permits_ - (most < 1 ? 1 : most < permits_ ? most : permits_);
    const bool back = withheld_ > wanted;
    while (withheld_ > wanted) {
      const int permit = free_[permits_ - withheld_--];
      if (P::kBug == Bug::kForgetsWaiting) {
        free_[free_count_.fetch_add(1, kSeqCst)] = permit;
      } else {
        give_to_somebody(permit);
      }
    }
    for (int permit = 0; withheld_ < wanted && (permit = take_permit()) >= 0;) withhold(permit);
    surplus_.store(wanted - withheld_, kSeqCst);
    limited_.store(wanted, kRelaxed);
    return back;
  }
  // How many permits are, or are to be, withheld.
  int limited() const noexcept { return limited_.load(kRelaxed); }

  // --- permits ---

  // A permit for a thread that comes from outside or from blocking(); waits for one.
  int acquire(Sleeper& self) noexcept {
    {
      Guard guard(lock_);
      const int permit = take_permit();
      if (permit >= 0) return permit;
      self.kind = Kind::kPermit;
      list(waiting_, self);
    }
    while (true) {
      self.parker.park();
      Guard guard(lock_);
      if (!self.listed) return self.permit;
    }
  }

  void release(int permit) noexcept {
    Guard guard(lock_);
    give_back(permit);
  }

  // Whoever has nothing to run shall give up its permit.
  bool permit_wanted() const noexcept {
    return permits_wanted_.load(kRelaxed) != 0 || surplus_.load(kRelaxed) > 0;
  }

  // --- searching ---

  // Some thread looks for work: what becomes visible is found without waking anybody.
  bool searching() const noexcept { return searchers_.load(kRelaxed) != 0; }
  void start_search() noexcept { searchers_.fetch_add(1, kSeqCst); }
  bool somebody_to_wake() const noexcept {
    return sleepers_.load(kSeqCst) != 0 ||
           (startable_.load(kSeqCst) > 0 && free_count_.load(kSeqCst) != 0);
  }
  // A searcher has found work. While it searched nobody else was woken, and owners that were asked
  // have cleared it. So the last searcher asks again on behalf of those who sleep and of threads
  // that were not started, looks for what became visible before, and calls wake() if there is any.
  template <class Ask, class Work, class Wake>
  void end_search(Ask ask, Work work, Wake wake) noexcept {
    if (searchers_.fetch_sub(1, kSeqCst) != 1 || !somebody_to_wake()) return;
    if (P::kBug == Bug::kNoHandOver) return;
    ask();
    if (work()) wake();
  }
  // A searcher leaves for good.
  void quit_search() noexcept { searchers_.fetch_sub(1, kSeqCst); }

  // After making work visible: wakes one sleeper, unless somebody searches already. kStart: the
  // caller has to start a thread with the permit returned in `permit`.
  // kFree: on behalf of a join that sleeps although there is work, which it must not run: a thread
  // that may do so takes the join's permit if there is no other.
  // wake(sleeper) unparks the one that was taken off the list.
  Woke notify(int* permit, Whom whom = Whom::kAny) noexcept {
    return notify(permit, whom, [](Sleeper& sleeper) noexcept { sleeper.parker.unpark(); });
  }
  template <class Wake>
  Woke notify(int* permit, Whom whom, Wake wake) noexcept {
    if (searchers_.load(kSeqCst) != 0) return Woke::kNobody;
    if (whom == Whom::kAny && !somebody_to_wake()) return Woke::kNobody;
    Sleeper* sleeper = nullptr;
    {
      Guard guard(lock_);
      if (searchers_.load(kSeqCst) != 0) return Woke::kNobody;
      sleeper = pick(whom);
      if (sleeper == nullptr) {
        if (startable_.load(kRelaxed) <= 0) return Woke::kNobody;
        const int own = whom == Whom::kFree ? take_permit() : take_free();
        if (own < 0) return Woke::kNobody;
        *permit = own;
        startable_.fetch_sub(1, kSeqCst);
        searchers_.fetch_add(1, kSeqCst);
        return Woke::kStart;
      }
      searchers_.fetch_add(1, kSeqCst);
    }
    wake(*sleeper);
    return Woke::kSleeper;
  }

  // How many more threads notify() may ask for.
  void allow_threads(int more) noexcept { startable_.fetch_add(more, kSeqCst); }

  // --- sleeping ---

  // A searcher with a permit goes to sleep. ask() asks all queues and runs a heavy barrier;
  // work() looks again; park() parks. Returns when the caller is a searcher with a permit again, or
  // `stop()`.
  template <class Ask, class Work, class Stop, class Park>
  int sleep_idle(Sleeper& self, int permit, Ask ask, Work work, Stop stop, Park park) noexcept {
    {
      Guard guard(lock_);
      self.kind = Kind::kIdle;
      self.permit = -1;
      list(idle_, self);
      sleepers_.fetch_add(1, kSeqCst);
      searchers_.fetch_sub(1, kSeqCst);
      if (permit_wanted()) {
        give_back(permit);
      } else {
        self.permit = permit;
      }
    }
    ask();
    bool again = P::kBug != Bug::kNoSleepRecheck && work();
    while (true) {
      if (!again) park(self.parker);
      Guard guard(lock_);
      if (!self.listed) return self.permit;
      if ((again && self.permit >= 0) || stop()) {
        unlist(idle_, self);
        sleepers_.fetch_sub(1, kSeqCst);
        searchers_.fetch_add(1, kSeqCst);
        return self.permit;
      }
      again = false;  // the permit was taken: its new holder runs
    }
  }

  // A worker in a join, which is not counted as a searcher, goes to sleep until unparked or
  // notified. Its permit may be lent meanwhile, and *permit be another one afterwards. True: it was
  // notified, and is a counted searcher now.
  template <class Ask, class Work>
  bool sleep_join(Sleeper& self, int* permit, Ask ask, Work work) noexcept {
    {
      Guard guard(lock_);
      self.kind = Kind::kJoin;
      self.permit = -1;
      list(joining_, self);
      sleepers_.fetch_add(1, kSeqCst);
      if (P::kBug == Bug::kCountsJoinTwice) searchers_.fetch_sub(1, kSeqCst);
      if (permit_wanted() && P::kBug != Bug::kNoLending) {
        give_back(*permit);
      } else {
        self.permit = *permit;
      }
    }
    ask();
    if (P::kBug == Bug::kNoSleepRecheck || !work()) self.parker.park();
    bool notified = false;
    {
      Guard guard(lock_);
      notified = !self.listed;
      if (!notified) {
        unlist(joining_, self);
        sleepers_.fetch_sub(1, kSeqCst);
      }
      *permit = self.permit;
    }
    if (*permit < 0) *permit = acquire(self);
    return notified;
  }

  // Wakes all that sleep idle: to stop.
  template <class Each>
  void each_idle(Each each) noexcept {
    Guard guard(lock_);
    for (Sleeper* s = idle_; s != nullptr; s = s->next) each(*s);
  }

 private:
  void list(Sleeper*& head, Sleeper& self) noexcept {
    self.next = nullptr;
    self.listed = true;
    if (self.kind != Kind::kIdle) {  // first come, first served; a join tried in vain comes last
      if (self.kind == Kind::kPermit) permits_wanted_.fetch_add(1, kSeqCst);
      Sleeper** end = &head;
      while (*end != nullptr) end = &(*end)->next;
      *end = &self;
      return;
    }
    self.next = head;
    head = &self;
  }
  void unlist(Sleeper*& head, Sleeper& self) noexcept {
    Sleeper** link = &head;
    while (*link != &self) link = &(*link)->next;
    *link = self.next;
    self.listed = false;
  }

  // The sleeper to wake: an idle one that has a permit or can get one, else one in a join.
  Sleeper* pick(Whom whom) noexcept {
    Sleeper** head = &idle_;
    Sleeper* chosen = with_permit(idle_);
    if (chosen == nullptr && idle_ != nullptr) {
      const int permit = whom == Whom::kFree ? take_permit() : take_free();
      if (permit >= 0) {
        chosen = idle_;
        chosen->permit = permit;
      }
    }
    if (chosen == nullptr && whom == Whom::kAny) {
      head = &joining_;
      chosen = with_permit(joining_);
    }
    if (chosen == nullptr) return nullptr;
    unlist(*head, *chosen);
    sleepers_.fetch_sub(1, kSeqCst);
    return chosen;
  }

  static Sleeper* with_permit(Sleeper* head) noexcept {
    while (head != nullptr && head->permit < 0) head = head->next;
    return head;
  }

  int take_free() noexcept {
    return free_count_.load(kRelaxed) > 0 ? free_[free_count_.fetch_sub(1, kSeqCst) - 1] : -1;
  }

  // A free permit, or one of a sleeper.
  int take_permit() noexcept {
    const int permit = take_free();
    if (permit >= 0) return permit;
    Sleeper* lender = with_permit(idle_);
    if (lender == nullptr && P::kBug != Bug::kNoLending) lender = with_permit(joining_);
    if (lender == nullptr) return -1;
    const int lent = lender->permit;
    lender->permit = -1;
    return lent;
  }

  void withhold(int permit) noexcept { free_[permits_ - ++withheld_] = permit; }

  void give_back(int permit) noexcept {
    const int surplus = surplus_.load(kRelaxed);
    if (surplus <= 0) return give_to_somebody(permit);
    surplus_.store(surplus - 1, kSeqCst);
    withhold(permit);
  }

  void give_to_somebody(int permit) noexcept {
    if (waiting_ != nullptr) {
      Sleeper* first = waiting_;
      unlist(waiting_, *first);
      permits_wanted_.fetch_sub(1, kSeqCst);
      first->permit = permit;
      first->parker.unpark();
      return;
    }
    Sleeper* const heads[] = {idle_, joining_};
    for (Sleeper* s : heads) {
      for (; s != nullptr; s = s->next) {
        if (s->permit < 0) {
          s->permit = permit;
          return;
        }
      }
    }
    free_[free_count_.fetch_add(1, kSeqCst)] = permit;
  }

  // What searchers read again and again lies apart from what every entry and exit writes.
  Atomic<int> searchers_{0};
  Atomic<int> sleepers_{0};
  Atomic<int> startable_{0};
  Atomic<int> permits_wanted_{0};
  Atomic<int> surplus_{0};
  Atomic<int> limited_{0};
  alignas(64) SmallLock<P> lock_;
  Sleeper* idle_ = nullptr;
  Sleeper* joining_ = nullptr;
  Sleeper* waiting_ = nullptr;
  int* free_ = nullptr;  // free permits from the front, withheld ones from the back
  Atomic<int> free_count_{0};
  int permits_ = 0;
  int withheld_ = 0;
};

}  // namespace pel::detail
