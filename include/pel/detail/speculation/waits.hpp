// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "pel/detail/speculation/board.hpp"
#include "pel/detail/speculation/options.hpp"

namespace pel {

// The built-in policy: an attempt waits once more than half of the late observations of its class
// were conflicts; every sixteenth does not, so that a class can lose its name. A program that makes
// its Speculator anew for each batch keeps one of these to remember what was learned.
class LearnedWaits final : public ConflictPolicy {
 public:
  LearnedWaits();
  ~LearnedWaits() override;
  LearnedWaits(const LearnedWaits&) = delete;
  LearnedWaits& operator=(const LearnedWaits&) = delete;

  bool should_wait(std::uint64_t conflict_class) noexcept override;
  void observe(std::uint64_t conflict_class, bool conflicted) noexcept override;

 private:
  struct Cells;
  std::unique_ptr<Cells> cells_;
};

}  // namespace pel

namespace pel::detail::spec {

// Finds the attempt that a new one should wait for: the last one of a class that it shares.
template <class P>
class Waits {
 public:
  explicit Waits(ConflictPolicy* policy) : policy_(policy == nullptr ? &own_ : policy) {}

  void start() noexcept {
    for (auto& last : last_) last.store(0, kRelaxed);
  }

  // Attempt i, of these classes, runs and waits for nobody.
  void note(std::uint32_t i, const ConflictClasses& classes) noexcept {
    for (const std::uint64_t name : classes.classes) {
      if (name != 0) note(i, tag_of(name));
    }
  }
  // The unfinished attempt that i, of these classes, should wait for, or kNone. The classes that
  // some unfinished attempt before it shares are noted in `contested`.
  std::uint32_t before(std::uint32_t i, const ConflictClasses& classes, ConflictClasses& contested,
                       const Board<P>& board) noexcept {
    std::uint32_t latest = Board<P>::kNone;
    for (std::size_t k = 0; k < classes.classes.size(); ++k) {
      const std::uint64_t name = classes.classes[k];
      if (name == 0) continue;
      const std::uint64_t tag = tag_of(name);
      const std::uint64_t seen = note(i, tag);
      const auto j = static_cast<std::uint32_t>(seen) - 1;
      if (seen >> 32 != tag || seen << 32 == 0 || j >= i || !board.word(j).unfinished(j)) continue;
      if (!policy_->should_wait(name)) {
        contested.classes[k] = name;
      } else if (latest == Board<P>::kNone || j > latest) {
        latest = j;
      }
    }
    return latest;
  }

  void learn(const ConflictClasses& contested, bool conflicted) noexcept {
    for (const std::uint64_t name : contested.classes) {
      if (name != 0) policy_->observe(name, conflicted);
    }
  }

 private:
  static std::uint64_t tag_of(std::uint64_t name) noexcept {
    return (name * 0x9E3779B97F4A7C15) >> 32;
  }
  // {tag:32, attempt + 1:32}; two classes in one place only cost a guess.
  std::uint64_t note(std::uint32_t i, std::uint64_t tag) noexcept {
    return last_[tag % kPlaces].exchange(tag << 32 | (i + 1), kRelaxed);
  }

  static constexpr std::size_t kPlaces = 1024;
  LearnedWaits own_;
  ConflictPolicy* policy_;
  typename P::template Atomic<std::uint64_t> last_[kPlaces];
};

}  // namespace pel::detail::spec
