// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <source_location>
#include <type_traits>

#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/exact_sum.hpp"
#include "pel/detail/loops/folds.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/scratch.hpp"

namespace pel {

// What `exact` sums: float and double.
template <class T>
concept ExactValue = std::is_same_v<T, float> || std::is_same_v<T, double>;

namespace detail {

// add(sum, lo, hi) adds the elements [lo, hi) to a sum; sums merge exactly, in any order.
template <class T, class Add>
T exact_reduce(std::size_t n, bool serial, Add&& add) {
  Scratch<ExactSum> sums;
  drive(n, serial, [&](std::size_t lo, std::size_t hi) {
    const auto sum = sums.lease();
    add(*sum, lo, hi);
  });
  ExactSum total;
  sums.for_all([&](const ExactSum& sum) { total.merge(sum); });
  if constexpr (std::is_same_v<T, float>) {
    return total.to_float();
  } else {
    return total.to_double();
  }
}

// Adds get(lo), ..., get(hi - 1), through a buffer.
template <class T, class Get>
void add_computed(ExactSum& sum, std::size_t lo, std::size_t hi, Get& get) {
  T buffer[512];
  while (lo < hi) {
    const std::size_t count = hi - lo < 512 ? hi - lo : 512;
    for (std::size_t i = 0; i < count; ++i) buffer[i] = get(lo + i);
    sum.add(buffer, count);
    lo += count;
  }
}

}  // namespace detail

// The sum of a range of float or double: the real sum of all elements, rounded once, to nearest
// even; the same under any permutation. NaN and infinities as in IEEE addition, except that
// infinities of both signs give NaN in any order and no intermediate sum overflows. A sum of -0
// alone is -0, that of nothing +0.
template <RandomAccessRange R>
  requires ExactValue<RangeValue<R>>
RangeValue<R> reduce(ExactMode, R&& range,
                     std::source_location where = std::source_location::current()) {
  using T = RangeValue<R>;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("reduce", view.size, where);
  const T total = detail::exact_reduce<T>(
      view.size, scope.serial(), [&](detail::ExactSum& sum, std::size_t lo, std::size_t hi) {
        if constexpr (detail::kContiguous<std::remove_const_t<decltype(view)>>) {
          sum.add(view.data + lo, hi - lo);
        } else {
          const auto get = [&](std::size_t i) -> T { return view[i]; };
          detail::add_computed<T>(sum, lo, hi, get);
        }
      });
  detail::report_value(scope, total);
  return total;
}

// The exact sum of f(0), ..., f(n - 1).
template <std::invocable<std::size_t> F>
  requires ExactValue<std::remove_cvref_t<std::invoke_result_t<F&, std::size_t>>>
auto transform_reduce(ExactMode, std::size_t n, F&& f,
                      std::source_location where = std::source_location::current()) {
  using T = std::remove_cvref_t<std::invoke_result_t<F&, std::size_t>>;
  detail::LoopScope scope("transform_reduce", n, where);
  const T total = detail::exact_reduce<T>(
      n, scope.serial(), [&](detail::ExactSum& sum, std::size_t lo, std::size_t hi) {
        detail::add_computed<T>(sum, lo, hi, f);
      });
  detail::report_value(scope, total);
  return total;
}

// The exact sum of f(x) over a range.
template <RandomAccessRange R, std::invocable<RangeReference<R>> F>
  requires ExactValue<std::remove_cvref_t<std::invoke_result_t<F&, RangeReference<R>>>>
auto transform_reduce(ExactMode mode, R&& range, F&& f,
                      std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  return transform_reduce(
      mode, view.size, [&](std::size_t i) { return f(view[i]); }, where);
}

// The real value of the sum of a[i] * b[i], rounded once: products are not rounded. pel::Error
// when the lengths differ.
template <RandomAccessRange A, RandomAccessRange B>
  requires ExactValue<RangeValue<A>> && std::same_as<RangeValue<A>, RangeValue<B>>
RangeValue<A> dot(ExactMode, A&& a, B&& b,
                  std::source_location where = std::source_location::current()) {
  using T = RangeValue<A>;
  const auto left = detail::view_of(a);
  const auto right = detail::view_of(b);
  detail::require_equal_sizes("dot", left.size, right.size);
  detail::LoopScope scope("dot", left.size, where);
  const T total = detail::exact_reduce<T>(
      left.size, scope.serial(), [&](detail::ExactSum& sum, std::size_t lo, std::size_t hi) {
        T x[512], y[512];
        while (lo < hi) {
          const std::size_t count = hi - lo < 512 ? hi - lo : 512;
          for (std::size_t i = 0; i < count; ++i) x[i] = left[lo + i], y[i] = right[lo + i];
          sum.add_products(x, y, count);
          lo += count;
        }
      });
  detail::report_value(scope, total);
  return total;
}

}  // namespace pel
