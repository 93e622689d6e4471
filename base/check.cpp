// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace pel::detail {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "pel: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace pel::detail
