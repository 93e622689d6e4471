// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bench/forkjoin/kernels.hpp"
#include "pel/executor.hpp"

namespace pel::bench::forkjoin {
namespace {

struct Pel {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    pel::invoke(f, g);
  }
};

auto with_workers(int workers) {
  return [executor = std::make_shared<Executor>(ExecutorOptions{.workers = workers})](auto f) {
    return executor->run(f);
  };
}

// The kernel as a plain serial program: the elision of the same source.
struct Plain {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    f();
    g();
  }
};

auto serially(int) {
  return [](auto f) { return f(); };
}

const bool added = add_all<Pel>("pel", with_workers) && add_all<Plain>("plain", serially);

}  // namespace
}  // namespace pel::bench::forkjoin
