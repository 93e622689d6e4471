// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "pel/detail/speculation/attempt_word.hpp"

namespace pel::detail::spec {

// Who runs which attempt: the window of attempts that have begun, the bits of those that are ready
// to run again, who waits for whom, and the token of the committer. Thread-safe.
//
// Invariants
//  1. Attempts head <= i < next are in the window; next - head <= window. Attempt i uses slot
//     i mod window.
//  2. A ready attempt that nobody runs has its bit set. Whoever makes one ready looks for work
//     itself afterwards, and takes the lowest: so the lowest uncommitted attempt is always run.
//  3. Only the holder of the token moves head. A finisher marks its attempt executed, then tries
//     for the token; a holder lets go of the token, then looks at the head again. All four are
//     sequentially consistent: one of the two sees the other.
//  4. A waiter lists itself under the lock of the one it waits for, which must be unfinished then;
//     the finisher marks itself executed, then takes the list under that lock. None is missed.
template <class P>
class Board {
  template <class T>
  using Atomic = typename P::template Atomic<T>;

 public:
  using Word = AttemptWord<P>;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // window: a power of two, at least 64.
  explicit Board(std::uint32_t window)
      : mask_(window - 1),
        slots_(std::make_unique<Slot[]>(window)),
        ready_(std::make_unique<Atomic<std::uint64_t>[]>(window / 64)) {}

  // Forgets all but the depth, which is for the next run, too; nobody else is here.
  void start(std::uint32_t first, std::uint32_t n) noexcept {
    for (std::uint32_t i = 0; i <= mask_; ++i) {
      slots_[i].word.clear();
      slots_[i].waiters = kNone;
    }
    for (std::uint32_t i = 0; i <= mask_ / 64; ++i) ready_[i].store(0, kRelaxed);
    n_.store(n, kRelaxed);
    stopped_.store(0, kSeqCst);
    head_.store(first, kSeqCst);
    next_.store(first, kSeqCst);
    token_.store(0, kSeqCst);
  }

  // The window is empty; goes on at attempt i.
  void jump(std::uint32_t i) noexcept {
    head_.store(i, kSeqCst);
    next_.store(i, kSeqCst);
  }

  Word& word(std::uint32_t i) noexcept { return slots_[i & mask_].word; }
  const Word& word(std::uint32_t i) const noexcept { return slots_[i & mask_].word; }
  std::uint32_t slot_of(std::uint32_t i) const noexcept { return i & mask_; }
  std::uint32_t head() const noexcept { return head_.load(kSeqCst); }
  std::uint32_t head_hint() const noexcept { return head_.load(kRelaxed); }
  std::uint32_t next() const noexcept { return next_.load(kRelaxed); }
  std::uint32_t size() const noexcept { return n_.load(kRelaxed); }
  bool stopped() const noexcept { return stopped_.load(kSeqCst) != 0; }

  // --- claims ---

  // An attempt to run, the lowest that is ready, else the next new one; kNone: there is none. The
  // caller owns it: phase running.
  std::uint32_t take() noexcept {
    const std::uint32_t old = take_ready();
    return old != kNone ? old : take_new();
  }
  std::uint32_t take_ready() noexcept {
    const std::uint32_t first = head_.load(kRelaxed);
    const std::uint32_t end = next_.load(kSeqCst);
    for (std::uint32_t i = first; i < end;) {
      const std::uint32_t at = i & 63;
      std::uint64_t bits = ready_[(i & mask_) / 64].load(kSeqCst) >> at;
      const std::uint32_t span = 64 - at < end - i ? 64 - at : end - i;
      if (span < 64) bits &= (std::uint64_t{1} << span) - 1;
      if (bits == 0) {
        i += span;
        continue;
      }
      i += static_cast<std::uint32_t>(__builtin_ctzll(bits));
      if (take_bit(i)) return run(i);
    }
    return kNone;
  }
  std::uint32_t take_new() noexcept {
    std::uint32_t i = next_.load(kRelaxed);
    while (i < n_.load(kRelaxed) && i - head_.load(kAcquire) < depth_.load(kRelaxed)) {
      if (next_.compare_exchange(i, i + 1, kSeqCst)) {
        word(i).set(i, 0, Word::kRunning);
        return i;
      }
    }
    return kNone;
  }
  // The head, if nobody has it; for the holder of the token.
  std::uint32_t take_head() noexcept {
    const std::uint32_t i = head_.load(kRelaxed);
    std::uint32_t seen = i;
    if (i >= n_.load(kRelaxed)) return kNone;
    if (next_.load(kRelaxed) == i && next_.compare_exchange(seen, i + 1, kSeqCst)) {
      word(i).set(i, 0, Word::kRunning);
      return i;
    }
    return take_bit(i) ? run(i) : kNone;
  }
  // A guess.
  bool has_work() const noexcept {
    if (n_.load(kRelaxed) > next_.load(kSeqCst) &&
        next_.load(kRelaxed) - head_hint() < depth_.load(kRelaxed)) {
      return true;
    }
    for (std::uint32_t i = 0; i <= mask_ / 64; ++i) {
      if (ready_[i].load(kSeqCst) != 0) return true;
    }
    return false;
  }

  // How far attempts may run ahead of the head, at most the window, after a commit whose attempt
  // was `repeated` or not: for the holder of the token. Where attempts conflict, what runs far
  // ahead is only repeated again and again.
  void adapt_depth(bool repeated, std::uint32_t least) noexcept {
    const std::uint32_t depth = depth_.load(kRelaxed);
    const std::uint32_t next = !repeated ? depth + 4 : std::max(least, depth - depth / 4);
    depth_.store(std::min(next, mask_ + 1), kRelaxed);
  }

  // The owner gives it back, to be run again.
  void make_ready(std::uint32_t i, std::uint32_t incarnation) noexcept {
    word(i).set(i, incarnation, Word::kReady);
    ready_[(i & mask_) / 64].fetch_or(std::uint64_t{1} << (i & 63), kSeqCst);
  }

  // --- waits ---

  // The owner of i puts it aside until j has executed. False: it has.
  [[nodiscard]] bool wait_for(std::uint32_t i, std::uint32_t incarnation,
                              std::uint32_t j) noexcept {
    Slot& other = slots_[j & mask_];
    other.lock.lock();
    const bool waits = P::kSpecBug == Bug::kNoWaitRecheck || other.word.unfinished(j);
    if (waits) {
      Slot& self = slots_[i & mask_];
      self.next_waiter = other.waiters;
      other.waiters = i;
      self.word.set(i, incarnation, Word::kWaiting);
    }
    other.lock.unlock();
    return waits;
  }
  // j has executed or is committed: those that waited for it are ready. Returns how many.
  std::uint32_t wake(std::uint32_t j) noexcept {
    Slot& self = slots_[j & mask_];
    self.lock.lock();
    std::uint32_t i = self.waiters;
    self.waiters = kNone;
    self.lock.unlock();
    std::uint32_t woken = 0;
    for (; i != kNone; ++woken) {
      const std::uint32_t following = slots_[i & mask_].next_waiter;
      make_ready(i, word(i).incarnation());
      i = following;
    }
    return woken;
  }

  // --- commits ---

  [[nodiscard]] bool take_token() noexcept {
    return token_.load(kSeqCst) == 0 && token_.exchange(1, kSeqCst) == 0;
  }
  void release_token() noexcept { token_.store(0, kSeqCst); }
  // After release_token(): whether there is something to commit again.
  bool head_executed() const noexcept {
    if (P::kSpecBug == Bug::kNoTokenRecheck) return false;
    const std::uint32_t i = head_.load(kSeqCst);
    return word(i).executed(i);
  }
  // For the holder of the token: attempt i = head is committed. Returns how many waited for it.
  std::uint32_t advance(std::uint32_t i) noexcept {
    word(i).set(i, 0, Word::kFree);
    const std::uint32_t woken = wake(i);
    head_.store(i + 1, kSeqCst);
    return woken;
  }

  // Nothing is to be run or committed any more; what runs is doomed. A worker that takes an
  // attempt looks at stopped() afterwards, and gives up.
  void stop() noexcept {
    stopped_.store(1, kSeqCst);
    for (std::uint32_t i = 0; i <= mask_; ++i) slots_[i].word.doom_if_running();
  }

 private:
  struct alignas(64) Slot {
    Word word;
    CellLock<P> lock;  // of `waiters`, and of their next_waiter
    std::uint32_t waiters = kNone;
    std::uint32_t next_waiter = kNone;
  };

  bool take_bit(std::uint32_t i) noexcept {
    Atomic<std::uint64_t>& bits = ready_[(i & mask_) / 64];
    const std::uint64_t bit = std::uint64_t{1} << (i & 63);
    std::uint64_t seen = bits.load(kAcquire);
    while ((seen & bit) != 0) {
      if (bits.compare_exchange(seen, seen & ~bit, kSeqCst)) return true;
    }
    return false;
  }
  // The bit is the caller's. Whose bit it was only the word can tell: head may be an old one.
  std::uint32_t run(std::uint32_t seen) noexcept {
    const std::uint32_t i = word(seen).index();
    word(i).set(i, word(i).incarnation(), Word::kRunning);
    return i;
  }

  const std::uint32_t mask_;
  std::unique_ptr<Slot[]> slots_;
  std::unique_ptr<Atomic<std::uint64_t>[]> ready_;
  alignas(64) Atomic<std::uint32_t> next_{0};
  Atomic<std::uint32_t> n_{0};
  Atomic<std::uint32_t> stopped_{0};
  alignas(64) Atomic<std::uint32_t> head_{0};
  Atomic<std::uint32_t> token_{0};
  Atomic<std::uint32_t> depth_{64};
};

}  // namespace pel::detail::spec
