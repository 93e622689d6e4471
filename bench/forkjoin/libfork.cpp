// SPDX-License-Identifier: Apache-2.0
#include <libfork.hpp>
#include <memory>

#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

// Coroutines do not fit the policy of kernels.hpp, so these two are written out in libfork's form.
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

std::shared_ptr<lf::lazy_pool> pool_of(int workers) {
  return std::make_shared<lf::lazy_pool>(static_cast<std::size_t>(workers));
}

const bool added = add({"fib", "libfork",
                        [](std::uint64_t n, int workers) -> Body {
                          return [n, pool = pool_of(workers)] {
                            return lf::sync_wait(*pool, fib_task, static_cast<unsigned>(n));
                          };
                        }}) &&
                   add({"skynet", "libfork", [](std::uint64_t n, int workers) -> Body {
                          return [n, pool = pool_of(workers)] {
                            return lf::sync_wait(*pool, skynet_task, std::uint64_t{0}, n);
                          };
                        }});

}  // namespace
}  // namespace pel::bench::forkjoin
