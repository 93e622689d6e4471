// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pel::bench {

struct ScalingOptions {
  int max_workers = 1;
  bool json = false;
  std::string plot;  // SVG file
};

// Strong scaling (the same work on 1, 2, 4 ... workers) and weak scaling (work grows with the
// workers) of three kernels: prints a row each, with the speed-up and the share of ideal that it
// is, and draws them.
void run_scaling(const ScalingOptions& options);

}  // namespace pel::bench
