// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include "pel/resources.hpp"

namespace pel {

int usable_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

}  // namespace pel
