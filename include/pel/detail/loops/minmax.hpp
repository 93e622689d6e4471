// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <source_location>

#include "pel/detail/loops/folds.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/vectors.hpp"

namespace pel {

struct MinMax {
  std::size_t min = 0;  // index of the first smallest element
  std::size_t max = 0;  // index of the first largest element
};

namespace detail {

inline constexpr std::size_t kExtremeBlock = 2048;

// Index of the element of [lo, hi) that none beats, the first of its kind. beats(x, y): x goes
// before y.
template <class V, class Beats>
std::size_t best_of(const V view, std::size_t lo, std::size_t hi, Beats& beats) {
  std::size_t best = lo;
  for (std::size_t i = lo + 1; i < hi; ++i) {
    if (beats(view[i], view[best])) best = i;
  }
  return best;
}

// The same for numbers in memory, by < or, with kMost, by >: first the value, then where it is.
template <bool kMost, class T>
std::size_t best_of_numbers(const T* data, std::size_t lo, std::size_t hi) noexcept {
  T value;
  if (extreme_value<kMost>(data + lo, hi - lo, value)) {
    constexpr std::size_t kPer = 16 / sizeof(T);
    const Vector<T> wanted = Vector<T>{} + value;
    lo = skip_clear<kPer>(lo, hi, [=](std::size_t i) { return vector_at(data, i) == wanted; });
    while (lo < hi && data[lo] != value) ++lo;
    if (lo < hi) return lo;
  }
  std::size_t best = lo;
  for (std::size_t i = lo + 1; i < hi; ++i) {
    if (kMost ? data[i] > data[best] : data[i] < data[best]) best = i;
  }
  return best;
}

// The winners of blocks, then of the canonical tree over blocks. block(lo, hi): of [lo, hi).
template <class V, class Beats, class Block>
std::size_t best_index(const V& view, bool serial, Beats& beats, Block&& block) {
  const std::size_t n = view.size;
  if (n == 0) return 0;
  if (n <= kExtremeBlock) return block(std::size_t{0}, n);
  const auto join = [&](std::size_t a, std::size_t b) { return beats(view[b], view[a]) ? b : a; };
  return tree_reduce((n + kExtremeBlock - 1) / kExtremeBlock, std::size_t{0}, join,
                     [&](std::size_t b) {
                       const std::size_t lo = b * kExtremeBlock;
                       return block(lo, n - lo < kExtremeBlock ? n : lo + kExtremeBlock);
                     },
                     serial);
}

template <bool kMost, class V, class Compare>
std::size_t extreme_index(const V& view, bool serial, Compare& less) {
  using T = typename V::Value;
  const auto beats = [&](auto&& x, auto&& y) -> bool { return kMost ? less(y, x) : less(x, y); };
  if constexpr (kContiguous<V> && kVectorCompares<T> && std::is_same_v<Compare, std::less<>>) {
    return best_index(view, serial, beats, [&](std::size_t lo, std::size_t hi) {
      return best_of_numbers<kMost, T>(view.data, lo, hi);
    });
  } else {
    return best_index(view, serial, beats,
                      [&](std::size_t lo, std::size_t hi) { return best_of(view, lo, hi, beats); });
  }
}

// Both ends of [lo, hi).
template <class V, class Compare>
MinMax ends_of_block(const V view, std::size_t lo, std::size_t hi, Compare& less) {
  using T = typename V::Value;
  MinMax ends{lo, lo};
  if constexpr (kContiguous<V> && kVectorCompares<T> && std::is_same_v<Compare, std::less<>>) {
    ends.min = best_of_numbers<false, T>(view.data, lo, hi);
    ends.max = best_of_numbers<true, T>(view.data, lo, hi);
  } else {
    for (std::size_t i = lo + 1; i < hi; ++i) {
      if (less(view[i], view[ends.min])) ends.min = i;
      if (less(view[ends.max], view[i])) ends.max = i;
    }
  }
  return ends;
}

}  // namespace detail

// Index of the first element that no other one goes before; the length, 0, of an empty range.
template <RandomAccessRange R, OrderOf<R> Compare = std::less<>>
std::size_t min_element(R&& range, Compare less = {},
                        std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("min_element", view.size, where);
  const std::size_t best = detail::extreme_index<false>(view, scope.serial(), less);
  detail::report_value(scope, best);
  return best;
}

// Index of the first element that goes before no other one.
template <RandomAccessRange R, OrderOf<R> Compare = std::less<>>
std::size_t max_element(R&& range, Compare less = {},
                        std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("max_element", view.size, where);
  const std::size_t best = detail::extreme_index<true>(view, scope.serial(), less);
  detail::report_value(scope, best);
  return best;
}

// Both at once, each the first of its kind.
template <RandomAccessRange R, OrderOf<R> Compare = std::less<>>
MinMax minmax_element(R&& range, Compare less = {},
                      std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("minmax_element", view.size, where);
  const std::size_t n = view.size;
  MinMax best;
  if (n > 0) {
    const auto join = [&](MinMax a, MinMax b) {
      if (less(view[b.min], view[a.min])) a.min = b.min;
      if (less(view[a.max], view[b.max])) a.max = b.max;
      return a;
    };
    const std::size_t blocks = (n + detail::kExtremeBlock - 1) / detail::kExtremeBlock;
    best = detail::tree_reduce(
        blocks, MinMax{}, join,
        [&](std::size_t b) {
          const std::size_t lo = b * detail::kExtremeBlock;
          const std::size_t rest = n - lo;
          const std::size_t hi = rest < detail::kExtremeBlock ? n : lo + detail::kExtremeBlock;
          return detail::ends_of_block(view, lo, hi, less);
        },
        scope.serial());
  }
  scope.output(&best, 1);
  scope.done();
  return best;
}

}  // namespace pel
