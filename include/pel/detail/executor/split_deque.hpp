// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "pel/detail/executor/atomics.hpp"

namespace pel::detail {

// A worker's queue of forked jobs. One owner pushes and pops at the newest end; thieves take the
// oldest. Indices only grow with pushes: [top, split) is public, [split, tail) is the owner's own.
//
// Invariants
//  1. Only owners write tail_, split_, limit_ and slots; slots of public indices never change.
//  2. The public part {epoch:24, top:24, count:16} is one word, changed by compare-exchange only: a
//     thief raises top, the owner and a forcing thief raise count, the owner lowers it. Every
//     change by the owner raises epoch, so a thief's exchange fails if the owner acted after its
//     read.
//  3. The owner's push and pop touch no shared line and need no fence: they end with a look at
//  poll_,
//     on their own line. Whoever wants a job sets it; the owner answers in the slow path.
//  4. poll_ goes back to normal only in the owner's slow path, which changes the word afterwards
//  and
//     refreshes split_ from it.
//  5. A forcing thief moves private jobs to the public part while the owner runs a long leaf:
//     poll_ := kForced, heavy barrier, read word and tail, look that poll_ is still kForced,
//     compare-exchange. One at a time (forcing_). docs/design/executor.md has the proof.
template <class P, class Job>
class SplitDeque {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  using Position = std::uintptr_t;
  static constexpr Position kAttention = ~Position{0} - 2;  // the owner shall look at its scope
  static constexpr Position kHungry = ~Position{0} - 1;     // somebody wants a job
  static constexpr Position kForced = ~Position{0};
  static constexpr std::uint64_t kMaxJobs = std::uint64_t{1} << 22;

  explicit SplitDeque(std::size_t capacity) { use(new Ring(capacity, nullptr)); }
  ~SplitDeque() {
    for (Ring* ring = ring_.load(kRelaxed); ring != nullptr;) {
      Ring* older = ring->older;
      delete ring;
      ring = older;
    }
  }
  SplitDeque(const SplitDeque&) = delete;
  SplitDeque& operator=(const SplitDeque&) = delete;

  // --- owner ---

  // True when there is no room for one more: call grow() before push().
  bool full() const noexcept { return tail_.load(kRelaxed) == limit_; }

  // Makes room; false when the queue holds kMaxJobs.
  bool grow();

  // False: somebody waits for an answer, or `position` is below the normal value of poll: call
  // answer() after it.
  bool push(Job* job, Position position) noexcept {
    const std::uint64_t tail = tail_.load(kRelaxed);
    slots_[tail & mask_].store(job, kRelaxed);
    tail_.store(tail + 1, kOwnerStore);
    P::light_barrier();
    return position >= poll_.load(kOwnerLoad);
  }

  // Takes the newest job back. False: call pop_slow().
  bool pop(Position position) noexcept {
    const std::uint64_t tail = tail_.load(kRelaxed) - 1;
    tail_.store(tail, kOwnerStore);
    P::light_barrier();
    return (tail >= split_) & (position >= poll_.load(kOwnerLoad));
  }

  // After a failed pop(): true if the newest job is the owner's, false if it was stolen, in which
  // case nothing is left in the queue.
  bool pop_slow() noexcept;

  // After a failed push(), or at will: makes half of the private jobs public if somebody asked.
  // Returns how many jobs became public.
  std::size_t answer() noexcept;
  // Makes all private jobs public: before the owner blocks.
  void expose_all() noexcept;

  // What poll holds when nobody asks: calls with a lower position enter the slow path. Whoever asks
  // stays heard: only the old normal value is replaced, and kAttention, which may be either, stays
  // until the next answer().
  void set_normal(Position normal) noexcept {
    Position seen = normal_;
    normal_ = normal;
    if (P::kBug == Bug::kForgetsCalls) {
      poll_.store(normal, kSeqCst);
    } else if (seen < kAttention) {
      poll_.compare_exchange(seen, normal, kSeqCst);
    }
  }
  // The index of the next push, as may_take() sees it.
  std::uint32_t next_index() const noexcept {
    return static_cast<std::uint32_t>(tail_.load(kRelaxed) & kTopMask);
  }
  // Whether index a is at or after index b, for indices of jobs that are in the queue together.
  static bool at_or_after(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>((a - b) << 8) >= 0;
  }
  bool asked() const noexcept { return poll_.load(kRelaxed) >= kHungry; }
  bool empty_for_owner() const noexcept {
    return tail_.load(kRelaxed) == split_ && Word{word_.load(kRelaxed)}.count() == 0;
  }

  // --- anyone ---

  enum class Look { kEmpty, kPrivate, kPublic };
  Look look() const noexcept {
    const Word word{word_.load(kSeqCst)};
    if (word.count() != 0) return Look::kPublic;
    return distance(word, tail_.load(kThiefLoad)) > 0 ? Look::kPrivate : Look::kEmpty;
  }

  bool has_public() const noexcept { return Word{word_.load(kRelaxed)}.count() != 0; }

  std::uint32_t top_index() const noexcept {
    return static_cast<std::uint32_t>(Word{word_.load(kAcquire)}.top());
  }

  // Asks the owner for jobs, or for its attention.
  void ask(Position what = kHungry) noexcept {
    Position seen =
        poll_.load(kSeqCst);  // an old value would take an answered call for an open one
    while (seen < what && !poll_.compare_exchange(seen, what, kSeqCst)) {
    }
  }

  // Takes the oldest public job, if `may_take(index)`, called between the look at the job and the
  // take, agrees. nullptr: none, or another was faster.
  template <class MayTake>
  Job* steal(MayTake may_take) noexcept {
    Word word{word_.load(kAcquire)};
    if (word.count() == 0) return nullptr;
    Ring* ring = ring_.load(kAcquire);
    Job* job = ring->slots[word.top() & ring->mask].load(kRelaxed);
    if (!may_take(static_cast<std::uint32_t>(word.top()))) return nullptr;
    std::uint64_t expected = word.bits;
    return word_.compare_exchange(expected, word.stolen().bits, kAcqRel) ? job : nullptr;
  }

  // Makes half of the private jobs public while the owner does not answer. True if any became so.
  bool force() noexcept;

 private:
  static constexpr int kThiefLoad = P::kBug == Bug::kNoLightBarrier ? kAcquire : kSeqCst;
  static constexpr int kOwnerStore = P::kBug == Bug::kNoLightBarrier ? kRelease : P::kOwnerStore;
  static constexpr int kOwnerLoad = P::kBug == Bug::kNoLightBarrier ? kRelaxed : P::kOwnerLoad;
  static constexpr std::uint64_t kCountMask = 0xffff;
  static constexpr std::uint64_t kTopMask = 0xffffff;
  static constexpr std::uint64_t kOneTop = std::uint64_t{1} << 16;
  static constexpr std::uint64_t kOneEpoch = P::kBug == Bug::kNoEpoch ? 0 : std::uint64_t{1} << 40;

  struct Word {
    std::uint64_t bits;
    std::uint64_t count() const noexcept { return bits & kCountMask; }
    std::uint64_t top() const noexcept { return (bits >> 16) & kTopMask; }
    Word stolen() const noexcept {
      const std::uint64_t top = (bits + kOneTop) & (kTopMask << 16);
      return {(bits & ~(kTopMask << 16) & ~kCountMask) | top | (count() - 1)};
    }
    // Changed by the owner: the count moves and the epoch goes up.
    Word changed(std::int64_t by) const noexcept {
      return {bits + kOneEpoch + static_cast<std::uint64_t>(by)};
    }
  };

  struct Ring {
    Ring(std::size_t capacity, Ring* previous)
        : mask(capacity - 1), slots(new Atomic<Job*>[capacity]), older(previous) {}
    ~Ring() { delete[] slots; }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    const std::uint64_t mask;
    Atomic<Job*>* const slots;
    Ring* const older;  // thieves may still read it: freed with the queue
  };

  // Jobs from the public part's top to `tail`; negative while the owner takes the last one.
  static std::int64_t distance(Word word, std::uint64_t tail) noexcept {
    const std::uint64_t low = (tail - word.top()) & kTopMask;
    return static_cast<std::int64_t>(low << 40) >> 40;
  }
  // How many of `jobs` private ones to add to a public part of `count` jobs.
  static std::int64_t half(std::int64_t jobs, std::int64_t count) noexcept {
    const std::int64_t most = static_cast<std::int64_t>(kCountMask) - count;
    const std::int64_t wanted = (jobs + 1) / 2;
    return wanted < most ? wanted : most;
  }

  void use(Ring* ring) noexcept {
    slots_ = ring->slots;
    mask_ = ring->mask;
    ring_.store(ring, kRelease);
    limit_ = tail_.load(kRelaxed) + ring->mask + 1;
  }

  // Applies the owner's change by(word) to the count and refreshes split_. Returns the change.
  template <class By>
  std::int64_t change(By by) noexcept {
    Word word{word_.load(kAcquire)};
    while (true) {
      const std::int64_t count = by(word);
      if (word_.compare_exchange(word.bits, word.changed(count).bits, kSeqCst)) {
        const std::uint64_t tail = tail_.load(kRelaxed);
        const std::int64_t behind = distance(word, tail);
        split_ = tail - static_cast<std::uint64_t>(behind -
                                                   static_cast<std::int64_t>(word.count()) - count);
        return count;
      }
    }
  }

  // The owner's line.
  alignas(64) Atomic<Position> poll_{0};
  Atomic<std::uint64_t> tail_{0};
  std::uint64_t split_ = 0;
  std::uint64_t limit_ = 0;
  Atomic<Job*>* slots_ = nullptr;
  std::uint64_t mask_ = 0;
  Position normal_ = 0;
  // The thieves' line.
  alignas(64) Atomic<std::uint64_t> word_{0};
  Atomic<Ring*> ring_{nullptr};
  Atomic<std::uint32_t> forcing_{0};
};

template <class P, class Job>
bool SplitDeque<P, Job>::grow() {
  const std::uint64_t tail = tail_.load(kRelaxed);
  const Word word{word_.load(kAcquire)};
  const auto jobs = static_cast<std::uint64_t>(distance(word, tail));
  if (jobs <= mask_) {  // thieves took some since: the ring has room
    limit_ = tail - jobs + mask_ + 1;
    return true;
  }
  if (jobs >= kMaxJobs) return false;
  Ring* old = ring_.load(kRelaxed);
  Ring* ring = new Ring(2 * (mask_ + 1), old);
  for (std::uint64_t i = tail - jobs; i != tail; ++i) {
    ring->slots[i & ring->mask].store(old->slots[i & old->mask].load(kRelaxed), kRelaxed);
  }
  use(ring);
  limit_ = tail - jobs + ring->mask + 1;
  return true;
}

template <class P, class Job>
bool SplitDeque<P, Job>::pop_slow() noexcept {
  const std::uint64_t tail = tail_.load(kRelaxed);  // the index of the job in question
  const bool was_asked = asked();
  bool cleared = false;
  Word word{word_.load(kAcquire)};
  while (true) {
    const std::int64_t behind = distance(word, tail);
    const auto count = static_cast<std::int64_t>(word.count());
    if (behind < 0) {  // stolen, and all older ones with it
      tail_.store(tail + 1, kRelease);
      if (cleared) ask();  // nobody was answered
      change([](Word) { return std::int64_t{0}; });
      return false;
    }
    std::int64_t by = 0;
    if (behind >= count) {  // private
      by = was_asked ? half(behind - count, count) : 0;
    } else {  // public: the newest of the public jobs is the one
      by = was_asked ? -1 : -1 - (count - 1) / 2;
    }
    if (by > 0) {
      poll_.store(normal_, kSeqCst);
      cleared = true;
    }
    if (P::kBug == Bug::kNoReclaim && by < 0) {
      split_ = tail;
      return true;
    }
    if (word_.compare_exchange(word.bits, word.changed(by).bits, kSeqCst)) {
      split_ = tail - static_cast<std::uint64_t>(behind - count - by);
      return true;
    }
  }
}

template <class P, class Job>
std::size_t SplitDeque<P, Job>::answer() noexcept {
  const std::uint64_t tail = tail_.load(kRelaxed);
  if (distance(Word{word_.load(kAcquire)}, tail) == 0) return 0;  // keeps asked() for the next push
  if (poll_.load(kRelaxed) != normal_) poll_.store(normal_, kSeqCst);
  return static_cast<std::size_t>(change([&](Word word) {
    const auto count = static_cast<std::int64_t>(word.count());
    return half(distance(word, tail) - count, count);
  }));
}

template <class P, class Job>
void SplitDeque<P, Job>::expose_all() noexcept {
  const std::uint64_t tail = tail_.load(kRelaxed);
  std::int64_t moved = 1;
  while (moved > 0) {
    moved = change([&](Word word) {
      const auto count = static_cast<std::int64_t>(word.count());
      return half(2 * (distance(word, tail) - count), count);
    });
  }
}

template <class P, class Job>
bool SplitDeque<P, Job>::force() noexcept {
  if (forcing_.exchange(1, kAcquire) != 0) return false;
  poll_.store(kForced, kSeqCst);
  P::heavy_barrier();
  Word word{word_.load(kSeqCst)};
  bool moved = false;
  const bool unanswered = P::kBug == Bug::kNoForcedRecheck || poll_.load(kSeqCst) == kForced;
  if (word.count() == 0 && unanswered) {
    const std::int64_t jobs = distance(word, tail_.load(kThiefLoad));
    if (jobs > 0) {
      const auto by = static_cast<std::uint64_t>(half(jobs, 0));
      moved = word_.compare_exchange(word.bits, word.bits + by, kAcqRel);
    }
  }
  forcing_.store(0, kRelease);
  return moved;
}

}  // namespace pel::detail
