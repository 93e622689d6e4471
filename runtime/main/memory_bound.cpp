// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/memory_bound.hpp"

#include <sys/resource.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "pel/resources.hpp"

namespace pel::runtime {
namespace {

constexpr rlim_t kStack = 8 << 20;  // what glibc reserves for a thread, if ulimit says nothing else

// What RLIMIT_DATA counts of this process now, in bytes.
rlim_t data_size() {
  constexpr std::string_view kName = "VmData:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kName)) continue;
    const std::size_t digit = std::min(line.find_first_of("0123456789"), line.size());
    rlim_t kib = 0;
    std::from_chars(line.data() + digit, line.data() + line.size(), kib);
    return kib * 1024;
  }
  return 0;
}

rlim_t free_swap() {
  struct sysinfo info {};
  return sysinfo(&info) == 0 ? static_cast<rlim_t>(info.freeswap) * info.mem_unit : 0;
}

}  // namespace

void bound_memory(int workers) {
  const Resources machine = read_resources();
  if (machine.memory_available == 0) return;
  rlim_t most = machine.memory_available - machine.memory_available / 32;  // page tables, buffers
  if (machine.memory_limit == 0) most += free_swap();
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
  most += data_size() + static_cast<rlim_t>(std::max(workers, 0)) * kStack;
  limit.rlim_cur = std::min(limit.rlim_max, most);
  setrlimit(RLIMIT_DATA, &limit);
}

}  // namespace pel::runtime
