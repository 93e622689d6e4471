// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "apps/risk/american.hpp"
#include "apps/risk/losses.hpp"
#include "apps/risk/model.hpp"
#include "apps/risk/options.hpp"
#include "apps/risk/report.hpp"

namespace pel::apps {

// How many units risk_analysis() reports to its tick function in all.
inline std::uint64_t risk_work(const RiskSettings& settings) {
  return loss_batches(settings.scenarios) + option_batches(settings) + american_work(settings);
}

// Value at risk, expected shortfall and options of a portfolio by Monte Carlo. `Loops` is a policy
// of plain_loops.hpp; tick(n) is called from any of its threads as work gets done. The report is a
// function of model and settings alone. O(scenarios * (assets^2 + kOptionSteps)) time, 24 bytes a
// scenario.
template <class Loops, class Tick>
RiskReport risk_analysis(const RiskModel& model, const RiskSettings& settings, const Tick& tick) {
  RiskReport report;
  report.add("parameter", "scenarios", double(settings.scenarios));
  report.add("parameter", "horizon days", settings.horizon_days);
  report.add("parameter", "spot", model.spot);
  report.add("parameter", "volatility", model.volatility);
  report.add("parameter", "rate", settings.rate);
  report.add("parameter", "years", settings.years);
  report.add("parameter", "strike", settings.strike(model));
  report.add("parameter", "barrier", settings.barrier(model));
  add_historical(report, model);
  simulate_losses<Loops>(report, model, settings, tick);
  price_options<Loops>(report, model, settings, tick);
  price_american<Loops>(report, model, settings, tick);
  return report;
}

}  // namespace pel::apps
