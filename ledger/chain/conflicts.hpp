// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {

// Which transactions of a block are better not attempted yet. Real conflicts come in runs: several
// transactions one after the other trade at one place. So an attempt of which the effort was lost
// warns of those that call the same account, as long as an earlier one is not committed; one that
// held takes it back. Warnings change who runs a transaction, never what comes out.
//
// One thread at a time reports; all may ask.
class Conflicts {
 public:
  void start() noexcept { size_.store(0, std::memory_order_relaxed); }

  // An attempt has held, or not.
  void report(const Transaction& tx, bool held) noexcept {
    if (!tx.to) return;
    const std::uint32_t size = size_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < size; ++i) {
      if (places_[i].to != *tx.to) continue;
      const int score = places_[i].score.load(std::memory_order_relaxed);
      const int now = held ? std::max(score - 1, 0) : std::min(score + 2, 4);
      if (now != score) places_[i].score.store(now, std::memory_order_relaxed);
      return;
    }
    if (held || size == kPlaces) return;
    places_[size].to = *tx.to;
    places_[size].score.store(2, std::memory_order_relaxed);
    size_.store(size + 1, std::memory_order_release);
  }
  // Whether transactions that call what this one calls tend to conflict.
  bool warn(const Transaction& tx) const noexcept {
    if (!tx.to) return false;
    const std::uint32_t size = size_.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < size; ++i)
      if (places_[i].to == *tx.to) return places_[i].score.load(std::memory_order_relaxed) > 1;
    return false;
  }

 private:
  static constexpr std::uint32_t kPlaces = 32;
  struct Place {
    Address to;
    std::atomic<int> score{0};
  };
  std::array<Place, kPlaces> places_;
  std::atomic<std::uint32_t> size_{0};
};

}  // namespace pel::ledger
