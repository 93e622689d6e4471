// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pel::resources {

struct CoreCount {
  int usable = 1;  // what affinity and control groups grant, at least 1
  int online = 1;
};

// What the machine below `root` grants now to these threads of the process, by kernel id: the cores
// that any of them may use, within cpusets and quotas. Threads that do not exist count for nothing;
// if none is left, the calling thread's affinity counts. Reads a few small files, and nothing that
// another call keeps. Never throws for what it finds.
CoreCount count_cores(const std::string& root, const std::vector<int>& threads);

}  // namespace pel::resources
