// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pel::runtime {

// From now on, allocations beyond what this machine, or its control group, can give now (swap
// included where no group limits it) throw std::bad_alloc: Linux lends more than it has, and kills
// who uses it. Holds for this process and those it starts, which may call it again. `workers`
// stacks are left out, since little of them is used. Does nothing where the system does not say how
// much there is. Source: RLIMIT_DATA, setrlimit(2).
void bound_memory(int workers);

}  // namespace pel::runtime
