// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/executor.hpp"
#include "pel/loops.hpp"

namespace pel::apps {

// A workload's algorithm is a template on a loops policy, so that "the same source on plain loops"
// is literally that: the policies below have the same static members and give the same bits.
//
// A member's last argument is the line that the workload called it from: what --verify and --trace
// name. Helpers that run a loop for their caller pass their caller's line on.
using Where = std::source_location;

// PelLoops: every member is the function of that name in pel/loops.hpp.
struct PelLoops {
  // f(i) for i < n, or f(x) for x of a range.
  template <class Range, class F>
  static void for_each(Range&& range, F&& f, Where where = Where::current()) {
    pel::for_each(std::forward<Range>(range), std::forward<F>(f), where);
  }
  // f(Tile2) for squares of `side` that cover rows x cols.
  template <class F>
  static void for_each_tile(std::size_t rows, std::size_t cols, std::size_t side, F&& f,
                            Where where = Where::current()) {
    pel::for_each(pel::tiles(rows, cols, {side, side}), std::forward<F>(f), where);
  }
  template <class In, class Out, class F>
  static void transform(In&& in, Out&& out, F&& f, Where where = Where::current()) {
    pel::transform(in, out, std::forward<F>(f), where);
  }
  template <class Range, class T, class Op, class F>
  static T transform_reduce(Range&& range, T init, Op op, F&& f, Where where = Where::current()) {
    return pel::transform_reduce(std::forward<Range>(range), std::move(init), op,
                                 std::forward<F>(f), where);
  }
  template <class Range, class T, class Op>
  static T reduce(Range&& range, T init, Op op, Where where = Where::current()) {
    return pel::reduce(range, std::move(init), op, where);
  }
  template <class Range>
  static void sort(Range&& range, Where where = Where::current()) {
    pel::sort(range, std::less<>(), where);
  }
  template <class... Fs>
  static void invoke(Fs&&... fs) {
    pel::invoke(std::forward<Fs>(fs)...);
  }
};

// PlainLoops: for loops and the standard library, on the calling thread; nothing of pel runs.
struct PlainLoops {
  template <class F>
  static void for_each(std::size_t n, F&& f, Where = {}) {
    for (std::size_t i = 0; i < n; ++i) f(i);
  }
  template <std::ranges::input_range R, class F>
  static void for_each(R&& range, F&& f, Where = {}) {
    for (auto&& item : range) f(item);
  }

  template <class F>
  static void for_each_tile(std::size_t rows, std::size_t cols, std::size_t side, F&& f,
                            Where = {}) {
    for (std::size_t r = 0; r < rows; r += side) {
      for (std::size_t c = 0; c < cols; c += side) {
        f(Tile2{r, std::min(rows, r + side), c, std::min(cols, c + side)});
      }
    }
  }

  template <class In, class Out, class F>
  static void transform(In&& in, Out&& out, F&& f, Where = {}) {
    std::transform(std::ranges::begin(in), std::ranges::end(in), std::ranges::begin(out), f);
  }

  // The canonical tree of pel/loops.hpp (docs/design/loops.md): units in index order, merged like
  // the digits of a binary counter. A unit is one element; for + and * of numbers it is a block of
  // 2048, folded in lanes of 128 bytes.
  template <class T, class Op, class F>
  static T transform_reduce(std::size_t n, T init, Op op, F&& f, Where = {}) {
    Counter<T, Op> counter(op);
    if constexpr (std::is_arithmetic_v<T> && kIsPlusOrTimes<T, Op>) {
      for (std::size_t i = 0; i < n; i += kBlock) {
        counter.push(lanes<T>(i, std::min(n, i + kBlock), op, f));
      }
    } else {
      for (std::size_t i = 0; i < n; ++i) counter.push(T(f(i)));
    }
    return counter.finish(std::move(init));
  }
  template <std::ranges::random_access_range R, class T, class Op, class F>
  static T transform_reduce(R&& range, T init, Op op, F&& f, Where = {}) {
    const auto first = std::ranges::begin(range);
    return transform_reduce(std::size_t(std::ranges::distance(range)), std::move(init), op,
                            [&](std::size_t i) { return T(f(first[std::ptrdiff_t(i)])); });
  }
  template <std::ranges::random_access_range R, class T, class Op>
  static T reduce(R&& range, T init, Op op, Where = {}) {
    return transform_reduce(range, std::move(init), op, [](const auto& x) { return T(x); });
  }

  template <class R>
  static void sort(R&& range, Where = {}) {
    std::sort(std::ranges::begin(range), std::ranges::end(range));
  }
  template <class... Fs>
  static void invoke(Fs&&... fs) {
    (std::forward<Fs>(fs)(), ...);
  }

 private:
  static constexpr std::size_t kBlock = 2048;
  template <class T, class Op>
  static constexpr bool kIsPlusOrTimes =
      std::is_same_v<Op, std::plus<>> || std::is_same_v<Op, std::plus<T>> ||
      std::is_same_v<Op, std::multiplies<>> || std::is_same_v<Op, std::multiplies<T>>;

  // Lane l takes every L-th element from l on; then halves of the lanes are folded together.
  template <class T, class Op, class F>
  static T lanes(std::size_t begin, std::size_t end, Op op, F& f) {
    constexpr std::size_t kLanes = 128 / sizeof(T);
    std::array<T, kLanes> lane;
    const std::size_t live = std::min(kLanes, end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      T& mine = lane[(i - begin) % kLanes];
      mine = i - begin < kLanes ? T(f(i)) : T(op(mine, f(i)));
    }
    for (std::size_t width = kLanes / 2, left = live; width > 0; width /= 2) {
      for (std::size_t l = 0; l + width < left; ++l) lane[l] = T(op(lane[l], lane[l + width]));
      left = std::min(left, width);
    }
    return lane[0];
  }

  template <class T, class Op>
  class Counter {
   public:
    explicit Counter(Op op) : op_(op) {}
    void push(T value) {
      std::size_t digit = 0;
      for (; digits_[digit]; ++digit) {
        value = op_(std::move(*digits_[digit]), std::move(value));
        digits_[digit].reset();
      }
      digits_[digit] = std::move(value);
    }
    T finish(T init) {
      std::optional<T> total;
      for (auto& digit : digits_) {
        if (digit) total = total ? op_(std::move(*digit), std::move(*total)) : std::move(*digit);
      }
      return total ? op_(std::move(init), std::move(*total)) : init;
    }

   private:
    std::array<std::optional<T>, 64> digits_;
    Op op_;
  };
};

}  // namespace pel::apps
