// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// The atomics policy: every protocol of the executor is a template over a policy that supplies the
// atomic type, the asymmetric barrier and the orders of the two sides of a store-then-load race.
// RealAtomics is the shipped one; tests/model/executor instantiates the same headers with relacy's.
// docs/design/atomics.md has the argument. The builtins are used because <atomic> alone costs more
// than half of what pel/executor.hpp may take to compile.

#if defined(__SANITIZE_THREAD__)
#define PEL_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PEL_THREAD_SANITIZER 1
#endif
#endif

namespace pel::detail {

inline constexpr int kRelaxed = __ATOMIC_RELAXED;
inline constexpr int kAcquire = __ATOMIC_ACQUIRE;
inline constexpr int kRelease = __ATOMIC_RELEASE;
inline constexpr int kAcqRel = __ATOMIC_ACQ_REL;
inline constexpr int kSeqCst = __ATOMIC_SEQ_CST;

// Mutants that the model tests plant in the shipped headers; RealAtomics has none.
enum class Bug {
  kNone,
  kNoLightBarrier,   // the owner's store and load may pass each other
  kNoForcedRecheck,  // a forcing thief does not look again whether it was answered
  kNoEpoch,          // the owner's changes of the public word do not count up
  kNoReclaim,        // the owner takes public jobs without the compare-exchange
  kNoSleepRecheck,   // a worker goes to sleep without looking again
  kNoHandOver,       // the last searcher that finds work does not wake the next
  kLateWaiterCheck,  // a finished job is announced with a plain store
  kNoAttention,      // a cancelled owner is not made to look
  kForgetsCalls,     // leaving a scope takes back what others asked meanwhile
  kStoresToken,      // a parked thread takes its token with a store
  kCountsJoinTwice,  // a worker that sleeps in a join leaves the searchers, though it is none
  kNoLending,        // a sleeping join keeps its permit
  kForgetsWaiting,   // a permit that is granted again is not given to who waits for one
  kKeepsWaiter,      // who sees the end by itself leaves its waiter on the list
  kNoWaiterLock,     // the end is announced without the lock
  kLosesListener,    // the list of a task's listeners is read and closed in two steps
  kNoFiredWait,      // a listener goes before the task's end is through with it
  kFiresFirst,       // a listener is given up before its thread is unparked
};

template <class T>
class BuiltinAtomic {
 public:
  constexpr BuiltinAtomic() noexcept = default;
  constexpr explicit BuiltinAtomic(T value) noexcept : value_(value) {}
  BuiltinAtomic(const BuiltinAtomic&) = delete;
  BuiltinAtomic& operator=(const BuiltinAtomic&) = delete;

  T load(int order) const noexcept { return __atomic_load_n(&value_, order); }
  void store(T value, int order) noexcept { __atomic_store_n(&value_, value, order); }
  T exchange(T value, int order) noexcept { return __atomic_exchange_n(&value_, value, order); }
  T fetch_add(T value, int order) noexcept { return __atomic_fetch_add(&value_, value, order); }
  T fetch_sub(T value, int order) noexcept { return __atomic_fetch_sub(&value_, value, order); }
  T fetch_or(T value, int order) noexcept { return __atomic_fetch_or(&value_, value, order); }
  // Strong; on failure expected holds what was read (acquire).
  bool compare_exchange(T& expected, T desired, int order) noexcept {
    return __atomic_compare_exchange_n(&value_, &expected, desired, false, order, kAcquire);
  }
  T* address() noexcept { return &value_; }

 private:
  T value_{};
};

// True once the kernel runs a full barrier on all threads of the process for us.
bool heavy_barrier_works() noexcept;
void kernel_barrier() noexcept;
void futex_wait(std::uint32_t* word, std::uint32_t expected) noexcept;
void futex_wait(std::uint32_t* word, std::uint32_t expected, std::int64_t at_most_ns) noexcept;
void futex_wake(std::uint32_t* word) noexcept;  // one waiter
void yield_thread() noexcept;

struct RealAtomics {
  template <class T>
  using Atomic = BuiltinAtomic<T>;
  template <class T>
  using Plain = T;  // data that a protocol guards; model checks watch it
  static constexpr Bug kBug = Bug::kNone;

  // The owner's side of a store-then-load race. Against a thief that calls heavy_barrier() between
  // its own store and load, a compiler barrier is enough. ThreadSanitizer does not see either, so
  // there both sides are sequentially consistent operations.
#if defined(PEL_THREAD_SANITIZER)
  static constexpr int kOwnerStore = kSeqCst;
  static constexpr int kOwnerLoad = kSeqCst;
  static void light_barrier() noexcept {}
  static void heavy_barrier() noexcept {}
#else
  static constexpr int kOwnerStore = kRelease;
  static constexpr int kOwnerLoad = kRelaxed;
  static void light_barrier() noexcept { __atomic_signal_fence(kSeqCst); }
  static void heavy_barrier() noexcept { kernel_barrier(); }
#endif
  static void wait(Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
    futex_wait(word.address(), expected);
  }
  static void wait_for(Atomic<std::uint32_t>& word, std::uint32_t expected,
                       std::int64_t at_most_ns) noexcept {
    futex_wait(word.address(), expected, at_most_ns);
  }
  static void wake(Atomic<std::uint32_t>& word) noexcept { futex_wake(word.address()); }
  static void yield() noexcept { yield_thread(); }
  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
};

}  // namespace pel::detail
