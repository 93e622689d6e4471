// SPDX-License-Identifier: Apache-2.0
#include <map>

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

// One executor for all rows: its threads are there before a peer binds the calling thread, whose
// processors they would inherit.
auto with_workers(int workers) {
  static std::map<int, Executor> executors;
  Executor& executor =
      executors.try_emplace(workers, ExecutorOptions{.workers = workers}).first->second;
  return [&executor](auto f) { return executor.run(f); };
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
