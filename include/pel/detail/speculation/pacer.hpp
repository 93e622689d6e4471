// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/loops/pace.hpp"

namespace pel::detail::spec {

// Whether helpers pay. Only speed depends on it. Times are ticks() (a third of a nanosecond).
//
// A run begins with the serial loop. Once that has gone on for a stretch, and what is left is
// estimated to be worth it, helpers are let in. While they are in, the committer adds up what the
// committed runs took by themselves: if that is not more than the time that went by, all this
// gained nothing (a chain of conflicts, or attempts too cheap), and the serial loop goes on for
// twice as long a stretch as before.
class Pacer {
 public:
  void start() noexcept {
    failed_ /= 2;  // what the last batch taught is half forgotten
    stretch_ = cost_ == 0 ? kFirstStretch : failed_ == 0 ? kShortStretch : stretch();
  }

  // `done` attempts of the serial loop took `spent` ticks; `left` are to come.
  bool pays(std::uint64_t spent, std::uint64_t done, std::uint64_t left) noexcept {
    if (spent < stretch_) return false;
    cost_ = spent / done;
    return cost_ >= kCheapest && cost_ * left >= kWorthHelp;
  }
  // How many more attempts the serial loop should run until it asks again.
  static std::uint64_t next_look(std::uint64_t spent, std::uint64_t done) noexcept {
    const std::uint64_t cost = spent / done + 1;
    const std::uint64_t fit = (cost < kCheapest ? kLongLook : kShortStretch) / cost + 1;
    return fit < done + 1 ? fit : done + 1;
  }

  // Helpers are let in now. The trial begins when the first one has come.
  void opened() noexcept { since_ = useful_ = commits_ = repeats_ = 0; }
  // A run that took `spent` with `accesses` was committed, after `repeats` others of the attempt.
  void committed(std::uint64_t spent, std::uint64_t accesses, std::uint64_t repeats) noexcept {
    repeats_ += repeats;
    const std::uint64_t price = kAttemptPrice + kAccessPrice * accesses;
    useful_ += spent > price ? spent - price : 0;
    ++commits_;
  }
  // After a row of commits with helpers at work. False: they do not pay.
  bool still_pays(std::uint64_t now) noexcept {
    if (since_ == 0) {
      since_ = now;
      useful_ = commits_ = repeats_ = 0;
    }
    const std::uint64_t spent = now - since_;
    if (spent < kTrial || commits_ < kTrialCommits) return true;
    // Where much is repeated, cells move between cores, and runs take longer than they would alone.
    const std::uint64_t doubt = repeats_ < commits_ ? repeats_ : commits_;
    const bool pays = useful_ / 21 * 20 >= spent + spent / 2 / commits_ * doubt;
    if (!pays) {
      failed_ = failed_ < kMaxFailed ? failed_ + 1 : kMaxFailed;
      stretch_ = stretch();
    } else {
      failed_ = 0;
    }
    if (!pays || spent > 16 * kTrial) opened();
    return pays;
  }

 private:
  std::uint64_t stretch() const noexcept { return kFirstStretch << (2 * failed_); }

  static constexpr int kMaxFailed = 4;
  static constexpr std::uint64_t kFirstStretch = 60'000;
  static constexpr std::uint64_t kShortStretch = 6'000;
  static constexpr std::uint64_t kLongLook = 48'000;    // where helpers do not pay
  static constexpr std::uint64_t kCheapest = 1'500;     // an attempt, to be worth versions
  static constexpr std::uint64_t kWorthHelp = 150'000;  // what is left, to wake a helper for
  static constexpr std::uint64_t kTrial = 200'000;
  static constexpr std::uint64_t kTrialCommits = 8;
  static constexpr std::uint64_t kAttemptPrice = 300;
  static constexpr std::uint64_t kAccessPrice = 120;

  std::uint64_t stretch_ = kFirstStretch;
  std::uint64_t cost_ = 0;
  std::uint64_t since_ = 0;
  std::uint64_t useful_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t repeats_ = 0;
  int failed_ = 0;
};

}  // namespace pel::detail::spec
