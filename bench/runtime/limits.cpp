// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "bench/contender.hpp"
#include "bench/runtime/fib.hpp"
#include "pel/executor.hpp"
#include "pel/resources.hpp"

// What an executor must not cost: processor time while nobody uses it, and time where it was made
// with far more workers than there are cores.
namespace pel::bench {
namespace {

constexpr std::uint64_t kIdleLimitNs = 10'000'000;

std::uint64_t cpu_ns() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_usec) * 1000;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

// Forks all the way down, and a thousand tasks of a group with forks below each.
std::uint64_t mixed(std::uint64_t size) {
  std::uint64_t sum = fib(size);
  std::vector<std::uint64_t> parts(1000);
  TaskGroup group;
  for (std::uint64_t& part : parts) group.run([&part] { part = fib(12); });
  group.wait();
  for (const std::uint64_t part : parts) sum += part;
  return sum;
}

std::function<Body(std::uint64_t, int)> mixed_with(int workers, bool oversubscribe) {
  return [=](std::uint64_t size, int at_least) -> Body {
    ExecutorOptions options;
    options.workers = std::max(workers, at_least);
    options.oversubscribe = oversubscribe;
    auto executor = std::make_shared<Executor>(options);
    return [=] { return executor->run([&] { return mixed(size); }); };
  };
}

// Processor time of `seconds` in which threads that have worked before have nothing to do.
Body idle(std::uint64_t seconds, int workers) {
  auto executor = std::make_shared<Executor>(
      ExecutorOptions{.workers = std::max(workers, 2), .oversubscribe = true});
  return [=] {
    executor->run([] { return fib(22); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::uint64_t before = cpu_ns();
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    return cpu_ns() - before;
  };
}

// "16 workers on 2 cores": against as many workers as cores.
bool add_crowd(const char* bench, bool oversubscribe) {
  return add({bench, "pel", mixed_with(16, oversubscribe)}) &&
         add({bench, "cores", [](std::uint64_t size, int workers) {
                return mixed_with(usable_cores(), false)(size, std::min(workers, usable_cores()));
              }});
}

const bool added =
    add_crowd("workers16", false) && add_crowd("workers16_awake", true) &&
    add({"idle_ns", "pel", idle, true}) &&
    add({"idle_ns", "limit", [](std::uint64_t, int) -> Body { return [] { return kIdleLimitNs; }; },
         true});

}  // namespace
}  // namespace pel::bench
