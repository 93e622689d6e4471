// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <source_location>

#include "pel/detail/loops/folds.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/vectors.hpp"

namespace pel {
namespace detail {

// The first index at which the loop `for (i...) if (hit(i)) return i;` would stop, by a hit or by
// an error. Later indices may be looked at, too; what they do is dropped.
class FirstStop {
 public:
  explicit FirstStop(std::size_t n) noexcept : at_(n) {}

  std::size_t at() const noexcept { return at_.load(std::memory_order_relaxed); }

  void stop(std::size_t i, std::exception_ptr error) {
    while (busy_.exchange(true, std::memory_order_acquire)) {
    }
    if (i < at()) {
      at_.store(i, std::memory_order_relaxed);
      error_.swap(error);
    }
    busy_.store(false, std::memory_order_release);
  }

  // The index, n for none; or throws the error that came first.
  std::size_t finish() const {
    if (error_) std::rethrow_exception(error_);
    return at();
  }

 private:
  std::atomic<std::size_t> at_;
  std::atomic<bool> busy_{false};  // held for three stores
  std::exception_ptr error_;
};

// skip(lo, hi): some place at or before the first hit of [lo, hi) that is found faster.
template <class Skip, class Hit>
void look(std::size_t lo, std::size_t hi, Skip& skip, Hit& hit, FirstStop& first) {
  if (lo >= first.at()) return;
  std::size_t i = skip(lo, hi);
  try {
    while (i < hi && !hit(i)) ++i;
    if (i < hi) first.stop(i, nullptr);
  } catch (...) {
    first.stop(i, std::current_exception());
  }
}

template <class Skip, class Hit>
std::size_t find_index(std::size_t n, bool serial, Skip&& skip, Hit&& hit) {
  static Cost cost;
  FirstStop first(n);
  // Windows that grow keep the look-ahead in proportion to the answer.
  std::size_t window = 1 << 14;
  for (std::size_t lo = 0; lo < n && first.at() == n;) {
    const std::size_t count = n - lo < window ? n - lo : window;
    drive(count, serial, cost,
          [&](std::size_t a, std::size_t b) { look(lo + a, lo + b, skip, hit, first); });
    lo += count;
    window *= 4;
  }
  return first.finish();
}

template <class V, class Predicate>
std::size_t count_run(const V view, std::size_t lo, std::size_t hi, Predicate& wanted) {
  std::size_t count = 0;
  for (std::size_t i = lo; i < hi; ++i) count += static_cast<bool>(wanted(view[i])) ? 1 : 0;
  return count;
}

inline std::size_t no_skip(std::size_t lo, std::size_t) noexcept { return lo; }

// A place in [lo, hi] with no hit before it: numbers are looked at in small blocks without a branch
// in between. A block that holds a hit, or an error, is looked at again one by one.
template <class V, class Hit>
std::size_t skip_misses(const V view, std::size_t lo, std::size_t hi, Hit& hit) {
  constexpr std::size_t kBlock = 32;
  if constexpr (kContiguous<V> && std::is_arithmetic_v<typename V::Value>) {
    try {
      if constexpr (sizeof(typename V::Value) == 8 && std::is_integral_v<typename V::Value>) {
        // Baseline x86-64 has no vectors that compare these: plain branches, fewer of the loop's.
        for (; hi - lo >= 4; lo += 4) {
          if (hit(view[lo]) || hit(view[lo + 1]) || hit(view[lo + 2]) || hit(view[lo + 3])) break;
        }
        return lo;
      }
      for (; hi - lo >= kBlock; lo += kBlock) {
        unsigned any = 0;
        for (std::size_t k = 0; k < kBlock; ++k) {
          any |= static_cast<bool>(hit(view[lo + k])) ? 1u : 0u;
        }
        if (any != 0) break;
      }
    } catch (...) {
      return lo;
    }
  }
  return lo;
}

}  // namespace detail

// Index of the first element that satisfies wanted; the length of the range if none does. May look
// at elements behind the first hit; errors of those are dropped.
template <RandomAccessRange R, PredicateOf<R> Predicate>
std::size_t find_if(R&& range, Predicate&& wanted,
                    std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("find_if", view.size, where);
  const std::size_t found = detail::find_index(
      view.size, scope.serial(),
      [&](std::size_t lo, std::size_t hi) { return detail::skip_misses(view, lo, hi, wanted); },
      [&](std::size_t i) -> bool { return wanted(view[i]); });
  detail::report_value(scope, found);
  return found;
}

// Index of the first element equal to value; the length of the range if there is none.
template <RandomAccessRange R, class T>
  requires std::equality_comparable_with<RangeReference<R>, const T&>
std::size_t find(R&& range, const T& value,
                 std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("find", view.size, where);
  using V = std::remove_const_t<decltype(view)>;
  std::size_t found;
  if constexpr (detail::kContiguous<V> && std::is_same_v<T, RangeValue<R>> &&
                detail::kVectorCompares<T>) {
    constexpr std::size_t kPer = 16 / sizeof(T);
    const detail::Vector<T> wanted = detail::Vector<T>{} + value;
    const T* const data = view.data;
    const auto skip = [&](std::size_t lo, std::size_t hi) {
      return detail::skip_clear<kPer>(
          lo, hi, [=](std::size_t i) { return detail::vector_at(data, i) == wanted; });
    };
    found = detail::find_index(view.size, scope.serial(), skip,
                               [=](std::size_t i) { return data[i] == value; });
  } else {
    found = detail::find_index(view.size, scope.serial(), detail::no_skip,
                               [&](std::size_t i) -> bool { return view[i] == value; });
  }
  detail::report_value(scope, found);
  return found;
}

template <RandomAccessRange R, PredicateOf<R> Predicate>
bool any_of(R&& range, Predicate&& wanted,
            std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  return find_if(range, wanted, where) < view.size;
}

template <RandomAccessRange R, PredicateOf<R> Predicate>
bool none_of(R&& range, Predicate&& wanted,
             std::source_location where = std::source_location::current()) {
  return !any_of(range, wanted, where);
}

template <RandomAccessRange R, PredicateOf<R> Predicate>
bool all_of(R&& range, Predicate&& wanted,
            std::source_location where = std::source_location::current()) {
  return !any_of(
      range, [&](auto&& x) { return !wanted(x); }, where);
}

// Equal lengths and equal elements, by `same`.
template <RandomAccessRange A, RandomAccessRange B, class Same = std::equal_to<>>
  requires std::predicate<Same&, RangeReference<A>, RangeReference<B>>
bool equal(A&& a, B&& b, Same same = {},
           std::source_location where = std::source_location::current()) {
  const auto left = detail::view_of(a);
  const auto right = detail::view_of(b);
  if (left.size != right.size) return false;
  detail::LoopScope scope("equal", left.size, where);
  using L = std::remove_const_t<decltype(left)>;
  using R = std::remove_const_t<decltype(right)>;
  using T = RangeValue<A>;
  const auto hit = [&](std::size_t i) -> bool { return !same(left[i], right[i]); };
  std::size_t differs;
  if constexpr (detail::kContiguous<L> && detail::kContiguous<R> && detail::kVectorCompares<T> &&
                std::is_same_v<T, RangeValue<B>> && std::is_same_v<Same, std::equal_to<>>) {
    const T* const x = left.data;
    const T* const y = right.data;
    const auto skip = [=](std::size_t lo, std::size_t hi) {
      return detail::skip_clear<16 / sizeof(T)>(lo, hi, [=](std::size_t i) {
        return detail::vector_at(x, i) != detail::vector_at(y, i);
      });
    };
    differs = detail::find_index(left.size, scope.serial(), skip, hit);
  } else {
    differs = detail::find_index(left.size, scope.serial(), detail::no_skip, hit);
  }
  detail::report_value(scope, differs);
  return differs == left.size;
}

// How many elements satisfy wanted.
template <RandomAccessRange R, PredicateOf<R> Predicate>
std::size_t count_if(R&& range, Predicate&& wanted,
                     std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("count_if", view.size, where);
  std::atomic<std::size_t> count{0};  // integers: the order of additions does not matter
  detail::drive(view.size, scope.serial(), [&](std::size_t lo, std::size_t hi) {
    count.fetch_add(detail::count_run(view, lo, hi, wanted), std::memory_order_relaxed);
  });
  detail::report_value(scope, count.load());
  return count.load();
}

// How many elements equal value.
template <RandomAccessRange R, class T>
  requires std::equality_comparable_with<RangeReference<R>, const T&>
std::size_t count(R&& range, const T& value,
                  std::source_location where = std::source_location::current()) {
  return count_if(
      range, [&](const auto& x) { return x == value; }, where);
}

}  // namespace pel
