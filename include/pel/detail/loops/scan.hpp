// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <source_location>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/folds.hpp"
#include "pel/detail/loops/hook.hpp"

namespace pel::detail {

// The canonical scan, in blocks of kScanBlock elements in index order.
//   local:  l(0) = x(0), l(i) = op(l(i-1), x(i)) inside a block; + and * on arithmetic types go in
//           rows of four: l(4k+j) = op(l(4k-1), row(j)) with row = x0, x0+x1, (x0+x1)+x2,
//           (x0+x1)+(x2+x3), which leaves one operation per row on the critical path.
//   carry:  c(0) = init; c(b+1) = op(c(b), l(last of block b)).
//   out:    inclusive out(i) = op(c(b), l(i)); exclusive the same one element later.
// So out is monotone for rounded sums of non-negative values, also across blocks.
// A carry is absent (nothing is combined) before the first element when there is no init.
inline constexpr std::size_t kScanBlock = 2048;

template <class T, class Op, class In, class Out>
class Scan {
 public:
  Scan(const In& in, const Out& out, Op& op, bool exclusive) noexcept
      : in_(in), out_(out), op_(op), exclusive_(exclusive) {}

  std::size_t blocks() const noexcept { return (in_.size + kScanBlock - 1) / kScanBlock; }

  // The carry after block b, which is not empty, from the one before it.
  std::optional<T> carry_after(const std::optional<T>& carry, T&& total) {
    if (!carry) return std::move(total);
    return static_cast<T>(op_(*carry, std::move(total)));
  }

  // l(last) of block b.
  T total(std::size_t b) {
    const std::size_t lo = b * kScanBlock, hi = end_of(b);
    if constexpr (kRows) {
      T sum = x(lo);
      std::size_t i = lo;
      if (hi - lo >= 4) {
        sum = row3(lo);
        for (i = lo + 4; i + 4 <= hi; i += 4) sum = step(sum, row3(i));
        if (i == hi) return sum;
        return step(sum, tail_row(i, hi));
      }
      return tail_row(lo, hi);
    } else {
      T sum = x(lo);
      for (std::size_t i = lo + 1; i < hi; ++i) sum = static_cast<T>(op_(std::move(sum), x(i)));
      return sum;
    }
  }

  // Writes block b behind its carry, and returns l(last).
  T write(std::size_t b, const std::optional<T>& carry) {
    const std::size_t lo = b * kScanBlock, hi = end_of(b);
    if constexpr (kRows) {
      if (exclusive_) return rows<true, true>(lo, hi, *carry);
      return carry ? rows<false, true>(lo, hi, *carry) : rows<false, false>(lo, hi, T{});
    } else {
      return one_by_one(lo, hi, carry);
    }
  }

 private:
  static constexpr bool kRows = kUsesLanes<Op, T>;

  std::size_t end_of(std::size_t b) const noexcept {
    const std::size_t lo = b * kScanBlock;
    return in_.size - lo < kScanBlock ? in_.size : lo + kScanBlock;
  }
  T x(std::size_t i) const { return static_cast<T>(in_[i]); }
  static T step(T a, T b) noexcept { return lane_step<Op, T>(a, b); }
  T row3(std::size_t i) const { return step(step(x(i), x(i + 1)), step(x(i + 2), x(i + 3))); }

  // The last value of a row of one to three elements.
  T tail_row(std::size_t i, std::size_t hi) const {
    T sum = x(i);
    for (++i; i < hi; ++i) sum = step(sum, x(i));
    return sum;
  }

  template <bool kHasCarry>
  static T behind(T carry, T local) noexcept {
    return kHasCarry ? step(carry, local) : local;
  }

  // In place (out = in) is allowed, so a row is read before it is written.
  template <bool kExclusive, bool kHasCarry>
  T rows(std::size_t lo, std::size_t hi, T carry) {
    T local{};
    bool first = true;
    T before = carry;  // what the exclusive scan writes next
    std::size_t i = lo;
    for (; i + 4 <= hi; i += 4) {
      const T x0 = x(i), x1 = x(i + 1), x2 = x(i + 2), x3 = x(i + 3);
      const T r1 = step(x0, x1), r2 = step(r1, x2), r3 = step(r1, step(x2, x3));
      const T l0 = first ? x0 : step(local, x0), l1 = first ? r1 : step(local, r1);
      const T l2 = first ? r2 : step(local, r2), l3 = first ? r3 : step(local, r3);
      const T o0 = behind<kHasCarry>(carry, l0), o1 = behind<kHasCarry>(carry, l1);
      const T o2 = behind<kHasCarry>(carry, l2), o3 = behind<kHasCarry>(carry, l3);
      if constexpr (kExclusive) {
        out_[i] = before, out_[i + 1] = o0, out_[i + 2] = o1, out_[i + 3] = o2;
        before = o3;
      } else {
        out_[i] = o0, out_[i + 1] = o1, out_[i + 2] = o2, out_[i + 3] = o3;
      }
      local = l3;
      first = false;
    }
    const T base = local;
    T row{};
    for (std::size_t j = i; j < hi; ++j) {
      row = j == i ? x(j) : step(row, x(j));
      local = first ? row : step(base, row);
      const T value = behind<kHasCarry>(carry, local);
      if constexpr (kExclusive) {
        out_[j] = before;
        before = value;
      } else {
        out_[j] = value;
      }
    }
    return local;
  }

  T one_by_one(std::size_t lo, std::size_t hi, const std::optional<T>& carry) {
    std::optional<T> local;
    std::optional<T> before = carry;
    for (std::size_t i = lo; i < hi; ++i) {
      T value = x(i);
      if (local) {
        local = static_cast<T>(op_(std::move(*local), std::move(value)));
      } else {
        local = std::move(value);
      }
      if (exclusive_) {
        out_[i] = *before;
        before = static_cast<T>(op_(*carry, *local));
      } else if (carry) {
        out_[i] = static_cast<T>(op_(*carry, *local));
      } else {
        out_[i] = *local;
      }
    }
    return std::move(*local);
  }

  const In& in_;
  const Out& out_;
  Op& op_;
  bool exclusive_;
};

// What a block costs when a window of them is streamed by one worker and when it is done in two
// parallel passes: which is faster depends on how much of the memory's bandwidth one core has.
// Measured per kind of scan; the slower way is tried again now and then.
class ScanChoice {
 public:
  bool parallel() noexcept {
    const std::uint64_t one = streamed_.load(std::memory_order_relaxed);
    const std::uint64_t all = windowed_.load(std::memory_order_relaxed);
    if (all == 0) return true;
    if (one == 0) return false;
    const bool again = turns_.fetch_add(1, std::memory_order_relaxed) % 32 == 31;
    return (all < one) != again;
  }
  void measured(bool parallel, std::uint64_t ticks_per_block) noexcept {
    (parallel ? windowed_ : streamed_).store(ticks_per_block + 1, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> streamed_{0}, windowed_{0};
  std::atomic<std::uint32_t> turns_{0};
};

// One window in two passes, the second of which finds it in the cache: the totals of all blocks at
// once, the carries in order, then all blocks written at once.
template <class T, class S>
void scan_window(S& scan, std::size_t first, std::size_t count, std::optional<T>& carry) {
  static Cost totals_cost, writes_cost;
  const Buffer<std::optional<T>> totals(count), carries(count + 1);
  bool failed = false;
  try {
    drive(count, false, totals_cost, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t i = lo; i < hi; ++i) totals[i] = scan.total(first + i);
    });
    carries[0] = carry;
    for (std::size_t i = 0; i < count; ++i) {
      carries[i + 1] = scan.carry_after(carries[i], std::move(*totals[i]));
    }
  } catch (...) {
    failed = true;
  }
  if (failed) {
    // Nothing of the window is written yet: the serial order finds the error that comes first.
    check_cancel();
    for (std::size_t i = 0; i < count; ++i) {
      carry = scan.carry_after(carry, scan.write(first + i, carry));
    }
    return;
  }
  drive(count, false, writes_cost, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t i = lo; i < hi; ++i) scan.write(first + i, carries[i]);
  });
  carry = std::move(carries[count]);
}

template <class T, class Op, class In, class Out>
void run_scan(const In& in, const Out& out, std::optional<T> carry, Op& op, bool exclusive,
              bool serial) {
  constexpr std::size_t kWindow = 256;  // blocks: 4 MiB of double
  static ScanChoice choice;
  static Cost block_cost;
  Scan<T, Op, In, Out> scan(in, out, op, exclusive);
  const std::size_t blocks = scan.blocks();
  for (std::size_t b = 0; b < blocks;) {
    const std::size_t count = blocks - b < kWindow ? blocks - b : kWindow;
    const std::uint64_t cost16 = block_cost.load();
    const std::uint64_t begin = ticks();
    const std::uint64_t left = cost16 == 0 ? std::uint64_t{1} << 62 : cost16 * (blocks - b) / 16;
    const bool worth =
        !serial && count > 3 && left > 16 * kWorthSplitting && sharing_pays(left, begin);
    const bool windowed = worth && choice.parallel();
    if (windowed) {
      scan_window(scan, b, count, carry);
      b += count;
    } else {
      for (std::size_t end = b + count; b < end; ++b) {
        carry = scan.carry_after(carry, scan.write(b, carry));
        if (b + 1 < end) check_cancel();
      }
      block_cost.store(16 * (ticks() - begin) / count + 1);
    }
    if (worth) choice.measured(windowed, (ticks() - begin) / count);
    if (b < blocks) check_cancel();
  }
}

template <class T, class Op, class In, class Out>
void start_scan(const In& in, const Out& out, std::optional<T> carry, Op& op, bool exclusive,
                bool serial) {
  if (in.size < 8 * kScanBlock) {
    run_scan<T>(in, out, std::move(carry), op, exclusive, serial);
  } else {
    enter(serial, [&] { run_scan<T>(in, out, std::move(carry), op, exclusive, serial); });
  }
}

}  // namespace pel::detail

namespace pel {

// out[i] = op(x[0], ..., x[i]), in the canonical order of docs/design/loops.md; `out` may be the
// input. op is associative in the program's own sense and need not commute; T is the element type.
// About 2 n operations. After an error the output is unspecified from the failing block on.
template <RandomAccessRange In, detail::OutputOf Out, CombinesTo<RangeValue<In>> Op = std::plus<>>
void inclusive_scan(In&& in, Out&& out, Op op = {},
                    std::source_location where = std::source_location::current()) {
  using T = RangeValue<In>;
  const auto from = detail::view_of(in);
  const auto to = detail::output_view("inclusive_scan", out, from.size);
  detail::LoopScope scope("inclusive_scan", from.size, where);
  detail::start_scan<T>(from, to, std::optional<T>{}, op, false, scope.serial());
  detail::report(scope, to);
  scope.done();
}

// out[i] = op(init, x[0], ..., x[i]), computed as T.
template <RandomAccessRange In, detail::OutputOf Out, class T, CombinesTo<T> Op>
void inclusive_scan(In&& in, Out&& out, Op op, T init,
                    std::source_location where = std::source_location::current()) {
  const auto from = detail::view_of(in);
  const auto to = detail::output_view("inclusive_scan", out, from.size);
  detail::LoopScope scope("inclusive_scan", from.size, where);
  detail::start_scan<T>(from, to, std::optional<T>(std::move(init)), op, false, scope.serial());
  detail::report(scope, to);
  scope.done();
}

// out[0] = init, out[i] = op(init, x[0], ..., x[i-1]), computed as T.
template <RandomAccessRange In, detail::OutputOf Out, class T, CombinesTo<T> Op = std::plus<>>
void exclusive_scan(In&& in, Out&& out, T init, Op op = {},
                    std::source_location where = std::source_location::current()) {
  const auto from = detail::view_of(in);
  const auto to = detail::output_view("exclusive_scan", out, from.size);
  detail::LoopScope scope("exclusive_scan", from.size, where);
  detail::start_scan<T>(from, to, std::optional<T>(std::move(init)), op, true, scope.serial());
  detail::report(scope, to);
  scope.done();
}

}  // namespace pel
