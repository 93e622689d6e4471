// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"

namespace pel::detail {

// The state of a fork as the two workers see it that take part in it. A job's memory is its
// parent's stack frame: after finish() only the parent may touch it.
template <class P>
class JoinWord {
 public:
  using Tag = std::uint64_t;
  static constexpr std::uint64_t kTaken = 1;    // the upper bits hold the taker's tag
  static constexpr std::uint64_t kWaiting = 2;  // the parent sleeps: unpark it
  static constexpr std::uint64_t kStop = 4;     // nobody will use the result
  static constexpr int kTagShift = 3;
  static constexpr std::uint64_t kFinished = ~std::uint64_t{0};
  static constexpr std::uint64_t kFailed = ~std::uint64_t{0} << kTagShift;

  // Called by the thief. The tag is below 2^61 - 1.
  void take(Tag tag) noexcept { word_.fetch_or((tag << kTagShift) | kTaken, kAcqRel); }
  // True if the parent waits and must be unparked.
  [[nodiscard]] bool finish(bool failed) noexcept {
    const std::uint64_t end = failed ? kFailed : kFinished;
    if (P::kBug == Bug::kLateWaiterCheck) {
      const bool waits = is_waiting(word_.load(kAcquire));
      word_.store(end, kRelease);
      return waits;
    }
    return is_waiting(word_.exchange(end, kAcqRel));
  }

  // Called by the parent.
  bool finished() const noexcept { return ended(word_.load(kAcquire)); }
  bool failed() const noexcept { return word_.load(kAcquire) == kFailed; }
  // 0: stolen, but the thief has not said so yet.
  Tag taken_by() const noexcept {
    const std::uint64_t word = word_.load(kAcquire);
    return (word & kTaken) == 0 || ended(word) ? 0 : word >> kTagShift;
  }
  // False: it has finished.
  [[nodiscard]] bool announce_wait() noexcept { return add(kWaiting); }
  void stop() noexcept { static_cast<void>(add(kStop)); }

  bool stopped() const noexcept {
    const std::uint64_t word = word_.load(kSeqCst);
    return !ended(word) && (word & kStop) != 0;
  }

 private:
  static bool ended(std::uint64_t word) noexcept { return word >= kFailed; }
  static bool is_waiting(std::uint64_t word) noexcept { return (word & kWaiting) != 0; }
  bool add(std::uint64_t bit) noexcept {
    std::uint64_t seen = word_.load(kAcquire);
    while (!ended(seen)) {
      if (word_.compare_exchange(seen, seen | bit, kSeqCst)) return true;
    }
    return false;
  }

  typename P::template Atomic<std::uint64_t> word_{0};
};

struct TaskContext;
struct CancelState;
class InheritedScope;

// What a task inherits from whoever submitted it. A chain from the innermost scope outwards, each
// link on the stack (or in the task) of the code that opened it and alive as long as what runs in
// it.
struct Scope {
  Scope* parent = nullptr;
  const JoinWord<RealAtomics>* join = nullptr;  // the stolen branch that runs in it
  CancelState* cancel = nullptr;                // set: what runs in it shall stop
  InheritedScope* kept = nullptr;               // this scope, where it is one of those
  TaskContext* task = nullptr;                  // the task of a group that runs in it
  std::int64_t deadline_ns = 0;                 // on the monotonic clock; 0: none
  std::uint32_t float_mode = 0;                 // MXCSR of the submitter
  bool timed = false;                           // this or an outer scope has a deadline

  // A scope in this one; parent is this, or nullptr if `outer` is.
  static Scope inside(Scope* outer) noexcept {
    Scope scope;
    if (outer == nullptr) return scope;
    scope.parent = outer;
    scope.task = outer->task;
    scope.float_mode = outer->float_mode;
    scope.timed = outer->timed;
    return scope;
  }
};

}  // namespace pel::detail
