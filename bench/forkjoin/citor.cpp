// SPDX-License-Identifier: Apache-2.0
#include <citor/thread_pool.h>

#include <memory>

#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

citor::ThreadPool* pool = nullptr;

// What citor's own fork-join benchmarks use: thieves try the same cluster of cores first.
struct Hints {
  static constexpr citor::StealPolicy stealPolicy = citor::StealPolicy::ClusterLocal;
};

struct Citor {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    pool->forkJoin<Hints>(f, g);
  }
};

auto with_workers(int workers) {
  auto owner = std::make_shared<citor::ThreadPool>(static_cast<std::size_t>(workers));
  return [owner](auto f) {
    pool = owner.get();
    return f();
  };
}

const bool added = add_all<Citor>("citor", with_workers);

}  // namespace
}  // namespace pel::bench::forkjoin
