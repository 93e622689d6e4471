// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pel/executor.hpp"
#include "pel/random.hpp"
#include "tests/support/sanitized.hpp"

namespace pel::testing {

// Runs f once in an executor of each size and schedule that results must not depend on.
template <class F>
void with_all_schedules(F&& f) {
  using Kind = Schedule::Kind;
  for (const int workers : {0, 1, 2, 3, 8}) {
    for (const Kind kind : {Kind::kNormal, Kind::kReversed, Kind::kShuffled, Kind::kDelayed}) {
      if (workers < 2 && kind != Kind::kNormal) continue;
      if (workers == 8 && kind != Kind::kNormal) continue;
      ExecutorOptions options;
      options.workers = workers;
      options.schedule = {kind, 17};
      Executor executor(options);
      executor.run([&] { f(); });
    }
  }
}

// Lengths around every constant of the loops.
inline std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all = {0,    1,    2,    3,    5,    7,    8,      9,      15,
                                  16,   17,   31,   32,   33,   255,  256,    257,    1000,
                                  2047, 2048, 2049, 4095, 4096, 4097, 10'000, 65'537, 300'001};
  if (test::unless_sanitized(false, true)) all.resize(all.size() - 2);
  return all;
}

// Doubles whose sum depends on the order of additions.
inline std::vector<double> rough_doubles(std::size_t n, std::uint64_t seed = 1) {
  const Philox random(seed);
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double magnitude = static_cast<double>(std::uint64_t{1} << (random.bits(2 * i) % 40));
    values[i] = (random.uniform(2 * i + 1) - 0.4) * magnitude;
  }
  return values;
}

}  // namespace pel::testing
