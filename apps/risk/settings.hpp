// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "apps/risk/model.hpp"

namespace pel::apps {

struct RiskSettings {
  std::uint64_t scenarios = 1;  // of the portfolio, and pairs of paths of the options
  std::uint64_t seed = 1;
  double horizon_days = 10;
  double rate = 0.03;           // continuously compounded, a year
  double years = 1;             // to the options' expiry
  double barrier_share = 0.85;  // the barrier, as a share of the spot price

  double strike(const RiskModel& model) const noexcept { return model.spot; }
  double barrier(const RiskModel& model) const noexcept { return barrier_share * model.spot; }
};

// Streams of random numbers, one for each use, so that no two draw the same ones.
enum class RiskStream : std::uint64_t { losses = 1, mixing = 2, options = 3, american = 4 };

}  // namespace pel::apps
