// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "ledger/chain/atomics.hpp"

namespace pel::ledger {

// Mutants for the model check; the shipped policy has none.
enum class DividedBug {
  kNone,
  kForgetsTimes,   // a claim does not notice that another job was opened meanwhile
  kFinishesFirst,  // a part counts as done when it is claimed
  kOpensTooEarly,  // parts are counted after they can be claimed
};
struct DividedAtomics : ChainAtomics {
  static constexpr DividedBug kDividedBug = DividedBug::kNone;
};

// Jobs that one thread opens one after the other, each divided into up to 32 parts, which it and
// others do. P is an atomics policy.
//
// Invariants: (1) a claim succeeds only on the word of the job that is open, which counts how many
// there were: what was written before open() is what the claimer reads; (2) done() is true only if
// each part was finished, which makes what it left visible.
template <class P>
class Divided {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  // For the one thread, after done() (or at first).
  void open(std::uint32_t parts) noexcept {
    const std::uint64_t times = (open_.load(__ATOMIC_RELAXED) >> 32) + 1;
    const std::uint64_t word = times << 32 | ((std::uint64_t{1} << parts) - 1);
    const bool early = P::kDividedBug == DividedBug::kOpensTooEarly;
    if (early) open_.store(word, __ATOMIC_RELEASE);
    under_way_.store(parts, __ATOMIC_RELAXED);
    if (!early) open_.store(word, __ATOMIC_RELEASE);
  }
  bool done() const noexcept { return under_way_.load(__ATOMIC_ACQUIRE) == 0; }

  // A part that nobody has claimed, one of `own` (bits) if there is any; false: there is none.
  // Then do it and call finished().
  bool claim(std::uint32_t own, std::uint32_t* part) noexcept {
    std::uint64_t seen = open_.load(__ATOMIC_ACQUIRE);
    while (static_cast<std::uint32_t>(seen) != 0) {
      const auto free = static_cast<std::uint32_t>(seen);
      const int chosen = std::countr_zero((free & own) != 0 ? free & own : free);
      const std::uint64_t left = seen & ~(std::uint64_t{1} << chosen);
      if (P::kDividedBug == DividedBug::kForgetsTimes) {
        open_.store(left, __ATOMIC_ACQ_REL);
      } else if (!open_.compare_exchange(seen, left, __ATOMIC_ACQ_REL)) {
        continue;
      }
      if (P::kDividedBug == DividedBug::kFinishesFirst) count_down();
      *part = static_cast<std::uint32_t>(chosen);
      return true;
    }
    return false;
  }
  void finished() noexcept {
    if (P::kDividedBug != DividedBug::kFinishesFirst) count_down();
  }

 private:
  void count_down() noexcept { under_way_.fetch_sub(1, __ATOMIC_ACQ_REL); }

  // {how many jobs were opened:32, parts that nobody has claimed:32}
  alignas(64) Atomic<std::uint64_t> open_{0};
  alignas(64) Atomic<std::uint32_t> under_way_{0};
};

}  // namespace pel::ledger
