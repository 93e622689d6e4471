// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"

namespace pel::detail {

// One thread's place to sleep: a token that unpark() leaves and park() takes. An unpark() before
// the park() is not lost; several count as one; park() may therefore return early, and callers look
// again.
template <class P>
class Parker {
 public:
  void park() noexcept {
    std::uint32_t seen = kEmpty;
    if (!token_.compare_exchange(seen, kSleeping, kAcqRel)) {
      take_token();  // nobody else does
      return;
    }
    do {
      P::wait(token_, kSleeping);
    } while (token_.load(kAcquire) == kSleeping);
    take_token();
  }
  // The same for about this time; false: nobody unparked it.
  bool park_for(std::int64_t at_most_ns) noexcept {
    std::uint32_t seen = kEmpty;
    if (token_.compare_exchange(seen, kSleeping, kAcqRel)) {
      P::wait_for(token_, kSleeping, at_most_ns);
      seen = kSleeping;
      if (token_.compare_exchange(seen, kEmpty, kAcqRel)) return false;
    }
    take_token();
    return true;
  }
  // True: the thread slept. What came before the call is seen by the thread after its park().
  bool unpark() noexcept {
    const bool slept = token_.exchange(kToken, kAcqRel) == kSleeping;
    if (slept) P::wake(token_);
    return slept;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kToken = 1;
  static constexpr std::uint32_t kSleeping = 2;

  // A second unpark() may have come since the look at the token. The exchange reads it, so that the
  // caller sees what was written before it; a store could pass the caller's next look and bury it.
  void take_token() noexcept {
    if (P::kBug == Bug::kStoresToken) {
      token_.store(kEmpty, kRelaxed);
    } else {
      token_.exchange(kEmpty, kAcqRel);
    }
  }
  typename P::template Atomic<std::uint32_t> token_{kEmpty};
};

// A lock of one word for slow paths; waiters sleep in the kernel.
template <class P>
class SmallLock {
 public:
  void lock() noexcept {
    std::uint32_t seen = 0;
    if (word_.compare_exchange(seen, 1, kAcquire)) return;
    for (int i = 0; i < 64; ++i) {
      P::pause();
      seen = 0;
      if (word_.load(kRelaxed) == 0 && word_.compare_exchange(seen, 1, kAcquire)) return;
    }
    while (word_.exchange(2, kAcquire) != 0) P::wait(word_, 2);
  }
  void unlock() noexcept {
    if (word_.exchange(0, kRelease) == 2) P::wake(word_);
  }

 private:
  typename P::template Atomic<std::uint32_t> word_{0};
};

template <class Lock>
class Guard {
 public:
  explicit Guard(Lock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~Guard() { lock_.unlock(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace pel::detail
