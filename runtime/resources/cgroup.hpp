// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/resources/system_files.hpp"

namespace pel::resources {

// What the control groups of this process grant: of every level from its own group up to the mount
// point the tightest limit counts, in version 1 and version 2 hierarchies, which may be mixed.
struct CgroupLimits {
  double quota_cores = 0;  // 0: no limit
  std::string quota_from;
  double throttled_percent = 0;
  std::optional<std::vector<int>> cores;   // the cpuset, if there is one
  std::uint64_t memory_limit = 0;          // 0: no limit
  std::uint64_t memory_left = UINT64_MAX;  // limit less use, of the group with the least
  std::string memory_limit_from;
};

// Malformed files are ignored and named in `notes`.
CgroupLimits read_cgroup_limits(const SystemFiles& files, std::vector<std::string>& notes);

}  // namespace pel::resources
