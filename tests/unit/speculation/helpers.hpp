// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "pel/speculation.hpp"

namespace pel::testing {

using Bank = Speculator<std::uint64_t, std::uint64_t>;

inline SpeculationOptions parallel() {
  SpeculationOptions options;
  options.always_parallel = true;
  return options;
}

template <class F>
void with_workers(int workers, F f) {
  ExecutorOptions options;
  options.workers = workers;
  options.oversubscribe = true;
  Executor executor(options);
  executor.run([&] { f(); });
}

// Until `flag` is set, for tests that order two attempts; gives up when the view is doomed.
template <class View>
void wait_until(const std::atomic<bool>& flag, const View& view) {
  while (!flag.load()) {
    view.check();
    std::this_thread::yield();
  }
}

template <class Speculator>
std::map<std::uint64_t, std::uint64_t> values_of(const Speculator& speculator) {
  std::map<std::uint64_t, std::uint64_t> values;
  speculator.for_each_write([&](std::uint64_t key, std::uint64_t value) { values[key] = value; });
  return values;
}

inline std::uint64_t zero(std::uint64_t) { return 0; }

}  // namespace pel::testing
