// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "bench/contender.hpp"

namespace pel::bench {

// One line of the checked-in list (rows.cpp).
struct RowSpec {
  const char* group;
  const char* bench;
  std::uint64_t size;
  const char* peer;
  bool full = false;  // only with --full
};

// One measured line. Times are medians over interleaved pairs, in ns per unit (units()); ratio is
// the median of the pairs' own ratios pel / peer, so drift of the machine cancels; below 1 pel is
// faster. load is the one-minute load average before the row.
struct Row {
  std::string bench;
  std::uint64_t size = 0;
  int workers = 0;
  std::string peer;
  double pel_ns = 0;
  double pel_min_ns = 0;
  double peer_ns = 0;
  double peer_min_ns = 0;
  double ratio = 0;
  int pairs = 0;
  double load = 0;
};

std::string to_json(const Row& row);

// Runs pel and the peer in turns, `pairs` times (fewer where one run takes over half a second, at
// least 3). Throws pel::Error if a contender is missing or the two do not agree on the result.
Row measure_pair(const RowSpec& spec, int workers, int pairs);

double median(std::vector<double> values);
double load_average();
std::uint64_t now_ns();

}  // namespace pel::bench
