// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace pel::ledger {

// Mutants for the model checks; the shipped policy has none.
enum class TurnsBug {
  kNone,
  kNoRecheck,    // the holder leaves without looking at the head again
  kEarlyCommit,  // an attempt that still runs counts as executed
  kTwoHolders,   // the token is taken without an exchange
};
// The shipped atomics policy; the model checks have theirs.
struct TurnsAtomics {
  template <class T>
  class Atomic {
   public:
    T load(int) const noexcept { return value_.load(); }
    void store(T value, int) noexcept { value_.store(value); }
    T exchange(T value, int) noexcept { return value_.exchange(value); }
    bool compare_exchange(T& expected, T desired, int) noexcept {
      return value_.compare_exchange_strong(expected, desired);
    }

   private:
    std::atomic<T> value_{};
  };
  static constexpr TurnsBug kTurnsBug = TurnsBug::kNone;
};

// Who does what of n transactions in order: any thread may claim one for an attempt ahead of the
// head, the lowest uncommitted one; the holder of the token alone commits, and runs directly what
// nobody has claimed or what failed. P is an atomics policy. Thread-safe.
//
// Invariants
//  1. A mark lies in slot i mod window and names its transaction i, head <= i < head + window: that
//     of another one means that nobody has claimed i. Whoever puts i's mark there has claimed it.
//  2. Only the holder of the token moves head. A finisher marks its transaction, then tries for the
//     token; the holder lets go of it, then looks at the head again. All four are sequentially
//     consistent: one of the two sees the other, so whatever is finished at the head is committed.
template <class P>
class Turns {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // What became of a claim; kNobody: there was none.
  enum Mark : std::uint32_t { kRunning, kExecuted, kFailed, kNobody };

  // window: a power of two.
  explicit Turns(std::uint32_t window)
      : mask_(window - 1), marks_(std::make_unique<Word[]>(window)) {}

  // Nobody else is here.
  void start(std::uint32_t n) noexcept {
    for (std::uint32_t i = 0; i <= mask_; ++i) marks_[i].mark.store(~std::uint64_t{0}, kOrder);
    n_.store(n, kOrder);
    head_.store(0, kOrder);
    token_.store(0, kOrder);
  }

  std::uint32_t head() const noexcept { return head_.load(kOrder); }
  bool done() const noexcept { return head() >= n_.load(kOrder); }
  // Whether no transaction will come into the window any more.
  bool at_end() const noexcept { return n_.load(kOrder) - head() <= mask_ + 1; }
  std::uint32_t slot_of(std::uint32_t i) const noexcept { return i & mask_; }

  // The first transaction from head + ahead on that nobody has claimed and wanted(i) allows, or
  // kNone: there is none in the window.
  template <class Wanted>
  std::uint32_t claim(std::uint32_t ahead, Wanted&& wanted) noexcept {
    const std::uint32_t first = head();
    const std::uint32_t n = n_.load(kOrder);
    const std::uint32_t end = n - first <= mask_ + 1 ? n : first + mask_ + 1;
    for (std::uint32_t i = first + ahead; i < end; ++i) {
      // A mark of a later transaction is there if head has moved past i meanwhile.
      std::uint64_t seen = marks_[i & mask_].mark.load(kOrder);
      if (may_claim(seen, i) && wanted(i) && claims(i, seen)) return i;
    }
    return kNone;
  }
  // The attempt of i has ended. Then call settle().
  void mark(std::uint32_t i, Mark mark) noexcept {
    marks_[i & mask_].mark.store(pack(i, mark), kOrder);
  }

  // Commits as far as it goes if nobody else does; without `unclaimed` only what somebody claimed.
  // commit(i, mark) is called in order by one thread at a time; mark is not kRunning. If it throws,
  // nothing is committed any more.
  template <class Commit>
  void settle(Commit&& commit, bool unclaimed = true) {
    while (!done() && takes_token()) {
      for (std::uint32_t i = head(); i < n_.load(kOrder); ++i) {
        const Mark mark = take(i, unclaimed);
        if (mark == kRunning) break;
        commit(i, mark);
        head_.store(i + 1, kOrder);
      }
      token_.store(0, kOrder);
      if (P::kTurnsBug == TurnsBug::kNoRecheck || done() || !finished(head())) return;
    }
  }

 private:
  static constexpr int kOrder = __ATOMIC_SEQ_CST;

  static std::uint64_t pack(std::uint32_t i, Mark mark) noexcept {
    return std::uint64_t{i} << 32 | mark;
  }
  // Marks start with an index that is none; a slot's indices ascend.
  static bool may_claim(std::uint64_t seen, std::uint32_t i) noexcept {
    const auto whose = static_cast<std::uint32_t>(seen >> 32);
    return whose == kNone || whose < i;
  }
  bool claims(std::uint32_t i, std::uint64_t seen) noexcept {
    return marks_[i & mask_].mark.compare_exchange(seen, pack(i, kRunning), kOrder);
  }
  bool finished(std::uint32_t i) const noexcept {
    const std::uint64_t seen = marks_[i & mask_].mark.load(kOrder);
    return seen == pack(i, kExecuted) || seen == pack(i, kFailed);
  }
  bool takes_token() noexcept {
    if (P::kTurnsBug == TurnsBug::kTwoHolders) {
      const bool free = token_.load(kOrder) == 0;
      if (free) token_.store(1, kOrder);
      return free;
    }
    return token_.load(kOrder) == 0 && token_.exchange(1, kOrder) == 0;
  }
  // For the holder: what became of the head, which is claimed now if it was not and may be.
  Mark take(std::uint32_t i, bool unclaimed) noexcept {
    const std::uint64_t seen = marks_[i & mask_].mark.load(kOrder);
    if (may_claim(seen, i)) return unclaimed && claims(i, seen) ? kNobody : kRunning;
    const Mark mark = static_cast<Mark>(seen & 0xff);
    return mark == kRunning && P::kTurnsBug == TurnsBug::kEarlyCommit ? kExecuted : mark;
  }

  // Workers write neighbouring marks at the same time.
  struct alignas(64) Word {
    Atomic<std::uint64_t> mark;
  };

  const std::uint32_t mask_;
  std::unique_ptr<Word[]> marks_;
  Atomic<std::uint32_t> n_;
  alignas(64) Atomic<std::uint32_t> head_;
  Atomic<std::uint32_t> token_;
};

}  // namespace pel::ledger
