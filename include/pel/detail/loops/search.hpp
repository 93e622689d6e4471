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

// kPure: hit does nothing but compare numbers, so it may be asked in any order, 32 at a time.
template <bool kPure, class Hit>
void look(std::size_t lo, std::size_t hi, Hit& hit, FirstStop& first) {
  if (lo >= first.at()) return;
  std::size_t i = lo;
  try {
    if constexpr (kPure) {
      for (; i + 32 <= hi; i += 32) {
        int any = 0;
        for (std::size_t k = 0; k < 32; ++k) any |= hit(i + k) ? 1 : 0;
        if (any != 0) break;
      }
    }
    while (i < hi && !hit(i)) ++i;
    if (i < hi) first.stop(i, nullptr);
  } catch (...) {
    first.stop(i, std::current_exception());
  }
}

template <bool kPure, class Hit>
std::size_t find_index(std::size_t n, bool serial, Hit&& hit) {
  static Cost cost;
  FirstStop first(n);
  // Windows that grow keep the look-ahead in proportion to the answer.
  std::size_t window = 1 << 14;
  for (std::size_t lo = 0; lo < n && first.at() == n;) {
    const std::size_t count = n - lo < window ? n - lo : window;
    drive(count, serial, cost,
          [&](std::size_t a, std::size_t b) { look<kPure>(lo + a, lo + b, hit, first); });
    lo += count;
    window *= 4;
  }
  return first.finish();
}

}  // namespace detail

// Index of the first element that satisfies wanted; the length of the range if none does. May look
// at elements behind the first hit; errors of those are dropped.
template <RandomAccessRange R, PredicateOf<R> Predicate>
std::size_t find_if(R&& range, Predicate&& wanted,
                    std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("find_if", view.size, where);
  const std::size_t found = detail::find_index<false>(
      view.size, scope.serial(), [&](std::size_t i) -> bool { return wanted(view[i]); });
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
  constexpr bool kPure = std::is_arithmetic_v<RangeValue<R>> && std::is_arithmetic_v<T>;
  std::size_t found;
  if constexpr (kPure) {
    const T wanted = value;  // a copy, which no write can alias
    found = detail::find_index<true>(view.size, scope.serial(),
                                     [&view, wanted](std::size_t i) { return view[i] == wanted; });
  } else {
    found = detail::find_index<false>(view.size, scope.serial(),
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
  constexpr bool kPure = std::is_same_v<Same, std::equal_to<>> &&
                         std::is_arithmetic_v<RangeValue<A>> && std::is_arithmetic_v<RangeValue<B>>;
  const std::size_t differs = detail::find_index<kPure>(
      left.size, scope.serial(), [&](std::size_t i) -> bool { return !same(left[i], right[i]); });
  detail::report_value(scope, differs);
  return differs == left.size;
}

// How many elements satisfy wanted.
template <RandomAccessRange R, PredicateOf<R> Predicate>
std::size_t count_if(R&& range, Predicate&& wanted,
                     std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("count_if", view.size, where);
  const std::size_t count = detail::tree_reduce(
      view.size, std::size_t{0}, std::plus<>{},
      [view, &wanted](std::size_t i) -> std::size_t { return static_cast<bool>(wanted(view[i])); },
      scope.serial());
  detail::report_value(scope, count);
  return count;
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
