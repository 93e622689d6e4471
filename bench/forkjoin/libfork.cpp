// SPDX-License-Identifier: Apache-2.0
#include <libfork.hpp>
#include <memory>

#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

// Coroutines do not fit the policy of kernels.hpp, so these are written out in libfork's form.
constexpr auto fib_task = [](auto self, unsigned n) LF_STATIC_CALL -> lf::task<std::uint64_t> {
  if (n < 2) co_return n;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  co_await lf::fork(&a, self)(n - 1);
  co_await lf::call(&b, self)(n - 2);
  co_await lf::join;
  co_return a + b;
};

constexpr auto skynet_task = [](auto self, std::uint64_t first, std::uint64_t leaves)
                                 LF_STATIC_CALL -> lf::task<std::uint64_t> {
  if (leaves == 1) co_return first;
  std::array<std::uint64_t, 10> sums{};
  for (std::size_t i = 0; i < 10; ++i) {
    co_await lf::fork(&sums[i], self)(first + i * (leaves / 10), leaves / 10);
  }
  co_await lf::join;
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  co_return sum;
};

constexpr auto queens_task = [](auto self, Board board, unsigned n)
                                 LF_STATIC_CALL -> lf::task<std::uint64_t> {
  if (board.rows == n) co_return 1;
  std::array<std::uint64_t, 20> found{};
  std::size_t count = 0;
  for (unsigned column = 0; column < n; ++column) {
    if (!board.accepts(static_cast<int>(column))) continue;
    Board next = board;
    next.column[next.rows++] = static_cast<std::int8_t>(column);
    co_await lf::fork(&found[count++], self)(next, n);
  }
  co_await lf::join;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += found[i];
  co_return sum;
};

constexpr auto integrate_task = [](auto self, double x1, double y1, double x2, double y2,
                                   double area) LF_STATIC_CALL -> lf::task<double> {
  const double half = (x2 - x1) / 2;
  const double x = x1 + half;
  const double y = (x * x + 1.0) * x;
  const double left = (y1 + y) * half / 2;
  const double right = (y + y2) * half / 2;
  const double sum = left + right;
  if (sum - area < 1e-9 && area - sum < 1e-9) co_return sum;
  double a = 0;
  double b = 0;
  co_await lf::fork(&a, self)(x1, y1, x, y, left);
  co_await lf::call(&b, self)(x, y, x2, y2, right);
  co_await lf::join;
  co_return a + b;
};

struct Serially {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    f();
    g();
  }
};

constexpr auto multiply_task =
    [](auto self, const float* a, const float* b, float* c, std::size_t n, std::size_t stride)
        LF_STATIC_CALL -> lf::task<void> {
  if (n <= 32) {
    multiply<Serially>(a, b, c, n, stride);
    co_return;
  }
  const std::size_t h = n / 2;
  const std::array<std::size_t, 4> at = {0, h, h * stride, h * stride + h};
  for (std::size_t k = 0; k < 2; ++k) {
    co_await lf::fork(self)(a + at[k], b + at[k * 2], c + at[0], h, stride);
    co_await lf::fork(self)(a + at[k], b + at[k * 2 + 1], c + at[1], h, stride);
    co_await lf::fork(self)(a + at[2 + k], b + at[k * 2], c + at[2], h, stride);
    co_await lf::call(self)(a + at[2 + k], b + at[k * 2 + 1], c + at[3], h, stride);
    co_await lf::join;
  }
};

constexpr auto uts_task = [](auto self, UtsNode node) LF_STATIC_CALL -> lf::task<std::uint64_t> {
  const std::size_t children = uts_children(node);
  std::vector<std::uint64_t> sizes(children);
  for (std::size_t i = 0; i < children; ++i) {
    co_await lf::fork(&sizes[i], self)(uts_child(node, static_cast<std::uint32_t>(i)));
  }
  co_await lf::join;
  std::uint64_t sum = 1;
  for (const std::uint64_t size : sizes) sum += size;
  co_return sum;
};

std::shared_ptr<lf::lazy_pool> pool_of(int workers) {
  return std::make_shared<lf::lazy_pool>(static_cast<std::size_t>(workers));
}

const bool added =
    add({"fib", "libfork",
         [](std::uint64_t n, int workers) -> Body {
           return [n, pool = pool_of(workers)] {
             return lf::sync_wait(*pool, fib_task, static_cast<unsigned>(n));
           };
         }}) &&
    add({"skynet", "libfork",
         [](std::uint64_t n, int workers) -> Body {
           return [n, pool = pool_of(workers)] {
             return lf::sync_wait(*pool, skynet_task, std::uint64_t{0}, n);
           };
         }}) &&
    add({"nqueens", "libfork",
         [](std::uint64_t n, int workers) -> Body {
           return [n, pool = pool_of(workers)] {
             return lf::sync_wait(*pool, queens_task, Board{}, static_cast<unsigned>(n));
           };
         }}) &&
    add({"integrate", "libfork",
         [](std::uint64_t n, int workers) -> Body {
           return [x = static_cast<double>(n), pool = pool_of(workers)] {
             return static_cast<std::uint64_t>(
                 lf::sync_wait(*pool, integrate_task, 0.0, 0.0, x, (x * x + 1.0) * x, 0.0));
           };
         }}) &&
    add({"matmul", "libfork",
         [](std::uint64_t n, int workers) -> Body {
           return
               [in = Matrices(n), n, pool = pool_of(workers), c = std::vector<float>()]() mutable {
                 c.assign(n * n, 0.0F);
                 lf::sync_wait(*pool, multiply_task, in.a.data(), in.b.data(), c.data(),
                               std::size_t{n}, std::size_t{n});
                 return trace_of(n, c);
               };
         }}) &&
    add({"uts", "libfork", [](std::uint64_t n, int workers) -> Body {
           return [n, pool = pool_of(workers)] {
             return lf::sync_wait(*pool, uts_task, uts_root(static_cast<std::uint32_t>(n)));
           };
         }});

}  // namespace
}  // namespace pel::bench::forkjoin
