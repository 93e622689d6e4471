// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/merging.hpp"
#include "pel/detail/loops/radix.hpp"
#include "pel/detail/loops/range.hpp"

namespace pel {
namespace detail {

template <bool kStable, class R, class Compare>
void sort_range(const char* algorithm, R& range, Compare& less, const std::source_location& where) {
  const auto view = view_of(range);
  using T = RangeValue<R>;
  LoopScope scope(algorithm, view.size, where);
  if constexpr (!kContiguous<std::remove_const_t<decltype(view)>>) {
    // A deque: sort a contiguous copy.
    const Buffer<T> copy(view.size);
    for (std::size_t i = 0; i < view.size; ++i) copy[i] = std::move(view[i]);
    merge_sort(copy.data(), view.size, less, scope.serial());
    for (std::size_t i = 0; i < view.size; ++i) view[i] = std::move(copy[i]);
  } else if constexpr (kRadixOrder<T, Compare> != RadixOrder::kNone) {
    radix_sort<kRadixOrder<T, Compare> == RadixOrder::kDown, kStable>(view.data, view.size,
                                                                      scope.serial());
  } else {
    merge_sort(view.data, view.size, less, scope.serial());
  }
  report(scope, view);
  scope.done();
}

}  // namespace detail

// Sorts a range; the result depends on the elements alone. Integers and floating values in their
// own order (std::less, std::greater) go by their digits: O(n) passes; -0 before +0, NaN behind all
// numbers (before them for std::greater). Other orders by a merge sort, which is stable: at most
// n log2 n comparisons. Uses room for n more elements. After an error from `less` the range holds
// valid elements in an unspecified state.
template <WritableRange R, OrderOf<R> Compare = std::less<>>
void sort(R&& range, Compare less = {},
          std::source_location where = std::source_location::current()) {
  detail::sort_range<false>("sort", range, less, where);
}

// The same; equal elements keep their order.
template <WritableRange R, OrderOf<R> Compare = std::less<>>
void stable_sort(R&& range, Compare less = {},
                 std::source_location where = std::source_location::current()) {
  detail::sort_range<true>("stable_sort", range, less, where);
}

}  // namespace pel
