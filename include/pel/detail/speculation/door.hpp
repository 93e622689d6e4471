// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/speculation/policy.hpp"

namespace pel::detail::spec {

// Lets helpers in and, when it is shut, says when the last one has left: from then on, until it is
// opened again, the caller is alone, and what helpers wrote is visible to it.
//
// A helper counts itself in, then looks whether the door is open; the caller shuts it, then looks
// at the count. All four are sequentially consistent, so one of the two sees the other.
template <class P>
class Door {
 public:
  static constexpr std::uint64_t kPatienceTicks = 180'000;  // how long one stands before it

  void open() noexcept { open_.store(1, kSeqCst); }
  void shut() noexcept { open_.store(0, kSeqCst); }
  bool is_open() const noexcept { return open_.load(kSeqCst) != 0; }
  bool looks_open() const noexcept { return open_.load(kRelaxed) != 0; }
  // After shut(): nobody is inside, or will come.
  bool empty() const noexcept { return inside_.load(kSeqCst) == 0; }

  // False: it is shut.
  [[nodiscard]] bool enter() noexcept {
    if (P::kSpecBug == Bug::kDoorAjar) {
      const bool was_open = is_open();
      if (was_open) inside_.fetch_add(1, kSeqCst);
      return was_open;
    }
    inside_.fetch_add(1, kSeqCst);
    if (is_open()) return true;
    leave();
    return false;
  }
  void leave() noexcept { inside_.fetch_sub(1, kSeqCst); }

  // The caller is about to open it, but goes on alone until a helper has knocked.
  void expect(bool soon) noexcept { expects_.store(soon ? 1 : 0, kSeqCst); }
  bool is_knocked() const noexcept { return knocks_.load(kSeqCst) != 0; }
  // Before enter(): waits while the caller is about to open, for a moment.
  template <class GiveUp>
  void knock(GiveUp give_up) noexcept {
    knocks_.fetch_add(1, kSeqCst);
    while (expects_.load(kSeqCst) != 0 && !give_up()) P::pause();
    knocks_.fetch_sub(1, kSeqCst);
  }

 private:
  typename P::template Atomic<std::uint32_t> open_{0};
  typename P::template Atomic<std::uint32_t> inside_{0};
  typename P::template Atomic<std::uint32_t> expects_{0};
  typename P::template Atomic<std::uint32_t> knocks_{0};
};

}  // namespace pel::detail::spec
