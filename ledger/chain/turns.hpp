// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "ledger/chain/atomics.hpp"

namespace pel::ledger {

// Mutants for the model checks; the shipped policy has none.
enum class TurnsBug {
  kNone,
  kLeftToOwner,  // attempts of others are never committed
  kEarlyCommit,  // an attempt that still runs counts as executed
  kTwoHolders,   // the token is taken without an exchange
};
struct TurnsAtomics : ChainAtomics {
  static constexpr TurnsBug kTurnsBug = TurnsBug::kNone;
};

// Who does what of n transactions in order: any worker may claim one for an attempt ahead of the
// head, the lowest uncommitted one; the holder of the token alone commits, and runs directly what
// nobody has claimed or what failed. P is an atomics policy. Thread-safe.
//
// Transactions come in batches of neighbours. A worker keeps to a batch, and commits its attempts
// itself when their turn comes: what they touched is in its core's cache, and neighbours often
// touch the same. Another commits them only while it has nothing else to do.
//
// Invariants
//  1. A mark lies in slot i mod window and names its transaction i, head <= i < head + window: that
//     of another one means that nobody has claimed i. Whoever puts i's mark there has claimed it.
//  2. Only the holder of the token moves head. Whoever finds nothing to do settles with all in
//  scope
//     before it leaves. Of two who do so at the same time one holds the token, and commits what was
//     finished before; what is finished later its own worker commits, who has not left. So all is
//     committed. That a holder looks at the head again when it has let go of the token only saves
//     time.
template <class P>
class Turns {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // What became of a claim; kNobody: there was none.
  enum Mark : std::uint32_t { kRunning, kExecuted, kFailed, kNobody };

  // window: a power of two, at least two batches.
  explicit Turns(std::uint32_t window)
      : mask_(window - 1), marks_(std::make_unique<Atomic<std::uint64_t>[]>(window)) {}

  // Nobody else is here. `wanted`: how many of the n may be attempted, if that is known.
  void start(std::uint32_t n) noexcept { start(n, n); }
  void start(std::uint32_t n, std::uint32_t wanted) noexcept {
    for (std::uint32_t i = 0; i <= mask_; ++i) marks_[i].store(~std::uint64_t{0}, kOrder);
    batch_ = std::clamp(wanted / 16, 1U, 16U);
    n_.store(n, kOrder);
    head_.store(0, kOrder);
    token_.store(0, kOrder);
  }

  std::uint32_t head() const noexcept { return head_.load(kOrder); }
  bool done() const noexcept { return head() >= n_.load(kOrder); }
  // Whether no transaction will come into the window any more.
  bool at_end() const noexcept { return n_.load(kOrder) - head() <= mask_ + 1; }
  std::uint32_t slot_of(std::uint32_t i) const noexcept { return i & mask_; }

  // A transaction for `worker` to attempt that nobody has claimed and wanted(i) allows, or kNone:
  // there is none in the window. The next one of the batch of `last`, which it did last (kNone:
  // none); the first of a batch of which nobody has claimed any; the first from head + ahead on.
  template <class Wanted>
  std::uint32_t claim(std::uint32_t worker, std::uint32_t last, std::uint32_t ahead,
                      Wanted&& wanted) noexcept {
    const std::uint32_t first = head();
    const std::uint32_t n = n_.load(kOrder);
    const std::uint32_t end = n - first <= mask_ + 1 ? n : first + mask_ + 1;
    const auto claim_in = [&](std::uint32_t from, std::uint32_t to) {
      for (std::uint32_t i = from; i < to; ++i) {
        // A mark of a later transaction is there if head has moved past i meanwhile.
        std::uint64_t seen = marks_[i & mask_].load(kOrder);
        if (may_claim(seen, i) && wanted(i) && claims(i, worker, seen)) return i;
      }
      return kNone;
    };
    std::uint32_t found = kNone;
    if (last != kNone) found = claim_in(std::max(last, first) + 1, std::min(batch_end(last), end));
    for (std::uint32_t batch = batch_end(first); found == kNone && batch < end; batch += batch_)
      if (untouched(batch, std::min(batch + batch_, end)))
        found = claim_in(batch, std::min(batch + batch_, end));
    return found != kNone ? found : claim_in(first + ahead, end);
  }
  // The worker's attempt of i has ended. Then call settle().
  void mark(std::uint32_t i, std::uint32_t worker, Mark mark) noexcept {
    marks_[i & mask_].store(pack(i, worker, mark), kOrder);
  }

  // What settle() may commit besides the worker's own attempts.
  struct Scope {
    bool unclaimed = true;  // what nobody has claimed
    bool others = true;     // attempts of other workers
  };
  // Commits as far as it goes if nobody else does. commit(i, mark) is called in order by one thread
  // at a time; mark is not kRunning. It returns what is next: i + 1, or one further on if those
  // between, which nobody may have wanted, are committed as well. If it throws, nothing is
  // committed any more. A worker that finds nothing to do settles with all in scope: what others
  // left to each other is committed.
  template <class Commit>
  void settle(std::uint32_t worker, Scope scope, Commit&& commit) {
    while (!done() && takes_token()) {
      for (std::uint32_t i = head(); i < n_.load(kOrder);) {
        const Mark mark = take(i, worker, scope);
        if (mark == kRunning) break;
        i = commit(i, mark);
        head_.store(i, kOrder);
      }
      token_.store(0, kOrder);
      if (done() || !finished(head(), worker, scope)) return;
    }
  }

 private:
  static constexpr int kOrder = __ATOMIC_SEQ_CST;

  static std::uint64_t pack(std::uint32_t i, std::uint32_t worker, Mark mark) noexcept {
    return std::uint64_t{i} << 32 | worker << 8 | mark;
  }
  std::uint32_t batch_end(std::uint32_t i) const noexcept { return (i / batch_ + 1) * batch_; }
  bool untouched(std::uint32_t from, std::uint32_t to) const noexcept {
    for (std::uint32_t i = from; i < to; ++i)
      if (!may_claim(marks_[i & mask_].load(kOrder), i)) return false;
    return true;
  }
  // Marks start with an index that is none; a slot's indices ascend.
  static bool may_claim(std::uint64_t seen, std::uint32_t i) noexcept {
    const auto whose = static_cast<std::uint32_t>(seen >> 32);
    return whose == kNone || whose < i;
  }
  bool claims(std::uint32_t i, std::uint32_t worker, std::uint64_t seen) noexcept {
    return marks_[i & mask_].compare_exchange(seen, pack(i, worker, kRunning), kOrder);
  }
  // Whether i, which somebody claimed, is finished and the worker's to commit.
  bool finished(std::uint32_t i, std::uint32_t worker, Scope scope) const noexcept {
    return may_commit(marks_[i & mask_].load(kOrder), i, worker, scope);
  }
  // A run of another's attempts is left to him; a single one is not worth the token's way.
  bool may_commit(std::uint64_t seen, std::uint32_t i, std::uint32_t worker,
                  Scope scope) const noexcept {
    if (seen >> 32 != i || (seen & 0xff) == kRunning) return false;
    if (owner_of(seen) == worker) return true;
    if (P::kTurnsBug == TurnsBug::kLeftToOwner) return false;
    if (scope.others) return true;
    for (std::uint32_t k = i + 1; k < i + kRun; ++k) {
      const std::uint64_t following = marks_[k & mask_].load(kOrder);
      if (following >> 32 != k || owner_of(following) != owner_of(seen)) return true;
    }
    return false;
  }
  static std::uint32_t owner_of(std::uint64_t seen) noexcept {
    return static_cast<std::uint32_t>(seen >> 8) & 0xffffff;
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
  Mark take(std::uint32_t i, std::uint32_t worker, Scope scope) noexcept {
    const std::uint64_t seen = marks_[i & mask_].load(kOrder);
    if (may_claim(seen, i)) return scope.unclaimed && claims(i, worker, seen) ? kNobody : kRunning;
    if (may_commit(seen, i, worker, scope)) return static_cast<Mark>(seen & 0xff);
    return P::kTurnsBug == TurnsBug::kEarlyCommit ? kExecuted : kRunning;
  }

  static constexpr std::uint32_t kRun = 4;  // attempts that are worth handing the token over

  const std::uint32_t mask_;
  std::uint32_t batch_ = 1;  // how many neighbours make one
  // Side by side: as a rule neighbours are of one batch, so of one worker.
  std::unique_ptr<Atomic<std::uint64_t>[]> marks_;
  Atomic<std::uint32_t> n_;
  alignas(64) Atomic<std::uint32_t> head_;
  Atomic<std::uint32_t> token_;
};

}  // namespace pel::ledger
