// SPDX-License-Identifier: Apache-2.0
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <memory>

#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

struct Tbb {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    tbb::task_group group;
    group.run(g);
    f();
    group.wait();
  }
};

auto with_workers(int workers) {
  return [arena = std::make_shared<tbb::task_arena>(workers)](auto f) { return arena->execute(f); };
}

const bool added = add_all<Tbb>("tbb", with_workers);

}  // namespace
}  // namespace pel::bench::forkjoin
