// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace pel::ledger {

// The shipped atomics policy of this folder's protocols, sequentially consistent whatever is asked
// for: on x86-64 only stores would be cheaper. The model checks have theirs, with the orders that
// the headers name.
struct ChainAtomics {
  template <class T>
  class Atomic {
   public:
    constexpr Atomic() noexcept = default;
    constexpr explicit Atomic(T value) noexcept : value_(value) {}
    T load(int) const noexcept { return value_.load(); }
    void store(T value, int) noexcept { value_.store(value); }
    T exchange(T value, int) noexcept { return value_.exchange(value); }
    T fetch_sub(T value, int) noexcept { return value_.fetch_sub(value); }
    bool compare_exchange(T& expected, T desired, int) noexcept {
      return value_.compare_exchange_strong(expected, desired);
    }

   private:
    std::atomic<T> value_{};
  };
};

}  // namespace pel::ledger
