// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace pel {

// What the loops take: something with std::begin and std::end whose iterators have random access
// (vector, array, span, deque, a built-in array, a view of those).
template <class R>
concept RandomAccessRange = requires(std::remove_reference_t<R>& range) {
  { std::begin(range) } -> std::random_access_iterator;
  { std::end(range) } -> std::sentinel_for<decltype(std::begin(range))>;
};

template <RandomAccessRange R>
using RangeIterator = decltype(std::begin(std::declval<std::remove_reference_t<R>&>()));
template <RandomAccessRange R>
using RangeValue = std::iter_value_t<RangeIterator<R>>;
template <RandomAccessRange R>
using RangeReference = std::iter_reference_t<RangeIterator<R>>;

// Elements that can be written one by one by different threads: real references, so not
// std::vector<bool>, whose neighbours share a byte.
template <class R>
concept WritableRange = RandomAccessRange<R> && std::is_lvalue_reference_v<RangeReference<R>> &&
                        !std::is_const_v<std::remove_reference_t<RangeReference<R>>>;

// A strict weak order on the elements of a range.
template <class Compare, class R>
concept OrderOf =
    RandomAccessRange<R> && std::predicate<Compare&, RangeReference<R>, RangeReference<R>>;

// A predicate on the elements of a range.
template <class Predicate, class R>
concept PredicateOf = RandomAccessRange<R> && std::predicate<Predicate&, RangeReference<R>>;

// op(T, T) -> T: what reductions and scans combine with. It must be associative in the program's
// own sense (floating + is: the tree is fixed); it need not be commutative.
template <class Op, class T>
concept CombinesTo = std::movable<T> && requires(Op& op, T a, T b) {
  { op(std::move(a), std::move(b)) } -> std::convertible_to<T>;
};

}  // namespace pel

namespace pel::detail {

// Iterator and length. Contiguous ranges become pointers, so that every algorithm is instantiated
// once for vector, array and span.
template <class Iterator>
struct View {
  using Value = std::iter_value_t<Iterator>;
  using Reference = std::iter_reference_t<Iterator>;

  Iterator data;
  std::size_t size;

  Reference operator[](std::size_t i) const {
    return data[static_cast<std::iter_difference_t<Iterator>>(i)];
  }
  Iterator at(std::size_t i) const {
    return data + static_cast<std::iter_difference_t<Iterator>>(i);
  }
};

template <std::random_access_iterator Iterator>
auto make_view(Iterator first, std::size_t n) {
  if constexpr (std::contiguous_iterator<Iterator>) {
    auto* data = n == 0 ? nullptr : std::to_address(first);
    return View<decltype(data)>{data, n};
  } else {
    return View<Iterator>{first, n};
  }
}

template <RandomAccessRange R>
auto view_of(R&& range) {
  return make_view(std::begin(range),
                   static_cast<std::size_t>(std::end(range) - std::begin(range)));
}

template <class V>
inline constexpr bool kContiguous = std::is_pointer_v<decltype(V::data)>;

// Throws pel::Error: the output has room for `room` elements and `needed` are to be written.
[[noreturn]] void output_too_short(const char* algorithm, std::size_t room, std::size_t needed);

// The output of an algorithm: a range that must be long enough, or an iterator that is trusted.
template <class Out>
concept OutputOf = WritableRange<Out> || std::random_access_iterator<std::remove_cvref_t<Out>>;

template <OutputOf Out>
auto output_view(const char* algorithm, Out&& out, std::size_t n) {
  if constexpr (RandomAccessRange<Out>) {
    auto view = view_of(out);
    if (view.size < n) output_too_short(algorithm, view.size, n);
    view.size = n;
    return view;
  } else {
    return make_view(out, n);
  }
}

// Throws pel::Error unless the two inputs of an algorithm have the same length.
void require_equal_sizes(const char* algorithm, std::size_t a, std::size_t b);

// Observers see what lies in memory as one piece.
template <class Scope, class V>
void report(Scope& scope, const V& view) {
  if constexpr (kContiguous<V>) scope.output(view.data, view.size);
}

}  // namespace pel::detail
