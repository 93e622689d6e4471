// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/lanes.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/tree.hpp"

namespace pel {

// How a reduction combines. tree: the canonical tree, in parallel. left_fold: exactly the loop
// `for (x : range) acc = op(acc, x)`; what is parallel is computing the operands of a
// transform_reduce. exact (sum and dot of floating types): the real value, rounded once.
struct TreeMode {};
struct LeftFoldMode {};
struct ExactMode {};
inline constexpr TreeMode tree{};
inline constexpr LeftFoldMode left_fold{};
inline constexpr ExactMode exact{};

namespace detail {

template <class T, class Op, class Get>
T tree_reduce(std::size_t n, T init, Op op, Get&& get, bool serial) {
  if (n == 0) return init;
  static Cost cost;
  if constexpr (kUsesLanes<Op, T>) {
    using Shape = LaneShape<T, Op, std::remove_reference_t<Get>>;
    Shape shape(op, get, cost, serial);
    TreeWalk<Shape> walk(shape, cost, serial);
    return static_cast<T>(op(init, walk.node(0, n, Pace::from(cost.load(), n))));
  } else {
    using Shape = ElementShape<T, Op, std::remove_reference_t<Get>>;
    Shape shape(op, get);
    TreeWalk<Shape> walk(shape, cost, serial);
    T total = walk.node(0, n, Pace::from(cost.load(), n));
    return static_cast<T>(op(std::move(init), std::move(total)));
  }
}

// What an element of plain memory costs to fold.
template <class T>
inline Cost memory_cost;

template <class T, class Op>
T tree_reduce_memory(const T* data, std::size_t n, T init, Op op, bool serial) {
  if (n == 0) return init;
  if (n <= kLaneBlock) return static_cast<T>(op(init, lane_block<Op, T>(data, n)));
  using Shape = MemoryShape<T, Op>;
  Shape shape(op, data);
  TreeWalk<Shape> walk(shape, memory_cost<T>, serial);
  return static_cast<T>(op(init, walk.node(0, n, Pace::from(memory_cost<T>.load(), n))));
}

// Not inlined: next to a call (of check_cancel) GCC keeps a floating sum in an integer register and
// moves it there and back for every element, which takes 3.5 times as long.
template <class T, class Op, class Get>
[[gnu::noinline]] T fold_run(std::size_t lo, std::size_t hi, T value, Op& op, Get& get) {
  for (; lo < hi; ++lo) value = static_cast<T>(op(std::move(value), get(lo)));
  return value;
}

// The left fold of values that are already there.
template <class T, class Op, class Get>
T fold_in_order(std::size_t n, T value, Op& op, Get&& get) {
  constexpr std::size_t kPoll = 1 << 16;
  for (std::size_t lo = 0; lo < n;) {
    const std::size_t hi = n - lo < kPoll ? n : lo + kPoll;
    value = fold_run(lo, hi, std::move(value), op, get);
    lo = hi;
    if (lo < n) check_cancel();
  }
  return value;
}

// The left fold of values that cost something: a window of them is computed in parallel, then
// folded in order by the caller. An error in value i comes after the errors of folding the values
// before it, as in the loop.
template <class Value, class T, class Op, class Get>
T fold_window(std::size_t lo, std::size_t n, T value, Op& op, Get& get, Cost& cost) {
  const Buffer<Value> values(n);
  std::atomic<std::size_t> failed{n};
  const auto fold = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      value = static_cast<T>(op(std::move(value), std::move(values[i])));
    }
  };
  try {
    drive(n, false, cost, [&](std::size_t a, std::size_t b) {
      std::size_t i = a;
      try {
        for (; i < b; ++i) values[i] = get(lo + i);
      } catch (...) {
        std::size_t seen = failed.load();
        while (i < seen && !failed.compare_exchange_weak(seen, i)) {
        }
        throw;
      }
    });
  } catch (...) {
    // Without a failed value this is a cancellation: the fold ends where it stands.
    if (failed.load() < n) fold(failed.load());
    throw;
  }
  fold(n);
  return value;
}

template <class T, class Op, class Get>
T fold_computed(std::size_t n, T value, Op& op, Get&& get, bool serial) {
  constexpr std::size_t kWindow = sizeof(T) <= 16 ? 4096 : 256;
  constexpr std::uint64_t kCostly16 = 16 * 60;
  using Value = std::remove_cvref_t<decltype(get(n))>;
  constexpr bool kBuffers =
      std::is_default_constructible_v<Value> && std::is_move_assignable_v<Value>;
  static Cost cost;
  for (std::size_t lo = 0; lo < n;) {
    const std::size_t hi = n - lo < kWindow ? n : lo + kWindow;
    const bool costly = cost.load() == 0 || cost.load() > kCostly16;
    if (kBuffers && costly && !serial && n > 1) {
      if constexpr (kBuffers) {
        value = fold_window<Value>(lo, hi - lo, std::move(value), op, get, cost);
      }
    } else {
      const std::uint64_t before = ticks();
      value = fold_run(lo, hi, std::move(value), op, get);
      cost.store(16 * (ticks() - before) / (hi - lo) + 1);
    }
    lo = hi;
    if (lo < n) check_cancel();
  }
  return value;
}

template <class T>
void report_value(LoopScope& scope, const T& value) noexcept {
  scope.output(&value, 1);
  scope.done();
}

}  // namespace detail
}  // namespace pel
