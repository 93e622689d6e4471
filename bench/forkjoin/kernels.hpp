// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/contender.hpp"
#include "bench/forkjoin/sha1.hpp"

// The classic fork-join kernels, each once, over a policy that forks two functions:
//   struct P { template <class F, class G> static void both(F&& f, G&& g); };
namespace pel::bench::forkjoin {

// No cut-off: every call forks (Blumofe et al., Cilk, 1995, and everyone since).
template <class P>
std::uint64_t fib(unsigned n) {
  if (n < 2) return n;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  P::both([&] { a = fib<P>(n - 1); }, [&] { b = fib<P>(n - 2); });
  return a + b;
}

// Sums f(i) for first <= i < last, halving the range down to single elements.
template <class P, class F>
std::uint64_t sum_over(std::size_t first, std::size_t last, const F& f) {
  if (last - first == 0) return 0;
  if (last - first == 1) return f(first);
  const std::size_t middle = first + (last - first) / 2;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  P::both([&] { a = sum_over<P>(first, middle, f); }, [&] { b = sum_over<P>(middle, last, f); });
  return a + b;
}

// A million leaves under a ten-ary tree, size = leaves.
template <class P>
std::uint64_t skynet(std::uint64_t first, std::uint64_t leaves) {
  if (leaves == 1) return first;
  const std::uint64_t part = leaves / 10;
  return sum_over<P>(0, 10, [&](std::size_t i) { return skynet<P>(first + i * part, part); });
}

struct Board {
  std::array<std::int8_t, 20> column{};
  unsigned rows = 0;

  bool accepts(int next) const {
    for (unsigned row = 0; row < rows; ++row) {
      const int distance = static_cast<int>(rows - row);
      const int other = column[row];
      if (other == next || other == next - distance || other == next + distance) return false;
    }
    return true;
  }
};

// Solutions of the n queens problem, a fork for every legal square.
template <class P>
std::uint64_t queens(const Board& board, unsigned n) {
  if (board.rows == n) return 1;
  std::array<std::int8_t, 20> legal;
  std::size_t count = 0;
  for (unsigned column = 0; column < n; ++column) {
    if (board.accepts(static_cast<int>(column))) legal[count++] = static_cast<std::int8_t>(column);
  }
  return sum_over<P>(0, count, [&](std::size_t i) {
    Board next = board;
    next.column[next.rows++] = legal[i];
    return queens<P>(next, n);
  });
}

// Adaptive trapezoid rule for (x^2 + 1) x on [0, n], to a local error of 1e-9.
template <class P>
double integrate(double x1, double y1, double x2, double y2, double area) {
  const auto f = [](double x) { return (x * x + 1.0) * x; };
  const double half = (x2 - x1) / 2;
  const double x = x1 + half;
  const double y = f(x);
  const double left = (y1 + y) * half / 2;
  const double right = (y + y2) * half / 2;
  const double sum = left + right;
  if (sum - area < 1e-9 && area - sum < 1e-9) return sum;
  double a = 0;
  double b = 0;
  P::both([&] { a = integrate<P>(x1, y1, x, y, left); },
          [&] { b = integrate<P>(x, y, x2, y2, right); });
  return a + b;
}

// c += a * b for square blocks of `stride`-wide matrices, quartered down to 32 x 32.
template <class P>
void multiply(const float* a, const float* b, float* c, std::size_t n, std::size_t stride) {
  if (n <= 32) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        const float scale = a[i * stride + k];
        for (std::size_t j = 0; j < n; ++j) c[i * stride + j] += scale * b[k * stride + j];
      }
    }
    return;
  }
  const std::size_t h = n / 2;
  const std::array<std::size_t, 4> at = {0, h, h * stride, h * stride + h};
  const auto four = [&](std::size_t k) {  // the k-th half of the inner dimension
    const auto quarter = [&, k](std::size_t q) {
      multiply<P>(a + at[q / 2 * 2 + k], b + at[k * 2 + q % 2], c + at[q], h, stride);
    };
    P::both([&] { P::both([&] { quarter(0); }, [&] { quarter(1); }); },
            [&] { P::both([&] { quarter(2); }, [&] { quarter(3); }); });
  };
  four(0);
  four(1);
}

// Unbalanced tree search, T1: a geometric tree with branching factor 4, depth 10 and root seed 19
// (Olivier et al., UTS, LCPC 2006): 4,130,071 nodes.
struct UtsNode {
  Sha1Digest state;
  unsigned depth;
};

constexpr unsigned kUtsDepth = 10;
constexpr std::uint64_t kUtsNodes = 4'130'071;

UtsNode uts_root(std::uint32_t seed);
UtsNode uts_child(const UtsNode& parent, std::uint32_t number);
std::size_t uts_children(const UtsNode& node);

template <class P>
std::uint64_t uts(const UtsNode& node) {
  return 1 + sum_over<P>(0, uts_children(node), [&](std::size_t i) {
           return uts<P>(uts_child(node, static_cast<std::uint32_t>(i)));
         });
}

struct Matrices {
  explicit Matrices(std::size_t n) : a(n * n), b(n * n) {
    for (std::size_t i = 0; i < n * n; ++i) {
      a[i] = static_cast<float>(i % 17) / 16.0F;
      b[i] = static_cast<float>(i % 13) / 8.0F;
    }
  }
  std::vector<float> a, b;
};

inline std::uint64_t trace_of(std::size_t n, const std::vector<float>& c) {
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) trace += static_cast<double>(c[i * n + i]);
  return static_cast<std::uint64_t>(trace * 1024.0);
}

template <class P>
std::uint64_t matmul(std::size_t n, const Matrices& in, std::vector<float>& c) {
  c.assign(n * n, 0.0F);
  multiply<P>(in.a.data(), in.b.data(), c.data(), n, n);
  return trace_of(n, c);
}

// Registers all kernels for a contender. `with(workers)` returns a function that runs a callable
// inside the runtime with that many workers.
template <class P, class With>
bool add_all(const std::string& name, With with) {
  using Size = std::uint64_t;
  add({"fib", name, [with](Size n, int workers) -> Body {
         auto run = with(workers);
         return [=] { return run([=] { return fib<P>(static_cast<unsigned>(n)); }); };
       }});
  add({"skynet", name, [with](Size n, int workers) -> Body {
         auto run = with(workers);
         return [=] { return run([=] { return skynet<P>(0, n); }); };
       }});
  add({"nqueens", name, [with](Size n, int workers) -> Body {
         auto run = with(workers);
         return [=] { return run([=] { return queens<P>({}, static_cast<unsigned>(n)); }); };
       }});
  add({"integrate", name, [with](Size n, int workers) -> Body {
         auto run = with(workers);
         return [=] {
           return run([=] {
             const auto x = static_cast<double>(n);
             return static_cast<std::uint64_t>(integrate<P>(0, 0, x, (x * x + 1.0) * x, 0));
           });
         };
       }});
  add({"matmul", name, [with](Size n, int workers) -> Body {
         auto run = with(workers);
         return [run, n, in = Matrices(n), c = std::vector<float>()]() mutable {
           return run([&] { return matmul<P>(n, in, c); });
         };
       }});
  add({"uts", name, [with](Size n, int workers) -> Body {
         auto run = with(workers);
         return
             [=] { return run([=] { return uts<P>(uts_root(static_cast<std::uint32_t>(n))); }); };
       }});
  return true;
}

}  // namespace pel::bench::forkjoin
