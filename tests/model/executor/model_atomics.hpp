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
#include "pel/detail/executor/listeners.hpp"
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

// Says when an object is used after its end, as long as its memory stays readable.
class Alive {
 public:
  Alive() = default;
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  ~Alive() { mark_ = 0; }
  void check() const { RL_ASSERT(mark_ == kMark); }

 private:
  static constexpr std::uint32_t kMark = 0x5afe5afe;
  volatile std::uint32_t mark_ = kMark;
};

// Data that a protocol guards: relacy reports a race on it.
template <class T>
class Plain {
 public:
  Plain() { value_({"make", __FILE__, __LINE__}) = T{}; }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain& other) { return *this = static_cast<T>(other); }
  operator T() const {
    alive_.check();
    return value_({"read", __FILE__, __LINE__});
  }
  T operator->() const { return static_cast<T>(*this); }
  Plain& operator=(T value) {
    alive_.check();
    value_({"write", __FILE__, __LINE__}) = value;
    return *this;
  }

 private:
  mutable rl::var<T> value_;
  Alive alive_;
};

// The interface of pel::detail::BuiltinAtomic over relacy's atomic; the place shown in a failing
// history is the caller's.
template <class T>
class Atomic {
 public:
  Atomic() : value_(T{}) {}
  explicit Atomic(T value) : value_(value) {}

  // The switch to another thread comes at the start of an operation: the check follows it.
  T load(int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) const {
    return checked(value_.load(order_of(order), place("load", file, line)));
  }
  void store(T value, int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    value_.store(value, order_of(order), place("store", file, line));
    alive_.check();
  }
  T exchange(T value, int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return checked(value_.exchange(value, order_of(order), place("exchange", file, line)));
  }
  T fetch_add(T value, int order, const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
    return checked(value_.fetch_add(value, order_of(order), place("add", file, line)));
  }
  T fetch_sub(T value, int order, const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
    return checked(value_.fetch_sub(value, order_of(order), place("sub", file, line)));
  }
  T fetch_or(T value, int order, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return checked(value_.fetch_or(value, order_of(order), place("or", file, line)));
  }
  bool compare_exchange(T& expected, T desired, int order, const char* file = __builtin_FILE(),
                        int line = __builtin_LINE()) {
    return checked(value_.compare_exchange_strong(expected, desired, order_of(order),
                                                  place("exchange", file, line)));
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
  static rl::debug_info place(const char* what, const char* file, int line) {
    return {what, file, static_cast<unsigned>(line)};
  }
  template <class R>
  R checked(R result) const {
    alive_.check();
    return result;
  }

  rl::atomic<T> value_;
  Alive alive_;
};

// The policy. Relacy knows no asymmetric barrier: both sides of a race are sequentially consistent
// operations, as they are under ThreadSanitizer.
template <pel::detail::Bug kPlanted>
struct ModelAtomics {
  template <class T>
  using Atomic = model::Atomic<T>;
  template <class T>
  using Plain = model::Plain<T>;
  static constexpr pel::detail::Bug kBug = kPlanted;
  static constexpr int kOwnerStore = pel::detail::kSeqCst;
  static constexpr int kOwnerLoad = pel::detail::kSeqCst;
  static void light_barrier() {}
  static void heavy_barrier() {}
  static void wait(Atomic<std::uint32_t>& word, std::uint32_t expected) { word.wait(expected); }
  static void wake(Atomic<std::uint32_t>& word) { word.wake(); }
  static void yield() { pause(); }
  static void pause() { rl::yield(1, {"pause", __FILE__, __LINE__}); }
};

}  // namespace model
