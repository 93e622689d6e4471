// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <functional>
#include <type_traits>

#include "pel/detail/loops/tree.hpp"

namespace pel::detail {

// + and * on arithmetic types are folded in fixed lanes inside blocks of a fixed length, so that
// the compiler can use whatever vectors the machine has: lane l of a block takes its elements l,
// l + L, l + 2 L, ..., and at the end lane l takes lane l + L/2, then l + L/4, and so on. The
// blocks are the units of the tree. L makes 128 bytes on every machine.
inline constexpr std::size_t kLaneBlock = 2048;

template <class T>
inline constexpr std::size_t kLanes = 128 / sizeof(T);

template <class Op, class T>
inline constexpr bool kIsPlus = std::is_same_v<Op, std::plus<>> || std::is_same_v<Op, std::plus<T>>;
template <class Op, class T>
inline constexpr bool kIsTimes =
    std::is_same_v<Op, std::multiplies<>> || std::is_same_v<Op, std::multiplies<T>>;
template <class Op, class T>
inline constexpr bool kUsesLanes =
    std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && (kIsPlus<Op, T> || kIsTimes<Op, T>);

// One step of a lane. Integers wrap: the lanes may pass through values that the loop would not.
template <class Op, class T>
T lane_step(T a, T b) noexcept {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<decltype(a + b)>;
    const auto x = static_cast<U>(a), y = static_cast<U>(b);
    return static_cast<T>(kIsPlus<Op, T> ? x + y : x * y);
  } else {
    return kIsPlus<Op, T> ? a + b : a * b;
  }
}

// The value of one block from its first `live` lanes (all of them, unless the block is shorter).
template <class Op, class T>
T join_lanes(T* lane, std::size_t live) noexcept {
  for (std::size_t width = kLanes<T> / 2; width > 0; width /= 2) {
    for (std::size_t l = 0; l < width; ++l) {
      if (l + width < live) lane[l] = lane_step<Op, T>(lane[l], lane[l + width]);
    }
    if (live > width) live = width;
  }
  return lane[0];
}

// Folds the values of one block, a piece after the other; all pieces but the last are multiples of
// the lanes. The lanes are spelled as vectors of 16 bytes, which every x86-64 and aarch64 has: GCC
// 12 does not keep an array of lanes in registers.
template <class Op, class T>
class LaneFold {
 public:
  void add(const T* data, std::size_t n) noexcept {
    std::size_t i = 0;
    if (live_ == 0) {
      live_ = n < kWidth ? n : kWidth;
      for (; i < live_; ++i) lane_[i] = data[i];
    }
    if constexpr (sizeof(T) <= 8) {
      i = add_rows(data, i, n);
      for (std::size_t l = 0; l < kWidth && i < n; ++l, ++i) {
        lane_[l] = lane_step<Op, T>(lane_[l], data[i]);
      }
    } else {
      for (; i < n; ++i) lane_[i % kWidth] = lane_step<Op, T>(lane_[i % kWidth], data[i]);
    }
  }
  // At least one value was added.
  T value() noexcept { return join_lanes<Op, T>(lane_, live_); }

 private:
  static constexpr std::size_t kWidth = kLanes<T>;

  // Adds rows of all lanes from i on, as long as there are whole ones; returns where they end.
  std::size_t add_rows(const T* data, std::size_t i, std::size_t n) noexcept {
    using Word = std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>,
                                    std::type_identity<T>>::type;
    typedef Word Vector __attribute__((vector_size(16), aligned(alignof(T)), may_alias));
    constexpr std::size_t kPer = 16 / sizeof(T);
    if (n - i < kWidth) return i;
    const auto at = [data](std::size_t k) {  // by value, as vector_at()
      Vector v;
      std::memcpy(&v, data + k, sizeof v);
      return v;
    };
    const auto step = [](Vector a, Vector b) -> Vector { return kIsPlus<Op, T> ? a + b : a * b; };
    auto* out = reinterpret_cast<Vector*>(lane_);
    Vector v0 = out[0], v1 = out[1], v2 = out[2], v3 = out[3];
    Vector v4 = out[4], v5 = out[5], v6 = out[6], v7 = out[7];
    for (; i + kWidth <= n; i += kWidth) {
      v0 = step(v0, at(i)), v1 = step(v1, at(i + kPer));
      v2 = step(v2, at(i + 2 * kPer)), v3 = step(v3, at(i + 3 * kPer));
      v4 = step(v4, at(i + 4 * kPer)), v5 = step(v5, at(i + 5 * kPer));
      v6 = step(v6, at(i + 6 * kPer)), v7 = step(v7, at(i + 7 * kPer));
    }
    out[0] = v0, out[1] = v1, out[2] = v2, out[3] = v3;
    out[4] = v4, out[5] = v5, out[6] = v6, out[7] = v7;
    return i;
  }

  alignas(16) T lane_[kWidth];
  std::size_t live_ = 0;
};

// The value of a block of n > 0 values.
template <class Op, class T>
T lane_block(const T* data, std::size_t n) noexcept {
  LaneFold<Op, T> fold;
  fold.add(data, n);
  return fold.value();
}

// The shape for lanes over computed values. While a value is costly (or its cost unknown) the
// values of a block are computed in parallel into a buffer first: same values, same tree.
template <class T, class OpType, class Get>
class LaneShape {
 public:
  using Value = T;
  using Op = OpType;
  static constexpr std::size_t kUnit = kLaneBlock;

  LaneShape(Op& op, Get& get, Cost& cost, bool serial) noexcept
      : op_(op), get_(get), cost_(cost), serial_(serial) {}
  Op& op() noexcept { return op_; }

  template <class Stack>
  bool advance(Stack& stack, std::size_t, std::size_t lo, std::size_t hi, Pace& pace) {
    if (!serial_ && (pace.cost16() == 0 || pace.cost16() > kCostly16)) {
      for (; lo < hi; lo += kUnit) stack.push(buffered(lo, hi - lo < kUnit ? hi : lo + kUnit), 0);
      pace = Pace::from(cost_.load(), kLaneBlock);
      return false;
    }
    for (; lo < hi; lo += kUnit) stack.push(computed(lo, hi - lo < kUnit ? hi : lo + kUnit), 0);
    return true;
  }

 private:
  static constexpr std::uint64_t kCostly16 = 16 * 40;

  // Values first, lanes after: two loops that the compiler can turn into vectors. In short pieces,
  // since memory is not read while lanes are folded.
  T computed(std::size_t lo, std::size_t hi) {
    constexpr std::size_t kPiece = 16 * kLanes<T>;
    static_assert(kLaneBlock % kPiece == 0);
    T values[kPiece];
    LaneFold<Op, T> fold;
    Get& get = get_;
    for (; hi - lo >= kPiece; lo += kPiece) {
      for (std::size_t k = 0; k < kPiece; ++k) values[k] = static_cast<T>(get(lo + k));
      fold.add(values, kPiece);
    }
    if (lo < hi) {
      for (std::size_t i = lo; i < hi; ++i) values[i - lo] = static_cast<T>(get(i));
      fold.add(values, hi - lo);
    }
    return fold.value();
  }

  T buffered(std::size_t lo, std::size_t hi) {
    T values[kLaneBlock];
    drive(hi - lo, false, cost_, [&](std::size_t a, std::size_t b) {
      for (std::size_t i = a; i < b; ++i) values[i] = static_cast<T>(get_(lo + i));
    });
    return lane_block<Op, T>(values, hi - lo);
  }

  Op& op_;
  Get& get_;
  Cost& cost_;
  bool serial_;
};

// The shape for lanes over memory.
template <class T, class OpType>
class MemoryShape {
 public:
  using Value = T;
  using Op = OpType;
  static constexpr std::size_t kUnit = kLaneBlock;

  MemoryShape(Op& op, const T* data) noexcept : op_(op), data_(data) {}
  Op& op() noexcept { return op_; }

  template <class Stack>
  bool advance(Stack& stack, std::size_t, std::size_t lo, std::size_t hi, const Pace&) {
    for (; hi - lo >= kUnit; lo += kUnit) stack.push(lane_block<Op, T>(data_ + lo, kUnit), 0);
    if (lo < hi) stack.push(lane_block<Op, T>(data_ + lo, hi - lo), 0);
    return true;
  }

 private:
  Op& op_;
  const T* data_;
};

}  // namespace pel::detail
