// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/detail/loops/drive.hpp"

namespace pel::detail {

// Small values that are cheaper to copy than a branch is to mispredict.
template <class T>
inline constexpr bool kCheapCopy = std::is_trivially_copyable_v<T> && sizeof(T) <= 32;

template <class A, class B, class Out>
inline constexpr bool kMergesPointers = false;
template <class A, class B, class T>
inline constexpr bool kMergesPointers<A*, B*, T*> =
    kCheapCopy<T> && std::is_same_v<const A, const T> && std::is_same_v<const B, const T>;

// *out++ = *in++, by move or by copy.
template <bool kMove, class Out, class In>
void put(Out& out, In& in) {
  if constexpr (kMove) {
    *out = std::move(*in);
  } else {
    *out = std::as_const(*in);
  }
  ++out, ++in;
}

// Takes the first `steps` elements of the merge from the front and as many from the back.
template <class A, class B, class T, class Compare>
[[gnu::always_inline]] inline void merge_both_ways(A& a, B& b, A& a_last, B b_last,
                                                   std::size_t steps, T*& out, T*& out_end,
                                                   Compare& less) {
  for (std::size_t k = 0; k < steps; ++k) {
    const bool take_b = less(*b, *a);
    const bool take_a_last = less(*b_last, *a_last);
    const T* const front = take_b ? b : a;
    const T* const back = take_a_last ? a_last : b_last;
    *out++ = *front;
    *--out_end = *back;
    b += take_b;
    a += !take_b;
    a_last -= take_a_last;
    b_last -= !take_a_last;
  }
}

// Merges the sorted runs a[0, na) and b[0, nb) into out, a first among equals; the runs do not
// overlap `out`. na + nb - 1 comparisons at most. Cheap values go from both ends at once without a
// branch on the data: two chains of dependent steps instead of one, and nothing to mispredict.
// kMove: the runs give their elements up.
template <bool kMove, class A, class B, class Out, class Compare>
void merge_runs(A a, std::size_t na, B b, std::size_t nb, Out out, Compare& less) {
  if constexpr (kMergesPointers<A, B, Out>) {
    using T = std::remove_pointer_t<Out>;
    T* out_end = out + na + nb;
    if (na == nb) {
      // Half of the output from each end: neither end can overrun a run.
      if (na == 0) return;
      A a_last = a + (na - 1);
      return merge_both_ways(a, b, a_last, b + (nb - 1), na, out, out_end, less);
    }
    while (true) {
      // Even if every step took from the same run, that run would not be overrun.
      const std::size_t steps = (na < nb ? na : nb) / 2;
      if (steps < 4) break;
      const A a_begin = a;
      A a_last = a + (na - 1);
      const A a_last_begin = a_last;
      merge_both_ways(a, b, a_last, b + (nb - 1), steps, out, out_end, less);
      const auto from_a = static_cast<std::size_t>((a - a_begin) + (a_last_begin - a_last));
      na -= from_a;
      nb -= 2 * steps - from_a;
    }
  }
  while (na > 0 && nb > 0) {
    if (less(*b, *a)) {
      put<kMove>(out, b), --nb;
    } else {
      put<kMove>(out, a), --na;
    }
  }
  for (; na > 0; --na) put<kMove>(out, a);
  for (; nb > 0; --nb) put<kMove>(out, b);
}

// How many of the first k elements of the merge come from a. O(log min(na, nb)).
template <class A, class B, class Compare>
std::size_t co_rank(std::size_t k, A a, std::size_t na, B b, std::size_t nb, Compare& less) {
  const auto at = [](auto it, std::size_t i) -> decltype(auto) {
    return it[static_cast<std::iter_difference_t<decltype(it)>>(i)];
  };
  std::size_t lo = k > nb ? k - nb : 0, hi = k < na ? k : na;
  while (lo < hi) {
    const std::size_t i = lo + (hi - lo) / 2;
    // a[i] belongs to the first k unless b[k - i - 1] goes strictly before it.
    if (less(at(b, k - i - 1), at(a, i))) {
      hi = i;
    } else {
      lo = i + 1;
    }
  }
  return lo;
}

inline constexpr std::size_t kMergeGrain = 1 << 15;  // elements merged by one task

// The merge in parallel. Where it is cut depends on the elements alone, so that the comparisons
// and their order do, too.
template <bool kMove, class A, class B, class Out, class Compare>
void merge_parallel(A a, std::size_t na, B b, std::size_t nb, Out out, Compare& less, bool serial) {
  if (na + nb <= kMergeGrain) return merge_runs<kMove>(a, na, b, nb, out, less);
  check_cancel();
  const auto behind = [](auto it, std::size_t k) {
    return it + static_cast<std::iter_difference_t<decltype(it)>>(k);
  };
  const std::size_t half = (na + nb) / 2;
  const std::size_t i = co_rank(half, a, na, b, nb, less), j = half - i;
  fork_two(
      serial, [&] { merge_parallel<kMove>(a, i, b, j, out, less, serial); },
      [&] {
        merge_parallel<kMove>(behind(a, i), na - i, behind(b, j), nb - j, behind(out, half), less,
                              serial);
      });
}

// Room for n elements. Trivial types stay raw; others are constructed by moving from `from`, so
// that both arrays always hold objects.
template <class T>
class MergeBuffer {
 public:
  MergeBuffer(T* from, std::size_t n) : data_(take_objects<T>(n)), room_(n) {
    if constexpr (!std::is_trivially_copyable_v<T>) {
      static_assert(std::is_nothrow_move_constructible_v<T>,
                    "pel sorts by moving: the element's move constructor must be noexcept");
      for (; size_ < n; ++size_) {
        ::new (static_cast<void*>(data_ + size_)) T(std::move(from[size_]));
      }
    }
  }
  MergeBuffer(const MergeBuffer&) = delete;
  MergeBuffer& operator=(const MergeBuffer&) = delete;
  ~MergeBuffer() {
    while (size_ > 0) data_[--size_].~T();
    give_objects(data_, room_);
  }
  T* data() const noexcept { return data_; }

 private:
  T* data_;
  std::size_t room_;
  std::size_t size_ = 0;
};

template <class T>
void move_all(T* from, std::size_t n, T* to) {
  for (std::size_t i = 0; i < n; ++i) to[i] = std::move(from[i]);
}

inline constexpr std::size_t kSortLeaf = 1 << 11;  // sorted by one task

// Swaps neighbours that are out of order; without a branch on the data.
template <class T, class Compare>
void order_pair(T& a, T& b, Compare& less) {
  if constexpr (std::is_integral_v<T>) {
    const bool swap = less(b, a);
    const T low = swap ? b : a, high = swap ? a : b;
    a = low;
    b = high;
  } else {
    // Baseline x86-64 has no conditional move for these: choose by address.
    const std::size_t swap = less(b, a) ? 1 : 0;
    const T pair[2] = {a, b};
    a = pair[swap];
    b = pair[1 - swap];
  }
}

template <class T, class Compare>
void insertion_sort(T* a, std::size_t n, Compare& less) {
  for (std::size_t i = 1; i < n; ++i) {
    if (!less(a[i], a[i - 1])) continue;
    T value = std::move(a[i]);
    std::size_t j = i;
    do {
      a[j] = std::move(a[j - 1]);
      --j;
    } while (j > 0 && less(value, a[j - 1]));
    a[j] = std::move(value);
  }
}

// Sorts runs of kBaseRun (the last one may be shorter).
template <class T>
inline constexpr std::size_t kBaseRun = kCheapCopy<T> ? 4 : 16;

template <class T, class Compare>
void sort_base_runs(T* a, std::size_t n, Compare& less) {
  std::size_t i = 0;
  if constexpr (kCheapCopy<T>) {
    for (; i + 4 <= n; i += 4) {
      // Odd-even transposition: only neighbours swap, so equal elements keep their order.
      T* x = a + i;
      order_pair(x[0], x[1], less), order_pair(x[2], x[3], less), order_pair(x[1], x[2], less);
      order_pair(x[0], x[1], less), order_pair(x[2], x[3], less), order_pair(x[1], x[2], less);
    }
  } else {
    for (; i + kBaseRun<T> <= n; i += kBaseRun<T>) insertion_sort(a + i, kBaseRun<T>, less);
  }
  insertion_sort(a + i, n - i, less);
}

// Merges run pairs of `width` from `from` to `to`; pairs that are in order are moved.
template <class T, class Compare>
void merge_pass(T* from, T* to, std::size_t n, std::size_t width, Compare& less) {
  for (std::size_t lo = 0; lo < n; lo += 2 * width) {
    const std::size_t na = n - lo < width ? n - lo : width;
    const std::size_t nb = n - lo - na < width ? n - lo - na : width;
    if (nb == 0 || !less(from[lo + na], from[lo + na - 1])) {
      move_all(from + lo, na + nb, to + lo);
    } else {
      merge_runs<true>(from + lo, na, from + lo + na, nb, to + lo, less);
    }
  }
}

// Sorts a[0, n) by one thread; the result is in `spare` if into_spare, else in a.
template <class T, class Compare>
void sort_leaf(T* a, T* spare, std::size_t n, bool into_spare, Compare& less) {
  unsigned passes = 0;
  for (std::size_t width = kBaseRun<T>; width < n; width *= 2) ++passes;
  T* from = a;
  T* to = spare;
  if ((passes % 2 == 1) != into_spare) {
    if (!into_spare && passes == 0) return sort_base_runs(a, n, less);
    move_all(a, n, spare);
    std::swap(from, to);
  }
  sort_base_runs(from, n, less);
  for (std::size_t width = kBaseRun<T>; width < n; width *= 2) {
    merge_pass(from, to, n, width, less);
    std::swap(from, to);
  }
}

// Stable merge sort; fork-join over halves, parallel merges. Every comparison depends on the
// elements alone. n log2 n comparisons at most.
template <class T, class Compare>
void sort_node(T* a, T* spare, std::size_t n, bool into_spare, Compare& less, bool serial) {
  if (n <= kSortLeaf) return sort_leaf(a, spare, n, into_spare, less);
  check_cancel();
  const std::size_t half = n / 2;
  fork_two(
      serial, [&] { sort_node(a, spare, half, !into_spare, less, serial); },
      [&] { sort_node(a + half, spare + half, n - half, !into_spare, less, serial); });
  T* const from = into_spare ? a : spare;
  T* const to = into_spare ? spare : a;
  if (!less(from[half], from[half - 1])) {
    move_all(from, n, to);
  } else {
    merge_parallel<true>(from, half, from + half, n - half, to, less, serial);
  }
}

template <class T, class Compare>
void merge_sort(T* a, std::size_t n, Compare& less, bool serial) {
  if (n < 2) return;
  if (n <= kBaseRun<T>) return insertion_sort(a, n, less);
  MergeBuffer<T> spare(a, n);
  if constexpr (!std::is_trivially_copyable_v<T>) move_all(spare.data(), n, a);
  if (n <= 2 * kSortLeaf) {
    sort_node(a, spare.data(), n, false, less, true);
  } else {
    enter(serial, [&] { sort_node(a, spare.data(), n, false, less, serial); });
  }
}

}  // namespace pel::detail
