// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "pel/detail/loops/pace.hpp"

namespace pel::detail::spec {

// Whether helpers pay. Only speed depends on it. Times are ticks() (a third of a nanosecond).
//
// A run begins with the serial loop. When what is left is estimated to be worth it, a helper is
// called, and let in when it is there: a trial. While helpers are in, the committer adds up what
// the committed attempts were worth to the serial loop. If that is not more than the time that went
// by, all this gained nothing (a chain of conflicts, or attempts too cheap), and the serial loop
// goes on. What the trial has lost is known then, and the next one has to wait until the serial
// loop has run for kPayback times as long, over the ends of runs too, and twice that after each
// further failure. So what trials lose is at most one part in kPayback of a program's time, but for
// its first trial.
class Pacer {
 public:
  // --- the serial loop ---

  // `done` attempts of the serial loop took `spent` ticks; `left` are to come.
  bool pays(std::uint64_t spent, std::uint64_t done, std::uint64_t left) noexcept {
    if (spent < kShortStretch) return false;
    const std::uint64_t cost = spent / done;
    if (cost_ == 0 || spent >= kFirstStretch) cost_ = cost;
    return cost >= kCheapest && cost * left >= kWorthHelp && paid_ + spent >= owed_;
  }
  // The serial loop ends, or makes room for helpers, after `done` attempts in `spent` ticks.
  void ran_alone(std::uint64_t spent, std::uint64_t done) noexcept {
    paid_ += spent;
    if (spent >= kFirstStretch) cost_ = spent / done;
  }
  // How many more attempts the serial loop should run until it asks again.
  static std::uint64_t next_look(std::uint64_t spent, std::uint64_t done) noexcept {
    const std::uint64_t cost = spent / done + 1;
    const std::uint64_t fit = (cost < kCheapest ? kLongLook : kShortStretch) / cost + 1;
    return std::min(fit, done + 1);
  }
  // Attempts are so long that the serial loop would see a helper late.
  bool opens_at_once() const noexcept { return cost_ >= kLong; }

  // --- trials ---

  // A helper has been called, which took `spent`.
  void called(std::uint64_t spent) noexcept { calls_ += spent; }
  // Helpers are let in now.
  void opened(std::uint64_t now) noexcept {
    opened_ = now;
    all_ = {};
    since_ = empty_since_ = 0;
    doubts_ = 0;
  }
  // A run that took `spent` with `accesses` was committed, the first of its attempt or not.
  void committed(std::uint64_t spent, std::uint64_t accesses, bool repeated) noexcept {
    const std::uint64_t price = kAttemptPrice + kAccessPrice * accesses;
    all_.repeated += repeated ? 1 : 0;
    all_.own += spent;
    all_.useful += spent > price ? spent - price : 0;
    ++all_.commits;
  }
  // No helper is inside. False: it has been so for too long.
  bool still_waits(std::uint64_t now) noexcept {
    if (empty_since_ == 0) empty_since_ = now;
    return now - empty_since_ < kPatience || opens_at_once();
  }
  // After a row of commits with helpers at work. False: they do not pay.
  bool still_pays(std::uint64_t now) noexcept {
    empty_since_ = 0;
    if (since_ == 0) return warms_up(now);
    const std::uint64_t spent = now - since_;
    const Tally window = all_ - before_;
    if (window.commits < kTrialCommits || spent < kTrial / 4) return true;
    const std::uint64_t gain = worth(window);
    if (gain + gain / 4 < spent && (spent >= kTrial / 2 || window.is_chain())) return false;
    if (spent < kTrial) return true;
    if (gain / 21 * 20 >= spent) {
      failed_ = doubts_ = 0;
      if (spent > 16 * kTrial) begin_window(now);
      return true;
    }
    begin_window(now);
    return ++doubts_ < kMaxDoubts;
  }
  // The serial loop goes on, since helpers do not pay, or have not come.
  void closed(std::uint64_t now) noexcept { fail(std::max(lost(now), kTrial / 8)); }
  // The run has ended.
  void ended(std::uint64_t now) noexcept {
    const std::uint64_t sum = lost(now);
    if (sum != 0) {
      fail(sum);
    } else {
      opened_ = calls_ = 0;
    }
  }

 private:
  // What was committed since some moment.
  struct Tally {
    std::uint64_t commits = 0;
    std::uint64_t repeated = 0;  // of these
    std::uint64_t own = 0;       // ticks that the runs took,
    std::uint64_t useful = 0;    // without what cells cost
    bool is_chain() const noexcept { return 2 * repeated >= commits; }
    Tally operator-(const Tally& before) const noexcept {
      return {commits - before.commits, repeated - before.repeated, own - before.own,
              useful - before.useful};
    }
  };

  // At first cells are made and lines of memory go to where they are used: that is no part of what
  // the trial finds out, but of what it costs. Attempts that are repeated all the time even then
  // are a chain.
  bool warms_up(std::uint64_t now) noexcept {
    const std::uint64_t spent = now - opened_;
    if (spent < kTrial && (all_.commits < kTrialCommits || spent < kTrial / 4)) return true;
    if (2 * cost_ * all_.commits < spent && all_.is_chain()) return false;
    begin_window(now);
    return true;
  }
  void begin_window(std::uint64_t now) noexcept {
    since_ = now;
    before_ = all_;
  }
  // What the serial loop would have taken for what was committed. Beside others attempts take
  // longer than alone, where their cells move between cores: what the serial loop measured counts,
  // unless these attempts are clearly others.
  std::uint64_t worth(const Tally& tally) const noexcept {
    const std::uint64_t serial = cost_ * tally.commits;
    return tally.own < 2 * serial ? std::min(serial, tally.useful) : tally.useful;
  }
  // What the helpers that were called last, and let in or not, have cost up to now.
  std::uint64_t lost(std::uint64_t now) const noexcept {
    if (opened_ == 0) return calls_;
    const std::uint64_t spent = now - opened_ + calls_, gain = worth(all_);
    return spent > gain ? spent - gain : 0;
  }
  void fail(std::uint64_t lost) noexcept {
    owed_ = kPayback * lost << failed_;
    if (lost >= kTrial / 8) failed_ = std::min(failed_ + 1, kMaxFailed);
    paid_ = opened_ = calls_ = 0;
  }

  static constexpr int kMaxFailed = 4;
  static constexpr int kMaxDoubts = 3;
  static constexpr std::uint64_t kPayback = 32;
  static constexpr std::uint64_t kFirstStretch = 60'000;
  static constexpr std::uint64_t kShortStretch = 6'000;
  static constexpr std::uint64_t kLongLook = 48'000;    // where helpers do not pay
  static constexpr std::uint64_t kCheapest = 1'500;     // an attempt, to be worth versions
  static constexpr std::uint64_t kWorthHelp = 400'000;  // what is left, to wake a helper for
  static constexpr std::uint64_t kLong = 60'000;
  static constexpr std::uint64_t kPatience = 90'000;
  static constexpr std::uint64_t kTrial = 200'000;
  static constexpr std::uint64_t kTrialCommits = 8;
  static constexpr std::uint64_t kAttemptPrice = 300;
  static constexpr std::uint64_t kAccessPrice = 120;

  std::uint64_t cost_ = 0;    // of an attempt in the serial loop
  std::uint64_t owed_ = 0;    // how long the serial loop has to run before the next trial,
  std::uint64_t paid_ = 0;    // and how long it has
  std::uint64_t calls_ = 0;   // what calling helpers took
  std::uint64_t opened_ = 0;  // 0: they are not let in
  std::uint64_t since_ = 0;   // when the window began, 0 while memory warms up
  std::uint64_t empty_since_ = 0;
  Tally all_;       // since the opening
  Tally before_;    // the window
  int doubts_ = 0;  // windows in a row that neither gained nor lost much
  int failed_ = 0;
};

}  // namespace pel::detail::spec
