// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pel {

// How many threads this process may usefully run at once: its CPU affinity, bounded by the cgroup
// CPU quotas and cpusets above it; at least 1. Reads the system at the first call and again when
// the last answer is older than a second.
int usable_cores();

}  // namespace pel
