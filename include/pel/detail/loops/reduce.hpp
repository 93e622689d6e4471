// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pel/detail/loops/folds.hpp"

namespace pel {

// op(T, element) -> T: what a left fold needs.
template <class Op, class T, class R>
concept FoldsInto = requires(Op& op, T a, RangeReference<R> x) {
  { op(std::move(a), x) } -> std::convertible_to<T>;
};

// op(init, tree(range)): the elements, as T, are combined in the canonical tree (docs/design/
// loops.md), which depends on their number alone. op is associative in the program's own sense and
// need not commute. std::plus<> and std::multiplies<> on arithmetic T use fixed lanes inside blocks
// of 2048. n - 1 operations, O(log n) memory. An empty range gives init.
template <RandomAccessRange R, class T, CombinesTo<T> Op = std::plus<>>
T reduce(R&& range, T init, Op op = {},
         std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("reduce", view.size, where);
  using V = std::remove_const_t<decltype(view)>;
  if constexpr (detail::kUsesLanes<Op, T> && detail::kContiguous<V> &&
                std::is_same_v<typename V::Value, T>) {
    T total = detail::tree_reduce_memory<T, Op>(view.data, view.size, init, op, scope.serial());
    detail::report_value(scope, total);
    return total;
  } else {
    T total = detail::tree_reduce(
        view.size, std::move(init), op, [view](std::size_t i) -> T { return T(view[i]); },
        scope.serial());
    detail::report_value(scope, total);
    return total;
  }
}

// init + the canonical sum of the range (T: the element type).
template <RandomAccessRange R>
RangeValue<R> reduce(R&& range, std::source_location where = std::source_location::current()) {
  return reduce(range, RangeValue<R>{}, std::plus<>{}, where);
}

// The loop `for (x : range) init = op(init, x)`, element by element, on the calling thread.
template <RandomAccessRange R, class T, class Op = std::plus<>>
  requires FoldsInto<Op, T, R>
T reduce(LeftFoldMode, R&& range, T init, Op op = {},
         std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("reduce", view.size, where);
  T total = detail::fold_in_order(view.size, std::move(init), op,
                                  [view](std::size_t i) -> decltype(auto) { return view[i]; });
  detail::report_value(scope, total);
  return total;
}

// op(init, tree(f(0), ..., f(n - 1))).
template <class T, CombinesTo<T> Op, std::invocable<std::size_t> F>
T transform_reduce(std::size_t n, T init, Op op, F&& f,
                   std::source_location where = std::source_location::current()) {
  detail::LoopScope scope("transform_reduce", n, where);
  T total = detail::tree_reduce(
      n, std::move(init), op, [&](std::size_t i) -> T { return T(f(i)); }, scope.serial());
  detail::report_value(scope, total);
  return total;
}

// op(init, tree(f(x) for x in range)).
template <RandomAccessRange R, class T, CombinesTo<T> Op, std::invocable<RangeReference<R>> F>
T transform_reduce(R&& range, T init, Op op, F&& f,
                   std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("transform_reduce", view.size, where);
  T total = detail::tree_reduce(
      view.size, std::move(init), op, [view, &f](std::size_t i) -> T { return T(f(view[i])); },
      scope.serial());
  detail::report_value(scope, total);
  return total;
}

// The loop `for (i = 0; i < n; ++i) init = op(init, f(i))`. Costly values f(i) are computed in
// parallel, a window ahead; op runs in order on the calling thread.
template <class T, class Op, std::invocable<std::size_t> F>
T transform_reduce(LeftFoldMode, std::size_t n, T init, Op op, F&& f,
                   std::source_location where = std::source_location::current()) {
  detail::LoopScope scope("transform_reduce", n, where);
  T total = detail::fold_computed(
      n, std::move(init), op, [&](std::size_t i) { return f(i); }, scope.serial());
  detail::report_value(scope, total);
  return total;
}

template <RandomAccessRange R, class T, class Op, std::invocable<RangeReference<R>> F>
T transform_reduce(LeftFoldMode, R&& range, T init, Op op, F&& f,
                   std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("transform_reduce", view.size, where);
  T total = detail::fold_computed(
      view.size, std::move(init), op, [&](std::size_t i) { return f(view[i]); }, scope.serial());
  detail::report_value(scope, total);
  return total;
}

// The canonical sum of a[i] * b[i], each product rounded once, for T the type of the products;
// pel::Error when the lengths differ.
template <RandomAccessRange A, RandomAccessRange B>
auto dot(A&& a, B&& b, std::source_location where = std::source_location::current()) {
  const auto left = detail::view_of(a);
  const auto right = detail::view_of(b);
  detail::require_equal_sizes("dot", left.size, right.size);
  using T = std::remove_cvref_t<decltype(left[0] * right[0])>;
  detail::LoopScope scope("dot", left.size, where);
  T total = detail::tree_reduce(
      left.size, T{}, std::plus<>{},
      [left, right](std::size_t i) -> T { return left[i] * right[i]; }, scope.serial());
  detail::report_value(scope, total);
  return total;
}

}  // namespace pel
