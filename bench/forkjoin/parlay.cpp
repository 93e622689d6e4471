// SPDX-License-Identifier: Apache-2.0
#include <parlay/parallel.h>

#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

struct Parlay {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    parlay::par_do(f, g);
  }
};

// The number of workers is the process's: `pel-bench` starts one process per number and sets
// PARLAY_NUM_THREADS in it.
auto with_workers(int) {
  return [](auto f) { return f(); };
}

const bool added = add_all<Parlay>("parlay", with_workers);

}  // namespace
}  // namespace pel::bench::forkjoin
