// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pel::cli {

// The same numbers summed fifteen times by a parallel sum that adds in the order in which threads
// happen to finish, and by pel with as many different worker counts as there are.
struct SumRow {
  std::string input;           // "4,000,000 log-normal doubles"
  std::size_t count = 0;       // of the numbers
  std::string peer;            // who the other one is
  std::vector<double> theirs;  // 15 sums
  std::vector<double> ours;    // 15 sums
  double exact = 0;            // by a compensated sum, off by a rounding or two
  double plain_s = 0;          // median of a plain loop
  double pel_s = 0;            // median of ours at the tour's worker count

  static constexpr int kRuns = 15;
};

// Takes about half a second. `workers`: how many threads the peer uses and the timed runs of pel.
SumRow run_sums(int workers);

// How many different bit patterns there are.
int distinct(const std::vector<double>& values);

}  // namespace pel::cli
