// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/speculation/policy.hpp"

namespace pel::detail::spec {

// Where an attempt is: {index:32, incarnation:24, doomed:1, phase:7} in one word, so that whoever
// hits a run hits exactly that run or nothing.
//
// Transitions, with the one who makes them
//   free -> ready | running     whoever claims the index
//   ready -> running            whoever takes its bit from the board
//   running -> executed         its worker, unless it was doomed meanwhile
//   running -> ready | waiting  its worker, after giving up; the incarnation counts up
//   running: doomed             any writer below it
//   executed -> aborting        any writer below it, which then owns it until it is ready
//   aborting -> ready           that writer; the incarnation counts up
//   waiting -> ready            whoever finishes what it waits for
//   executed | running -> free  the committer, once all earlier attempts are committed
template <class P>
class AttemptWord {
 public:
  enum Phase : std::uint32_t { kFree, kReady, kRunning, kExecuted, kAborting, kWaiting };
  enum class Hit { kMissed, kRunning, kTaken };
  static constexpr std::uint32_t kIncarnations = (std::uint32_t{1} << 24) - 1;

  // Free; while nobody else is here.
  void clear() noexcept { word_.store(0, kRelaxed); }
  // For the owner of the attempt.
  void set(std::uint32_t index, std::uint32_t incarnation, Phase phase) noexcept {
    word_.store(pack(index, incarnation, phase), kSeqCst);
  }
  // False: doomed.
  [[nodiscard]] bool execute(std::uint32_t index, std::uint32_t incarnation) noexcept {
    std::uint64_t seen = pack(index, incarnation, kRunning);
    if (P::kSpecBug == Bug::kNoValidation) {
      word_.store(pack(index, incarnation, kExecuted), kSeqCst);
      return true;
    }
    return word_.compare_exchange(seen, pack(index, incarnation, kExecuted), kSeqCst);
  }
  bool doomed() const noexcept { return (word_.load(kRelaxed) & kDoomedBit) != 0; }

  // A write below made what this run read stale. kTaken: it had executed, and the caller has to
  // take back its versions and make it ready.
  [[nodiscard]] Hit hit(std::uint32_t index, std::uint32_t incarnation) noexcept {
    std::uint64_t seen = word_.load(kAcquire);
    while (true) {
      const bool same = P::kSpecBug == Bug::kWrongIncarnation
                            ? index_of(seen) == index
                            : seen >> 8 == pack(index, incarnation, kFree) >> 8;
      if (!same || (seen & kDoomedBit) != 0) return Hit::kMissed;
      const Phase phase = phase_of(seen);
      if (phase == kRunning) {
        if (word_.compare_exchange(seen, seen | kDoomedBit, kAcqRel)) return Hit::kRunning;
      } else if (phase == kExecuted) {
        if (P::kSpecBug == Bug::kNoValidation) return Hit::kMissed;
        const std::uint64_t taken = pack(index, incarnation_of(seen), kAborting);
        if (word_.compare_exchange(seen, taken, kAcqRel)) return Hit::kTaken;
      } else {
        return Hit::kMissed;
      }
    }
  }
  // Everything stops.
  void doom_if_running() noexcept {
    std::uint64_t seen = word_.load(kSeqCst);
    while (phase_of(seen) == kRunning && (seen & kDoomedBit) == 0) {
      if (word_.compare_exchange(seen, seen | kDoomedBit, kSeqCst)) return;
    }
  }

  bool executed(std::uint32_t index) const noexcept {
    const std::uint64_t seen = word_.load(kSeqCst);
    return index_of(seen) == index && phase_of(seen) == kExecuted;
  }
  // The attempt has begun and will write more versions.
  bool unfinished(std::uint32_t index) const noexcept {
    const std::uint64_t seen = word_.load(kSeqCst);
    return index_of(seen) == index && phase_of(seen) != kExecuted && phase_of(seen) != kFree;
  }
  // Whether records that this run left behind may be dropped.
  bool gone(std::uint32_t index, std::uint32_t incarnation) const noexcept {
    const std::uint64_t seen = word_.load(kRelaxed);
    return (seen >> 8) != (pack(index, incarnation, kFree) >> 8);
  }
  std::uint32_t index() const noexcept { return index_of(word_.load(kRelaxed)); }
  std::uint32_t incarnation() const noexcept { return incarnation_of(word_.load(kRelaxed)); }

 private:
  static constexpr std::uint64_t kDoomedBit = 128;
  static std::uint64_t pack(std::uint32_t index, std::uint32_t incarnation, Phase phase) noexcept {
    return std::uint64_t{index} << 32 | std::uint64_t{incarnation & kIncarnations} << 8 | phase;
  }
  static std::uint32_t index_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word >> 32);
  }
  static std::uint32_t incarnation_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word >> 8) & kIncarnations;
  }
  static Phase phase_of(std::uint64_t word) noexcept {
    return static_cast<Phase>(word & (kDoomedBit - 1));
  }

  typename P::template Atomic<std::uint64_t> word_{0};
};

}  // namespace pel::detail::spec
