// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apps/risk/prices.hpp"

namespace pel::apps {

inline constexpr double kTradingDays = 252;  // a year has this many

// What the simulation needs of a price series and a portfolio: moments of daily log-returns.
struct RiskModel {
  std::size_t assets = 0;
  std::vector<double> weights;  // of the portfolio, by asset; sum 1
  std::vector<double> mean;     // of a day's log-return, by asset
  std::vector<double> root;     // lower Cholesky factor of the daily covariance, row by row
  std::vector<double> historical_losses;  // of the portfolio, one a day, ascending; 0.01: 1 %
  std::string subject;                    // the asset that the options are on: the first
  double spot = 0;                        // its last price
  double volatility = 0;                  // its yearly volatility
};

// Estimates the model; O(days * assets^2 + assets^3). `origin` is the place that an error names:
// throws pel::Error where a price never moves or the returns are linearly dependent (a column
// twice), for which the covariance has no Cholesky factor.
RiskModel estimate_risk_model(const PriceSeries& series, std::vector<double> weights,
                              const std::string& origin);

}  // namespace pel::apps
