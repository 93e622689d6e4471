// SPDX-License-Identifier: Apache-2.0
#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

struct OpenMp {
  template <class F, class G>
  static void both(F&& f, G&& g) {
#pragma omp task shared(g)
    g();
    f();
#pragma omp taskwait
  }
};

auto with_workers(int workers) {
  return [workers](auto f) {
    decltype(f()) result{};
#pragma omp parallel num_threads(workers)
#pragma omp single
    result = f();
    return result;
  };
}

const bool added = add_all<OpenMp>("openmp", with_workers);

}  // namespace
}  // namespace pel::bench::forkjoin
