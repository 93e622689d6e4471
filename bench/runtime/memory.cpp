// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "bench/contender.hpp"
#include "pel/executor.hpp"

// Peak memory above idle, in bytes, against the bound that the interface states. Each sample is of
// a new process: in one that has run before, the allocator still has what the first run needed. The
// kernel counts a thread's pages in batches of up to 64, so that a few 100 KiB mean "next to none".
namespace pel::bench {
namespace {

std::uint64_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kilobytes = 0;
  while (status >> word) {
    if (word == key && status >> kilobytes) return kilobytes * 1024;
  }
  throw Error("bench memory", "/proc/self/status has no " + key);
}

// The peak of the resident set while f runs, above what it was before.
template <class F>
std::uint64_t peak_above_idle(F&& f) {
  if (!(std::ofstream("/proc/self/clear_refs") << 5 << std::flush)) {  // resets VmHWM
    throw Error("bench memory", "the kernel does not reset the peak (/proc/self/clear_refs)");
  }
  const std::uint64_t before = status_bytes("VmRSS:");
  f();
  const std::uint64_t peak = status_bytes("VmHWM:");
  return peak > before ? peak - before : 0;
}

// What f returns in a child of this process.
template <class F>
std::uint64_t in_child(F&& f) {
  int ends[2];
  if (::pipe(ends) != 0) throw Error("bench memory", "no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    std::uint64_t result = 0;
    try {
      result = f();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "pel: %s\n", error.what());
      ::_exit(1);
    }
    ::_exit(::write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  ::close(ends[1]);
  std::uint64_t result = 0;
  const bool got = child > 0 && ::read(ends[0], &result, sizeof result) == sizeof result;
  ::close(ends[0]);
  int status = 0;
  if (child > 0) ::waitpid(child, &status, 0);
  if (!got || status != 0) throw Error("bench memory", "the measuring process failed");
  return result;
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
                return [=] {
                  return in_child([=] {
                    Executor executor({.workers = workers});
                    executor.run([&] { kernel(1000); });
                    return peak_above_idle([&] { executor.run([&] { kernel(size); }); });
                  });
                };
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
