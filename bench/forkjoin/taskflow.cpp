// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <taskflow/taskflow.hpp>

#include "bench/forkjoin/kernels.hpp"

namespace pel::bench::forkjoin {
namespace {

tf::Executor* executor = nullptr;

struct Taskflow {
  template <class F, class G>
  static void both(F&& f, G&& g) {
    tf::TaskGroup group = executor->task_group();
    group.silent_async([&f] { f(); });
    g();
    group.corun();
  }
};

auto with_workers(int workers) {
  auto owner = std::make_shared<tf::Executor>(static_cast<std::size_t>(workers));
  return [owner](auto f) {
    executor = owner.get();
    return owner->async(f).get();
  };
}

const bool added = add_all<Taskflow>("taskflow", with_workers);

}  // namespace
}  // namespace pel::bench::forkjoin
