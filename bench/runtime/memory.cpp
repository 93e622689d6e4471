// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "bench/contender.hpp"
#include "pel/executor.hpp"

// Peak memory above idle, in bytes, against the bound that the interface states.
namespace pel::bench {
namespace {

std::uint64_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kilobytes = 0;
  while (status >> word) {
    if (word == key && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// The peak of the resident set while f runs, above what it was before; at least a page.
template <class F>
std::uint64_t peak_above_idle(F&& f) {
  std::ofstream("/proc/self/clear_refs") << 5 << std::flush;  // resets VmHWM
  const std::uint64_t before = status_bytes("VmRSS:");
  f();
  const std::uint64_t peak = status_bytes("VmHWM:");
  return std::max<std::uint64_t>(peak > before ? peak - before : 0, 4096);
}

struct Chain {
  TaskGroup& group;
  std::uint64_t left;
  void operator()() const {
    if (left > 0) group.run(Chain{group, left - 1});
  }
};

void spawn_many(std::uint64_t tasks) {
  TaskGroup group;
  for (std::uint64_t i = 0; i < tasks; ++i) group.run([i] { keep(i); });
  group.wait();
}

void spawn_chain(std::uint64_t length) {
  TaskGroup group;
  group.run(Chain{group, length});
  group.wait();
}

bool add_memory(const char* bench, void (*kernel)(std::uint64_t), std::uint64_t limit_bytes) {
  return add({bench, "pel",
              [kernel](std::uint64_t size, int workers) -> Body {
                auto executor = std::make_shared<Executor>(ExecutorOptions{.workers = workers});
                executor->run([&] { kernel(1000); });
                return
                    [=] { return peak_above_idle([&] { executor->run([&] { kernel(size); }); }); };
              },
              true}) &&
         add({bench, "limit",
              [limit_bytes](std::uint64_t, int) -> Body { return [=] { return limit_bytes; }; },
              true});
}

const bool added = add_memory("spawn_bytes", spawn_many, std::uint64_t{64} << 20) &&
                   add_memory("chain_bytes", spawn_chain, std::uint64_t{1} << 20);

}  // namespace
}  // namespace pel::bench
