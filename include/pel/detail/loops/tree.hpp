// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "pel/detail/loops/drive.hpp"

namespace pel {

// Version of every combine shape below; it moves only with a major release, since results of
// floating sums move with it.
inline constexpr int kTreeVersion = 1;

}  // namespace pel

namespace pel::detail {

// The canonical combine tree. The node over n units splits at the largest power of two below n:
// node(n) = op(node(p), node(n - p)). Read from the left it is a binary counter: equal complete
// subtrees merge as soon as both exist, and what is left at the end is folded from the right. So
// units can be pushed one by one, in order, without knowing n, and any node can be computed apart.
//
// TreeStack holds the complete subtrees of a prefix, largest first.
template <class T, class Op>
class TreeStack {
 public:
  explicit TreeStack(Op& op) : op_(op) {
    if constexpr (kOnHeap) {
      slots_ = static_cast<T*>(::operator new(kDepth * sizeof(T), std::align_val_t{alignof(T)}));
    } else {
      slots_ = reinterpret_cast<T*>(here_);
    }
  }
  TreeStack(const TreeStack&) = delete;
  TreeStack& operator=(const TreeStack&) = delete;
  ~TreeStack() {
    while (depth_ > 0) slots_[--depth_].~T();
    if constexpr (kOnHeap) ::operator delete(slots_, std::align_val_t{alignof(T)});
  }

  // Adds the value of the next 2^level units; the units before are a multiple of that many.
  void push(T&& value, unsigned level) {
    for (std::size_t n = count_ >> level; (n & 1) != 0; n >>= 1) {
      T& top = slots_[depth_ - 1];
      value = static_cast<T>(op_(std::move(top), std::move(value)));
      top.~T();
      --depth_;
    }
    push_tail(std::move(value));
    count_ += std::size_t{1} << level;
  }

  // Adds the value of all remaining units; only finish() may follow.
  void push_tail(T&& value) {
    ::new (static_cast<void*>(slots_ + depth_)) T(std::move(value));
    ++depth_;
  }

  // The value of the node; at least one unit was pushed.
  T finish() {
    T value = pop();
    while (depth_ > 0) value = static_cast<T>(op_(pop(), std::move(value)));
    return value;
  }

 private:
  static constexpr std::size_t kDepth = 66;
  static constexpr bool kOnHeap = sizeof(T) > 128;

  T pop() {
    T value = std::move(slots_[--depth_]);
    slots_[depth_].~T();
    return value;
  }

  Op& op_;
  T* slots_;
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
  alignas(T) unsigned char here_[kOnHeap ? 1 : kDepth * sizeof(T)];
};

// Computes a node of the tree, splitting lazily along its own edges.
//
// Shape: Value; Op& op(); kUnit elements make one unit of the tree, handled by
//   void advance(Stack&, begin, lo, hi, pace): pushes the units of [lo, hi), where [begin, lo) has
//   been pushed; lo - begin is a multiple of kUnit, and so is hi - begin unless hi ends the input.
template <class Shape>
class TreeWalk {
 public:
  using T = typename Shape::Value;
  using Stack = TreeStack<T, typename Shape::Op>;

  TreeWalk(Shape& shape, Cost& cost, bool serial) noexcept
      : shape_(shape), cost_(cost), serial_(serial) {}

  // The value of [lo, hi), which is not empty.
  T node(std::size_t lo, std::size_t hi, Pace pace) {
    Stack stack(shape_.op());
    fill(stack, lo, lo, hi, pace);
    return stack.finish();
  }

 private:
  static constexpr std::size_t kUnit = Shape::kUnit;

  // Largest power of two of units that is shorter than n elements, in elements; 0 for one unit.
  static std::size_t cut_of(std::size_t n) noexcept {
    const std::size_t units = (n + kUnit - 1) / kUnit;
    return units < 2 ? 0 : std::bit_floor(units - 1) * kUnit;
  }

  void fill(Stack& stack, std::size_t begin, std::size_t lo, std::size_t hi, Pace pace) {
    while (lo < hi) {
      std::uint64_t before = ticks();
      if (!serial_ && sharing_pays(pace.estimate(hi - lo), before)) {
        if (share(stack, begin, lo, hi, pace)) return;
        before = ticks();
      }
      std::size_t step = (pace.chunk() + kUnit - 1) / kUnit * kUnit;
      if (hi - lo <= step + step / 2) step = hi - lo;
      const bool timed = shape_.advance(stack, begin, lo, lo + step, pace);
      if (timed) pace.measured(step, ticks() - before);
      lo += step;
      if (lo < hi) check_cancel();
    }
    cost_.store(pace.cost16());
  }

  // True when it has pushed all of [lo, hi).
  bool share(Stack& stack, std::size_t begin, std::size_t lo, std::size_t hi, Pace pace) {
    if (on_worker()) return split(stack, begin, lo, hi, pace);
    const std::uint64_t left = pace.estimate(hi - lo), before = ticks();
    Executor::current().run([&] {
      if (!split(stack, begin, lo, hi, pace)) fill(stack, begin, lo, hi, pace);
    });
    share_cost.measured(left, ticks() - before);
    return true;
  }

  // The same, forking at the outermost edge that is still ahead, if there is one.
  bool split(Stack& stack, std::size_t begin, std::size_t lo, std::size_t hi, Pace pace) {
    std::size_t node = begin, cut = cut_of(hi - node);
    while (cut != 0 && node + cut <= lo) {
      node += cut;
      cut = cut_of(hi - node);
    }
    if (cut == 0) return false;
    const std::size_t middle = node + cut;
    Later right;
    invoke([&] { fill(stack, begin, lo, middle, pace); },
           [&] { right.set(this->node(middle, hi, pace)); });
    if (hi - middle == cut) {
      stack.push(right.take(), static_cast<unsigned>(std::countr_zero(cut / kUnit)));
    } else {
      stack.push_tail(right.take());
    }
    return true;
  }

  // A value that a branch of a fork makes.
  class Later {
   public:
    Later() = default;
    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;
    ~Later() {
      if (full_) value()->~T();
    }
    void set(T&& value) {
      ::new (static_cast<void*>(here_)) T(std::move(value));
      full_ = true;
    }
    T&& take() noexcept { return std::move(*value()); }

   private:
    T* value() noexcept { return reinterpret_cast<T*>(here_); }
    alignas(T) unsigned char here_[sizeof(T)];
    bool full_ = false;
  };

  Shape& shape_;
  Cost& cost_;
  bool serial_;
};

// The shape for any operation: the units are single elements. Get: i -> T.
template <class T, class OpType, class Get>
class ElementShape {
 public:
  using Value = T;
  using Op = OpType;
  static constexpr std::size_t kUnit = 1;

  ElementShape(Op& op, Get& get) noexcept : op_(op), get_(get) {}
  Op& op() noexcept { return op_; }

  template <class Stack>
  bool advance(Stack& stack, std::size_t begin, std::size_t lo, std::size_t hi, const Pace&) {
    while (lo < hi) {
      if ((lo - begin) % 8 == 0 && hi - lo >= 8) {
        stack.push(eight(lo), 3);
        lo += 8;
      } else {
        stack.push(static_cast<T>(get_(lo)), 0);
        ++lo;
      }
    }
    return true;
  }

 private:
  T join(T&& a, T&& b) { return static_cast<T>(op_(std::move(a), std::move(b))); }
  T two(std::size_t i) {
    T a = static_cast<T>(get_(i));
    T b = static_cast<T>(get_(i + 1));
    return join(std::move(a), std::move(b));
  }
  T four(std::size_t i) {
    T a = two(i);
    T b = two(i + 2);
    return join(std::move(a), std::move(b));
  }
  T eight(std::size_t i) {
    T a = four(i);
    T b = four(i + 4);
    return join(std::move(a), std::move(b));
  }

  Op& op_;
  Get& get_;
};

}  // namespace pel::detail
