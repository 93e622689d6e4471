// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pel/executor.hpp"

namespace pel::detail {

// The counters of each thread that was ever a worker of the executor, in order of arrival. A
// snapshot: each number is exact, they may be from slightly different moments.
std::vector<Counters> counters_per_worker(const Executor& executor);

}  // namespace pel::detail
