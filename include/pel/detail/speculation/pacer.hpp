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
    cost_ = spent / done;
    return cost_ >= kCheapest && cost_ * left >= kWorthHelp && paid_ + spent >= owed_;
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
  // The run is over; nobody has come since the last call.
  void nobody_came() noexcept {
    if (calls_ != 0) fail(0);
  }
  // Helpers are let in now.
  void opened(std::uint64_t now) noexcept {
    opened_ = now;
    commits_ = repeated_ = 0;
    since_ = empty_since_ = 0;
  }
  // A run that took `spent` with `accesses` was committed, the first of its attempt or not.
  void committed(std::uint64_t spent, std::uint64_t accesses, bool repeated) noexcept {
    repeated_ += repeated ? 1 : 0;
    const std::uint64_t price = kAttemptPrice + kAccessPrice * accesses;
    own_ += spent;
    useful_ += spent > price ? spent - price : 0;
    ++commits_;
  }
  // No helper is inside. False: it has been so for too long.
  bool still_waits(std::uint64_t now) noexcept {
    if (empty_since_ == 0) empty_since_ = now;
    if (now - empty_since_ < kPatience || opens_at_once()) return true;
    fail(now - empty_since_);
    return false;
  }
  // After a row of commits with helpers at work. False: they do not pay.
  bool still_pays(std::uint64_t now) noexcept {
    empty_since_ = 0;
    if (since_ == 0) return warms_up(now);
    const std::uint64_t spent = now - since_;
    if (commits_ < kTrialCommits || spent < kTrial / 4) return true;
    const std::uint64_t gain = worth();
    if (gain + gain / 4 < spent || (spent >= kTrial && gain / 21 * 20 < spent)) {
      fail(spent > gain ? spent - gain : 0);
      return false;
    }
    if (spent >= kTrial) {
      failed_ = 0;
      calls_ = warm_up_ = 0;
    }
    if (spent > 16 * kTrial) begin_window(now);
    return true;
  }

 private:
  // At first cells are made and lines of memory go to where they are used: that is no part of what
  // the trial finds out, but of what it costs. Attempts that are repeated all the time even then
  // are a chain.
  bool warms_up(std::uint64_t now) noexcept {
    const std::uint64_t spent = now - opened_, gain = cost_ * commits_;
    warm_up_ = spent > gain ? spent - gain : 0;
    if (spent < kTrial && (commits_ < kTrialCommits || spent < kTrial / 4)) return true;
    if (2 * gain < spent && 2 * repeated_ >= commits_) {
      fail(0);
      return false;
    }
    begin_window(now);
    return true;
  }
  void begin_window(std::uint64_t now) noexcept {
    since_ = now;
    useful_ = own_ = commits_ = 0;
  }
  void fail(std::uint64_t lost) noexcept {
    owed_ = kPayback * (lost + calls_ + warm_up_ + kClosing) << failed_;
    paid_ = calls_ = warm_up_ = 0;
    failed_ = std::min(failed_ + 1, kMaxFailed);
  }
  // What the serial loop would have taken for what was committed. Beside others attempts take
  // longer than alone, where their cells move between cores: what the serial loop measured counts,
  // unless these attempts are clearly others.
  std::uint64_t worth() const noexcept {
    const std::uint64_t serial = cost_ * commits_;
    return own_ < 2 * serial ? std::min(serial, useful_) : useful_;
  }

  static constexpr int kMaxFailed = 4;
  static constexpr std::uint64_t kPayback = 32;
  static constexpr std::uint64_t kFirstStretch = 60'000;
  static constexpr std::uint64_t kShortStretch = 6'000;
  static constexpr std::uint64_t kLongLook = 48'000;    // where helpers do not pay
  static constexpr std::uint64_t kCheapest = 1'500;     // an attempt, to be worth versions
  static constexpr std::uint64_t kWorthHelp = 150'000;  // what is left, to wake a helper for
  static constexpr std::uint64_t kLong = 60'000;
  static constexpr std::uint64_t kPatience = 90'000;
  static constexpr std::uint64_t kTrial = 200'000;
  static constexpr std::uint64_t kTrialCommits = 8;
  static constexpr std::uint64_t kClosing = 15'000;  // to shut the door and leave the cells
  static constexpr std::uint64_t kAttemptPrice = 300;
  static constexpr std::uint64_t kAccessPrice = 120;

  std::uint64_t cost_ = 0;  // of an attempt in the serial loop
  std::uint64_t owed_ = 0;  // how long the serial loop has to run before the next trial,
  std::uint64_t paid_ = 0;  // and how long it has
  std::uint64_t calls_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t warm_up_ = 0;  // what the time since then has cost more than the serial loop
  std::uint64_t since_ = 0;    // from when on it is counted, 0 while it warms up:
  std::uint64_t useful_ = 0;
  std::uint64_t own_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t repeated_ = 0;  // of these
  std::uint64_t empty_since_ = 0;
  int failed_ = 0;
};

}  // namespace pel::detail::spec
