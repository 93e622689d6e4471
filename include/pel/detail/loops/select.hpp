// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <source_location>
#include <vector>

#include "pel/detail/loops/filter.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/merging.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/scratch.hpp"
#include "pel/detail/loops/sort.hpp"

namespace pel {
namespace detail {

struct Empty {};

// The k rows that go first in the order of `before`, earlier rows first among equals. Each holder
// keeps a heap of its own best; the best of all do not depend on who saw which row.
template <class V, class Compare>
class TopRows {
  using T = typename V::Value;
  static constexpr bool kNumbers = std::is_arithmetic_v<T>;

  // A row, with its value where that is a number.
  struct Item {
    std::conditional_t<kNumbers, T, Empty> value;
    std::size_t row;
  };

 public:
  using Heap = std::vector<Item>;

  TopRows(const V& view, std::size_t k, Compare& before) : view_(view), k_(k), before_(before) {}

  void offer(Heap& heap, std::size_t lo, std::size_t hi) {
    while (lo < hi && heap.size() < k_) sift_up(heap, item(lo++));
    while (lo < hi) {
      lo = next_better(heap.front(), lo, hi);
      if (lo < hi) replace_top(heap, item(lo++));
    }
  }

  // The rows, best first.
  Heap best(Scratch<Heap>& heaps) {
    Heap all;
    heaps.for_all([&](const Heap& heap) { all.insert(all.end(), heap.begin(), heap.end()); });
    const auto goes_first = [this](const Item& a, const Item& b) { return is_first(a, b); };
    merge_sort(all.data(), all.size(), goes_first, true);
    if (all.size() > k_) all.erase(all.begin() + static_cast<std::ptrdiff_t>(k_), all.end());
    return all;
  }

 private:
  Item item(std::size_t row) const {
    if constexpr (kNumbers) {
      return {view_[row], row};
    } else {
      return {{}, row};
    }
  }
  decltype(auto) value(const Item& item) const {
    if constexpr (kNumbers) {
      return (item.value);
    } else {
      return view_[item.row];
    }
  }

  bool is_first(const Item& a, const Item& b) {
    if constexpr (kNumbers) {
      // Without a branch: whether a child goes first is a coin's toss.
      const bool first = before_(a.value, b.value), second = before_(b.value, a.value);
      return first | (!second & (a.row < b.row));
    } else {
      if (before_(value(a), value(b))) return true;
      return a.row < b.row && !before_(value(b), value(a));
    }
  }

  // The first row of [lo, hi) that goes before the last of the best.
  std::size_t next_better(const Item& last, std::size_t lo, std::size_t hi) {
    // Rows before it win ties.
    for (; lo < hi && lo <= last.row; ++lo) {
      if (is_first(item(lo), last)) return lo;
    }
    const V view = view_;
    if constexpr (kNumbers) {
      const T bound = last.value;
      Compare& before = before_;
      auto beats = [&](const T x) { return before(x, bound); };
      lo = skip_misses(view, lo, hi, beats);
      while (lo < hi && !before(view[lo], bound)) ++lo;
    } else {
      while (lo < hi && !before_(view[lo], view[last.row])) ++lo;
    }
    return lo;
  }

  void sift_up(Heap& heap, const Item& row) {
    std::size_t at = heap.size();
    heap.push_back(row);
    for (; at > 0 && is_first(heap[(at - 1) / 2], row); at = (at - 1) / 2) {
      heap[at] = heap[(at - 1) / 2];
    }
    heap[at] = row;
  }

  void replace_top(Heap& heap, const Item& row) {
    std::size_t at = 0;
    while (2 * at + 1 < heap.size()) {
      std::size_t child = 2 * at + 1;
      if (child + 1 < heap.size()) child += is_first(heap[child], heap[child + 1]) ? 1 : 0;
      if (!is_first(row, heap[child])) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = row;
  }

  const V& view_;
  std::size_t k_;
  Compare& before_;
};

template <class V, class Compare>
std::vector<std::size_t> top_rows(const V& view, std::size_t k, Compare& before, bool serial) {
  using Top = TopRows<V, Compare>;
  Top top(view, k, before);
  Scratch<typename Top::Heap> heaps;
  // While heaps of numbers fill, each holder does nearly all of the work again: to look at the
  // other numbers is little.
  constexpr std::size_t kScanned = 256;
  const bool fills = std::is_arithmetic_v<typename V::Value> && view.size / kScanned < k;
  drive(view.size, serial || fills, [&](std::size_t lo, std::size_t hi) {
    const auto heap = heaps.lease();
    top.offer(*heap, lo, hi);
  });
  std::vector<std::size_t> rows;
  for (const auto& item : top.best(heaps)) rows.push_back(item.row);
  return rows;
}

// Quickselect with the median of three; sorts instead when the pivots keep being bad.
template <class V, class Compare>
void select_serial(V view, std::size_t k, Compare& less) {
  using std::swap;
  for (int rounds = 0; view.size > 24; ++rounds) {
    const std::size_t last = view.size - 1, middle = view.size / 2;
    if (less(view[middle], view[0])) swap(view[middle], view[0]);
    if (less(view[last], view[middle])) {
      swap(view[last], view[middle]);
      if (less(view[middle], view[0])) swap(view[middle], view[0]);
    }
    if (rounds > 200) break;
    swap(view[0], view[middle]);  // the pivot waits in front
    std::size_t i = 0, j = view.size;
    while (true) {
      do ++i;
      while (i < last && less(view[i], view[0]));
      do --j;
      while (less(view[0], view[j]));
      if (i >= j) break;
      swap(view[i], view[j]);
    }
    swap(view[0], view[j]);
    if (j == k) return;
    if (k < j) {
      view.size = j;
    } else {
      view.data = view.at(j + 1);
      view.size -= j + 1;
      k -= j + 1;
    }
  }
  for (std::size_t i = 1; i < view.size; ++i) {
    for (std::size_t j = i; j > 0 && less(view[j], view[j - 1]); --j) swap(view[j], view[j - 1]);
  }
}

// Stable partition of view into less than, equal to and greater than a pivot; what lies where
// depends on the elements alone. Narrows [lo, hi) to the part that holds position k.
template <class V, class Compare>
void select_position(V view, std::size_t k, Compare& less, bool serial) {
  using T = typename V::Value;
  constexpr std::size_t kSerial = kCheapCopy<T> ? 1 << 9 : 1 << 15;
  while (view.size > kSerial) {
    // The median of fixed positions, by index: the elements themselves may move.
    std::size_t sample[63];
    const std::size_t count = view.size > (1 << 15) ? 63 : 15;
    for (std::size_t s = 0; s < count; ++s) sample[s] = view.size / count * s;
    const auto by_element = [&](std::size_t a, std::size_t b) { return less(view[a], view[b]); };
    insertion_sort(sample, count, by_element);
    const auto rank = static_cast<std::size_t>(
        static_cast<double>(k) / static_cast<double>(view.size) * static_cast<double>(count - 1));
    using std::swap;
    swap(view[0], view[sample[rank]]);
    V rest = view;
    rest.data = view.at(1);
    rest.size = view.size - 1;
    const T& pivot = view[0];
    const std::size_t below = split_stable<false>(
        rest, [&](std::size_t i) { return less(rest[i], pivot); }, serial);
    swap(view[0], view[below]);  // the pivot is now behind what goes before it
    if (k < below) {
      view.size = below;
    } else if (k == below) {
      return;
    } else {
      V upper = view;
      upper.data = view.at(below + 1);
      upper.size = view.size - below - 1;
      k -= below + 1;
      const T& bound = view[below];
      const std::size_t same = split_stable<false>(
          upper, [&](std::size_t i) { return !less(bound, upper[i]); }, serial);
      if (k < same) return;
      view.data = upper.at(same);
      view.size = upper.size - same;
      k -= same;
    }
  }
  select_serial(view, k, less);
}

// Throws pel::Error: position k of a range of n.
[[noreturn]] void position_out_of_range(const char* algorithm, std::size_t k, std::size_t n);

}  // namespace detail

// The first k elements of stable_sort(range, before), in that order; all of them when there are
// fewer. The default order gives the k largest, the largest first. O(n) for small k.
template <RandomAccessRange R, OrderOf<R> Compare = std::greater<>>
std::vector<RangeValue<R>> top_k(R&& range, std::size_t k, Compare before = {},
                                 std::source_location where = std::source_location::current()) {
  using T = RangeValue<R>;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("top_k", view.size, where);
  std::vector<T> best;
  if (k > view.size) k = view.size;
  if (k > view.size / 8) {
    best.assign(view.data, view.at(view.size));
    detail::merge_sort(best.data(), best.size(), before, scope.serial());
    best.erase(best.begin() + static_cast<std::ptrdiff_t>(k), best.end());
  } else if (k > 0) {
    best.reserve(k);
    for (const std::size_t row : detail::top_rows(view, k, before, scope.serial())) {
      best.push_back(view[row]);
    }
  }
  scope.output(best.data(), best.size());
  scope.done();
  return best;
}

// Puts at position k the element that sort would put there, nothing that goes behind it before it
// and nothing that goes before it behind it. The whole arrangement depends on the elements alone.
// O(n) expected. pel::Error when k is not a position.
template <WritableRange R, OrderOf<R> Compare = std::less<>>
void nth_element(R&& range, std::size_t k, Compare less = {},
                 std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  if (k >= view.size) detail::position_out_of_range("nth_element", k, view.size);
  detail::LoopScope scope("nth_element", view.size, where);
  detail::select_position(view, k, less, scope.serial());
  detail::report(scope, view);
  scope.done();
}

// Merges two sorted ranges into out, the first one's first among equals. At most one comparison
// per element.
template <RandomAccessRange A, RandomAccessRange B, detail::OutputOf Out,
          OrderOf<A> Compare = std::less<>>
  requires std::same_as<RangeValue<A>, RangeValue<B>>
void merge(A&& a, B&& b, Out&& out, Compare less = {},
           std::source_location where = std::source_location::current()) {
  const auto left = detail::view_of(a);
  const auto right = detail::view_of(b);
  const auto to = detail::output_view("merge", out, left.size + right.size);
  detail::LoopScope scope("merge", left.size + right.size, where);
  const auto run = [&] {
    detail::merge_parallel<false>(left.data, left.size, right.data, right.size, to.data, less,
                                  scope.serial());
  };
  if (to.size <= detail::kMergeGrain) {
    run();
  } else {
    detail::enter(scope.serial(), run);
  }
  detail::report(scope, to);
  scope.done();
}

}  // namespace pel
