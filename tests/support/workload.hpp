// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "pel/executor.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::test {

// A registered workload with its input loaded.
inline std::unique_ptr<Workload> loaded_workload(const std::string& name,
                                                 const WorkloadConfig& config) {
  for (const WorkloadInfo& info : workloads()) {
    if (info.name != name) continue;
    auto workload = info.make();
    workload->load(config);
    return workload;
  }
  throw std::logic_error("no workload " + name);
}
inline std::unique_ptr<Workload> loaded_workload(const std::string& name, std::uint64_t size,
                                                 std::uint64_t seed = 1) {
  WorkloadConfig config;
  config.size = size;
  config.seed = seed;
  return loaded_workload(name, config);
}

// What --out would write after a run in an executor of its own.
inline std::vector<std::uint8_t> bytes_with(Workload& workload, const ExecutorOptions& options) {
  Executor executor(options);
  Progress progress;
  WorkloadResult result = executor.run([&] { return workload.run(progress); });
  EXPECT_EQ(progress.done(), progress.total()) << "progress is exact";
  return result.bytes;
}
inline std::vector<std::uint8_t> bytes_with(Workload& workload, int workers) {
  return bytes_with(workload, ExecutorOptions{.workers = workers});
}

}  // namespace pel::test
