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
    stretch_ = cost_ == 0 ? kFirstStretch : kShortStretch;
    failed_ = 0;
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
    const std::uint64_t fit = kShortStretch / cost + 1;
    return fit < done + 1 ? fit : done + 1;
  }

  // Helpers are let in now.
  void opened(std::uint64_t now) noexcept {
    since_ = now;
    useful_ = commits_ = 0;
  }
  // A run that took `ticks` with `accesses` was committed. False: helpers do not pay.
  bool committed(std::uint64_t ticks, std::uint64_t accesses) noexcept {
    const std::uint64_t price = kAttemptPrice + kAccessPrice * accesses;
    useful_ += ticks > price ? ticks - price : 0;
    ++commits_;
    return true;
  }
  // After a row of commits.
  bool still_pays(std::uint64_t now) noexcept {
    const std::uint64_t spent = now - since_;
    if (spent < kTrial || commits_ < kTrialCommits) return true;
    const bool pays = 20 * useful_ >= 21 * spent;
    if (!pays) {
      failed_ = failed_ < 8 ? failed_ + 1 : 8;
      stretch_ = kFirstStretch << failed_;
    } else {
      failed_ = 0;
    }
    if (!pays || spent > 16 * kTrial) opened(now);
    return pays;
  }

 private:
  static constexpr std::uint64_t kFirstStretch = 60'000;
  static constexpr std::uint64_t kShortStretch = 6'000;
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
  int failed_ = 0;
};

}  // namespace pel::detail::spec
