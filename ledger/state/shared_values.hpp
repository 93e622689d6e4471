// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

#include "pel/ledger/types.hpp"

namespace pel::ledger {

// A number that one thread writes while others read it. A reader may get words of two numbers:
// whoever reads so compares again later, when nobody writes, before anything counts. On x86-64 both
// sides are plain moves.
class SharedU256 {
 public:
  U256 load() const noexcept {
    return {w_[0].load(kOrder), w_[1].load(kOrder), w_[2].load(kOrder), w_[3].load(kOrder)};
  }
  void store(const U256& value) noexcept {
    for (std::size_t i = 0; i < 4; ++i) w_[i].store(value.w[i], kOrder);
  }

 private:
  static constexpr auto kOrder = std::memory_order_relaxed;
  std::array<std::atomic<std::uint64_t>, 4> w_{};
};

inline void pause_processor() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// A lock of one word for a few instructions at a time. Whoever waits long gives up its processor:
// the holder may have lost his.
class CellLock {
 public:
  void lock() noexcept {
    while (word_.exchange(true, std::memory_order_acquire)) {
      for (int spins = 0; word_.load(std::memory_order_relaxed); ++spins) {
        pause_processor();
        if (spins > 100) std::this_thread::yield();
      }
    }
  }
  void unlock() noexcept { word_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> word_{false};
};

class CellGuard {
 public:
  explicit CellGuard(CellLock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~CellGuard() { lock_.unlock(); }
  CellGuard(const CellGuard&) = delete;
  CellGuard& operator=(const CellGuard&) = delete;

 private:
  CellLock& lock_;
};

}  // namespace pel::ledger
