// SPDX-License-Identifier: Apache-2.0
#pragma once

// Relacy redefines words of the language: standard headers come first, and its macros go again, so
// that the shipped headers, included afterwards, are read as they are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <new>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <relacy/relacy.hpp>

#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert

#include "pel/detail/executor/gate.hpp"
#include "pel/detail/executor/parker.hpp"
#include "pel/detail/executor/scope.hpp"
#include "pel/detail/executor/split_deque.hpp"

namespace model {

inline rl::memory_order order_of(int order) {
  switch (order) {
    case __ATOMIC_RELAXED:
      return rl::mo_relaxed;
    case __ATOMIC_ACQUIRE:
      return rl::mo_acquire;
    case __ATOMIC_RELEASE:
      return rl::mo_release;
    case __ATOMIC_ACQ_REL:
      return rl::mo_acq_rel;
    default:
      return rl::mo_seq_cst;
  }
}

// The interface of pel::detail::BuiltinAtomic over relacy's atomic; the place shown in a failing
// history is the caller's.
template <class T>
class Atomic {
 public:
  Atomic() : value_(T{}) {}
  explicit Atomic(T value) : value_(value) {}

  T load(int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) const {
    return value_.load(order_of(order), {"load", file, static_cast<unsigned>(line)});
  }
  void store(T value, int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    value_.store(value, order_of(order), {"store", file, static_cast<unsigned>(line)});
  }
  T exchange(T value, int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return value_.exchange(value, order_of(order), {"exchange", file, static_cast<unsigned>(line)});
  }
  T fetch_add(T value, int order, const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
    return value_.fetch_add(value, order_of(order), {"add", file, static_cast<unsigned>(line)});
  }
  T fetch_sub(T value, int order, const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
    return value_.fetch_sub(value, order_of(order), {"sub", file, static_cast<unsigned>(line)});
  }
  T fetch_or(T value, int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return value_.fetch_or(value, order_of(order), {"or", file, static_cast<unsigned>(line)});
  }
  bool compare_exchange(T& expected, T desired, int order, const char* file = __builtin_FILE(),
                        int line = __builtin_LINE()) {
    return value_.compare_exchange_strong(expected, desired, order_of(order),
                                          {"exchange", file, static_cast<unsigned>(line)});
  }

  void wait(T expected) {
    rl::context& context = rl::ctx();
    context.sched();
    context.atomic_thread_fence_seq_cst();
    T seen;
    {
      rl::preemption_disabler no_switch(context);
      seen = value_.load(rl::mo_acquire, {"wait", __FILE__, __LINE__});
    }
    if (seen == expected) value_.wait(context, false, true, {"wait", __FILE__, __LINE__});
  }
  void wake() {
    rl::context& context = rl::ctx();
    context.sched();
    context.atomic_thread_fence_seq_cst();
    value_.wake(context, 1, {"wake", __FILE__, __LINE__});
  }

 private:
  rl::atomic<T> value_;
};

// The policy. Relacy knows no asymmetric barrier: both sides of a race are sequentially consistent
// operations, as they are under ThreadSanitizer.
template <pel::detail::Bug kPlanted>
struct ModelAtomics {
  template <class T>
  using Atomic = model::Atomic<T>;
  static constexpr pel::detail::Bug kBug = kPlanted;
  static constexpr int kOwnerStore = pel::detail::kSeqCst;
  static constexpr int kOwnerLoad = pel::detail::kSeqCst;
  static void light_barrier() {}
  static void heavy_barrier() {}
  static void wait(Atomic<std::uint32_t>& word, std::uint32_t expected) { word.wait(expected); }
  static void wake(Atomic<std::uint32_t>& word) { word.wake(); }
  static void pause() { rl::yield(1, {"pause", __FILE__, __LINE__}); }
};

}  // namespace model
