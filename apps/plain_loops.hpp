// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/loops.hpp"

namespace pel::apps {

// A workload's algorithm is a template on a loops policy, so that "the same source on plain loops"
// is literally that: the policies below have the same static members and give the same bits.
//
// PelLoops: every member is the function of that name in pel/loops.hpp.
struct PelLoops {
#define PEL_APPS_FORWARD(name)                           \
  template <class... Args>                               \
  static decltype(auto) name(Args&&... args) {           \
    return pel::name(std::forward<Args>(args)...);       \
  }
  PEL_APPS_FORWARD(for_each)
  PEL_APPS_FORWARD(transform)
  PEL_APPS_FORWARD(generate)
  PEL_APPS_FORWARD(reduce)
  PEL_APPS_FORWARD(transform_reduce)
  PEL_APPS_FORWARD(inclusive_scan)
  PEL_APPS_FORWARD(exclusive_scan)
  PEL_APPS_FORWARD(sort)
  PEL_APPS_FORWARD(stable_sort)
  PEL_APPS_FORWARD(filter)
  PEL_APPS_FORWARD(top_k)
  PEL_APPS_FORWARD(count_if)
  PEL_APPS_FORWARD(reduce_by_key)
  PEL_APPS_FORWARD(group_by)
  PEL_APPS_FORWARD(hash_join)
  PEL_APPS_FORWARD(invoke)
#undef PEL_APPS_FORWARD

  // f(tile) for rectangles that cover rows x cols; `tile` has row_begin, row_end, col_begin, col_end.
  template <class F>
  static void for_each_tile(std::size_t rows, std::size_t cols, F&& f) {
    pel::for_each(pel::tiles(rows, cols), std::forward<F>(f));
  }
};

// PlainLoops: for loops and the standard library, on the calling thread, nothing of pel in it.
struct PlainLoops {
  template <class F>
  static void for_each(std::size_t n, F&& f) {
    for (std::size_t i = 0; i < n; ++i) f(i);
  }
  template <std::ranges::input_range R, class F>
  static void for_each(R&& range, F&& f) {
    for (auto&& item : range) f(item);
  }

  struct Tile {
    std::size_t row_begin, row_end, col_begin, col_end;
  };
  template <class F>
  static void for_each_tile(std::size_t rows, std::size_t cols, F&& f) {
    constexpr std::size_t kSide = 32;
    for (std::size_t r = 0; r < rows; r += kSide) {
      for (std::size_t c = 0; c < cols; c += kSide) {
        f(Tile{r, std::min(rows, r + kSide), c, std::min(cols, c + kSide)});
      }
    }
  }

  template <class In, class Out, class F>
  static void transform(In&& in, Out&& out, F&& f) {
    std::transform(std::ranges::begin(in), std::ranges::end(in), std::ranges::begin(out), f);
  }
  template <class Out, class F>
  static void generate(Out&& out, F&& f) {
    std::size_t i = 0;
    for (auto& slot : out) slot = f(i++);
  }

  // The canonical tree of pel/loops.hpp: blocks of a fixed length in index order, folded from the
  // left, merged like the digits of a binary counter.
  template <class T, class Op, class F>
  static T transform_reduce(std::size_t n, T init, Op op, F&& f) {
    Counter<T, Op> counter(op);
    for (std::size_t begin = 0; begin < n; begin += kBlock) {
      T block = f(begin);
      const std::size_t end = std::min(n, begin + kBlock);
      for (std::size_t i = begin + 1; i < end; ++i) block = op(std::move(block), f(i));
      counter.push(std::move(block));
    }
    return counter.finish(std::move(init));
  }
  template <std::ranges::random_access_range R, class T, class Op, class F>
  static T transform_reduce(R&& range, T init, Op op, F&& f) {
    const auto first = std::ranges::begin(range);
    return transform_reduce(std::size_t(std::ranges::distance(range)), std::move(init), op,
                            [&](std::size_t i) { return T(f(first[std::ptrdiff_t(i)])); });
  }
  template <std::ranges::random_access_range R, class T, class Op>
  static T reduce(R&& range, T init, Op op) {
    return transform_reduce(range, std::move(init), op, [](const auto& x) { return T(x); });
  }

  template <class R, class Compare = std::less<>>
  static void sort(R&& range, Compare compare = {}) {
    std::sort(std::ranges::begin(range), std::ranges::end(range), compare);
  }
  template <class R, class Compare = std::less<>>
  static void stable_sort(R&& range, Compare compare = {}) {
    std::stable_sort(std::ranges::begin(range), std::ranges::end(range), compare);
  }
  template <class R, class Predicate>
  static auto filter(R&& range, Predicate&& keep) {
    std::vector<std::ranges::range_value_t<R>> kept;
    std::ranges::copy_if(range, std::back_inserter(kept), keep);
    return kept;
  }
  template <class R, class Predicate>
  static std::size_t count_if(R&& range, Predicate&& predicate) {
    return std::size_t(std::ranges::count_if(range, predicate));
  }
  template <class... Fs>
  static void invoke(Fs&&... fs) {
    (std::forward<Fs>(fs)(), ...);
  }

 private:
  static constexpr std::size_t kBlock = 1024;

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
