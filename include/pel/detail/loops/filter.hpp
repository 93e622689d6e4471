// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <source_location>
#include <vector>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/collect.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/merging.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/search.hpp"

namespace pel {
namespace detail {

inline constexpr std::size_t kFilterBlock = 4096;

// Appends the elements of [lo, hi) that satisfy keep. Cheap values are stored before it is known
// whether they stay, so that no branch depends on the data.
template <class T, class V, class Predicate>
void keep_some(const V& view, std::size_t lo, std::size_t hi, Predicate& keep,
               std::vector<T>& out) {
  if constexpr (kCheapCopy<T> && std::is_default_constructible_v<T>) {
    constexpr std::size_t kBatch = 512;
    T kept[kBatch];
    while (lo < hi) {
      const std::size_t end = hi - lo < kBatch ? hi : lo + kBatch;
      std::size_t count = 0;
      for (; lo < end; ++lo) {
        kept[count] = view[lo];
        count += static_cast<bool>(keep(view[lo]));
      }
      out.insert(out.end(), kept, kept + count);
    }
  } else {
    for (; lo < hi; ++lo) {
      if (keep(view[lo])) out.push_back(view[lo]);
    }
  }
}

// Moves the elements i with keep(i) to the front, the others behind them or, with kDrop, nowhere;
// both keep their order. keep(i) is called once per i, before anything moves. Returns how many
// stay.
template <bool kDrop, class V, class Keep>
std::size_t split_stable(const V& view, Keep&& keep, bool serial) {
  using T = typename V::Value;
  const std::size_t n = view.size, blocks = (n + kFilterBlock - 1) / kFilterBlock;
  if (n == 0) return 0;
  const Buffer<unsigned char> keeps(n, typename Buffer<unsigned char>::Raw{});
  const Buffer<std::size_t> counts(blocks + 1);
  const auto end_of = [n](std::size_t b) {
    return n - b * kFilterBlock < kFilterBlock ? n : (b + 1) * kFilterBlock;
  };
  drive(blocks, serial, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b) {
      std::size_t count = 0;
      for (std::size_t i = b * kFilterBlock; i < end_of(b); ++i) {
        keeps[i] = static_cast<bool>(keep(i));
        count += keeps[i];
      }
      counts[b] = count;
    }
  });
  std::size_t kept = 0;
  for (std::size_t b = 0; b <= blocks; ++b) {
    const std::size_t count = b < blocks ? counts[b] : 0;
    counts[b] = kept;
    kept += count;
  }
  if (kept == n) return n;
  if constexpr (std::is_default_constructible_v<T>) {
    const Buffer<T> moved(kDrop ? kept : n, typename Buffer<T>::Raw{});
    drive(blocks, serial, [&](std::size_t first, std::size_t last) {
      for (std::size_t b = first; b < last; ++b) {
        std::size_t front = counts[b], back = kept + b * kFilterBlock - counts[b];
        for (std::size_t i = b * kFilterBlock; i < end_of(b); ++i) {
          if constexpr (kCheapCopy<T> && !kDrop) {
            moved[keeps[i] != 0 ? front : back] = view[i];
            front += keeps[i];
            back += 1u - keeps[i];
          } else if (keeps[i] != 0) {
            moved[front++] = std::move(view[i]);
          } else if constexpr (!kDrop) {
            moved[back++] = std::move(view[i]);
          }
        }
      }
    });
    drive(kDrop ? kept : n, serial, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t i = lo; i < hi; ++i) view[i] = std::move(moved[i]);
    });
  } else {
    std::vector<T> moved;
    for (int pass = 0; pass < (kDrop ? 1 : 2); ++pass) {
      for (std::size_t i = 0; i < n; ++i) {
        if ((keeps[i] != 0) == (pass == 0)) moved.push_back(std::move(view[i]));
      }
    }
    for (std::size_t i = 0; i < moved.size(); ++i) view[i] = std::move(moved[i]);
  }
  return kept;
}

}  // namespace detail

// The elements that satisfy keep, in order. keep is called once per element.
template <RandomAccessRange R, PredicateOf<R> Predicate>
std::vector<RangeValue<R>> filter(R&& range, Predicate&& keep,
                                  std::source_location where = std::source_location::current()) {
  using T = RangeValue<R>;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("filter", view.size, where);
  const std::size_t blocks = (view.size + detail::kFilterBlock - 1) / detail::kFilterBlock;
  std::vector<T> kept =
      detail::collect<T>(blocks, scope.serial(), [&](std::size_t b, std::vector<T>& out) {
        const std::size_t lo = b * detail::kFilterBlock;
        const std::size_t rest = view.size - lo;
        detail::keep_some(view, lo,
                          rest < detail::kFilterBlock ? view.size : lo + detail::kFilterBlock, keep,
                          out);
      });
  if constexpr (!std::is_same_v<T, bool>) scope.output(kept.data(), kept.size());
  scope.done();
  return kept;
}

// Moves the elements that satisfy first to the front; both parts keep their order (it is a stable
// partition). Returns how many satisfy it. O(n), with room for n more elements.
template <WritableRange R, PredicateOf<R> Predicate>
std::size_t partition(R&& range, Predicate&& first,
                      std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("partition", view.size, where);
  const std::size_t count = detail::split_stable<false>(
      view, [&](std::size_t i) { return first(view[i]); }, scope.serial());
  detail::report(scope, view);
  scope.done();
  return count;
}

// Keeps of each run of equal neighbours the first element and returns how many stay, at the front
// in order; what lies behind them is unspecified (erase it). `same` is an equivalence.
template <WritableRange R, OrderOf<R> Same = std::equal_to<>>
std::size_t unique(R&& range, Same same = {},
                   std::source_location where = std::source_location::current()) {
  auto view = detail::view_of(range);
  detail::LoopScope scope("unique", view.size, where);
  std::size_t count = view.size;
  if (view.size > 1) {
    // What lies before the first repetition stays where it is.
    const std::size_t fresh =
        1 + detail::find_index(view.size - 1, scope.serial(), detail::no_skip,
                               [&](std::size_t i) -> bool { return same(view[i], view[i + 1]); });
    auto rest = view;
    rest.data = view.at(fresh);
    rest.size = view.size - fresh;
    count = fresh + detail::split_stable<true>(
                        rest,
                        [&](std::size_t i) { return !same(view[fresh + i - 1], view[fresh + i]); },
                        scope.serial());
  }
  view.size = count;
  detail::report(scope, view);
  scope.done();
  return count;
}

}  // namespace pel
