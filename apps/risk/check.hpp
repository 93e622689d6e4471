// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "apps/risk/options.hpp"
#include "apps/risk/prices.hpp"
#include "apps/risk/report.hpp"

namespace pel::apps {

// One figure of a report held against what it should be.
struct RiskFinding {
  std::string measure;
  double reported = 0, expected = 0;
  double allowed = 0;  // absolute distance
  bool passed() const { return reported - expected <= allowed && expected - reported <= allowed; }
};

// Standard errors that a figure may be off: one in 150,000 healthy figures is further out.
inline constexpr double kAllowedErrors = 4.5;

// Judges a report by means that share nothing with the simulation but the prices: the C library's
// functions, moments summed in long double, std::sort, and closed forms: Black and Scholes (1973)
// for European options, Kemna and Vorst (1990) for the geometric Asian one, Reiner and Rubinstein
// (1991) for the barrier one, the quantiles of normal and Student-t losses; a binomial tree (Cox,
// Ross, Rubinstein 1979) for the American put, which may also be off by 1 % for the fit and the 50
// dates; for the arithmetic Asian call the moment-matched price of Turnbull and Wakeman (1991)
// within 1.5 %, no less than the geometric and no more than the European one. O(days log days).
std::vector<RiskFinding> judge_report(const RiskReport& report, const PriceSeries& series,
                                      const std::vector<double>& weights);

}  // namespace pel::apps
