// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "bench/contender.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

// The workloads at the size of the tour. Every contender computes the result as many times as there
// are workers: pel in parallel, one after another; "plain", the same source on plain loops, one
// after another; "copies", that source side by side, each copy on a thread and input of its own,
// which is the most that a machine gives to programs that know nothing of each other.
namespace pel::bench {
namespace {

std::unique_ptr<Workload> load(const char* name, std::uint64_t size) {
  for (const WorkloadInfo& info : workloads()) {
    if (info.name != name) continue;
    auto workload = info.make();
    WorkloadConfig config;
    config.size = size;
    workload->load(config);
    return workload;
  }
  throw Error(name, "no such workload");
}

// FNV-1a: tells different results apart.
std::uint64_t fingerprint(const WorkloadResult& result) {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  for (const std::uint8_t byte : result.bytes) hash = (hash ^ byte) * 1'099'511'628'211u;
  return hash;
}

// A sum, so that as many runs as there are workers must all have given the same.
struct Pel {
  Pel(const char* name, std::uint64_t size, int workers)
      : workload(load(name, size)), runs(workers), executor(ExecutorOptions{.workers = workers}) {}
  std::uint64_t operator()() {
    std::uint64_t sum = 0;
    for (int i = 0; i < runs; ++i) {
      Progress progress;
      sum += fingerprint(executor.run([&] { return workload->run(progress); }));
    }
    return sum;
  }
  std::unique_ptr<Workload> workload;
  int runs;
  Executor executor;
};

struct Plain {
  Plain(const char* name, std::uint64_t size, int workers)
      : workload(load(name, size)), runs(workers) {}
  std::uint64_t operator()() {
    std::uint64_t sum = 0;
    for (int i = 0; i < runs; ++i) sum += fingerprint(workload->run_plain());
    return sum;
  }
  std::unique_ptr<Workload> workload;
  int runs;
};

struct Copies {
  Copies(const char* name, std::uint64_t size, int workers) {
    for (int i = 0; i < workers; ++i) workloads.push_back(load(name, size));
  }
  std::uint64_t operator()() {
    std::vector<std::uint64_t> prints(workloads.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < workloads.size(); ++i) {
        threads.emplace_back([&, i] { prints[i] = fingerprint(workloads[i]->run_plain()); });
      }
    }
    std::uint64_t sum = 0;
    for (const std::uint64_t print : prints) sum += print;
    return sum;
  }
  std::vector<std::unique_ptr<Workload>> workloads;
};

template <class Side>
bool add_side(const char* bench, const char* name) {
  return add({bench, name, [bench](std::uint64_t size, int workers) -> Body {
                return [side = std::make_shared<Side>(bench, size, workers)] { return (*side)(); };
              }});
}

bool add_all() {
  for (const char* bench : {"analytics", "exchange", "genome", "render", "risk"}) {
    add_side<Pel>(bench, "pel");
    add_side<Plain>(bench, "plain");
    add_side<Copies>(bench, "copies");
  }
  return true;
}
const bool added = add_all();

}  // namespace
}  // namespace pel::bench
