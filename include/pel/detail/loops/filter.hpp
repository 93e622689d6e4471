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

// Where the elements of a block go: to the front, and how many of the blocks before it do.
struct SplitCounts {
  std::size_t kept, before;
};

// Sums up how many elements of earlier blocks stay; returns how many stay in all.
inline std::size_t sum_counts(const Buffer<SplitCounts>& counts, std::size_t blocks) noexcept {
  std::size_t kept = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    counts[b].before = kept;
    kept += counts[b].kept;
  }
  return kept;
}

// Moves elements by their flags: in blocks at once through a second range if there can be one.
template <bool kDrop, class V>
void move_split(const V& view, const unsigned char* keeps, const Buffer<SplitCounts>& counts,
                std::size_t kept, bool serial) {
  using T = typename V::Value;
  const std::size_t n = view.size, blocks = (n + kFilterBlock - 1) / kFilterBlock;
  if constexpr (std::is_default_constructible_v<T>) {
    const Buffer<T> moved(kDrop ? kept : n, typename Buffer<T>::Raw{});
    drive(blocks, serial, [&](std::size_t first, std::size_t last) {
      for (std::size_t b = first; b < last; ++b) {
        std::size_t front = counts[b].before, back = kept + b * kFilterBlock - front;
        const std::size_t begin = b * kFilterBlock;
        const std::size_t end = n - begin < kFilterBlock ? n : begin + kFilterBlock;
        for (std::size_t i = begin; i < end; ++i) {
          if (keeps[i] != 0) {
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
}

// split_stable() for values that are cheap to copy: each block is split in a copy, the ones that
// stay from its front and the others from its back, without a branch on the data; then the pieces
// are copied to their places.
template <bool kDrop, class V, class Keep>
std::size_t split_copies(const V& view, Keep& keep, bool serial) {
  using T = typename V::Value;
  const std::size_t n = view.size, blocks = (n + kFilterBlock - 1) / kFilterBlock;
  const Buffer<T> copy(n, typename Buffer<T>::Raw{});
  const Buffer<SplitCounts> counts(blocks);
  const auto size_of = [n](std::size_t b) {
    return n - b * kFilterBlock < kFilterBlock ? n - b * kFilterBlock : kFilterBlock;
  };
  drive(blocks, serial, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b) {
      T* front = copy.data() + b * kFilterBlock;
      T* back = front + size_of(b);
      T* const begin = front;
      for (std::size_t i = b * kFilterBlock, end = i + size_of(b); i < end; ++i) {
        const std::size_t stays = static_cast<bool>(keep(i)) ? 1 : 0;
        const T value = view[i];
        *front = value;
        if constexpr (!kDrop) back[-1] = value;
        front += stays;
        if constexpr (!kDrop) back -= 1 - stays;
      }
      counts[b].kept = static_cast<std::size_t>(front - begin);
    }
  });
  const std::size_t kept = sum_counts(counts, blocks);
  if (kept == n) return n;
  drive(blocks, serial, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b) {
      const T* const from = copy.data() + b * kFilterBlock;
      const auto to = view.at(counts[b].before);
      for (std::size_t i = 0; i < counts[b].kept; ++i) {
        to[static_cast<std::iter_difference_t<decltype(to)>>(i)] = from[i];
      }
      if constexpr (!kDrop) {
        const std::size_t others = size_of(b) - counts[b].kept;
        const auto behind = view.at(kept + b * kFilterBlock - counts[b].before);
        const T* const end = from + size_of(b);
        for (std::size_t i = 0; i < others; ++i) {
          behind[static_cast<std::iter_difference_t<decltype(behind)>>(i)] =
              end[-1 - static_cast<std::ptrdiff_t>(i)];
        }
      }
    }
  });
  return kept;
}

// Moves the elements i with keep(i) to the front, the others behind them or, with kDrop, nowhere;
// both keep their order. keep(i) is called once per i, before anything moves. Returns how many
// stay.
template <bool kDrop, class V, class Keep>
std::size_t split_stable(const V& view, Keep&& keep, bool serial) {
  using T = typename V::Value;
  const std::size_t n = view.size, blocks = (n + kFilterBlock - 1) / kFilterBlock;
  if (n == 0) return 0;
  if constexpr (kCheapCopy<T> && std::is_default_constructible_v<T>) {
    return split_copies<kDrop>(view, keep, serial);
  } else {
    const Buffer<unsigned char> keeps(n, typename Buffer<unsigned char>::Raw{});
    const Buffer<SplitCounts> counts(blocks);
    drive(n, serial, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t i = lo; i < hi; ++i) keeps[i] = static_cast<bool>(keep(i));
    });
    for (std::size_t i = 0; i < n; ++i) counts[i / kFilterBlock].kept += keeps[i];
    const std::size_t kept = sum_counts(counts, blocks);
    if (kept == n) return n;
    move_split<kDrop>(view, keeps.data(), counts, kept, serial);
    return kept;
  }
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
