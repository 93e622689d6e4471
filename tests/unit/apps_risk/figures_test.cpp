// SPDX-License-Identifier: Apache-2.0
// Figures of the report held against the same ones found in the plainest way.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "apps/plain_loops.hpp"
#include "apps/risk/risk.hpp"

namespace pel::apps {
namespace {

// 0, 1, ... count - 1 in an order that mixes them: 7919 shares no factor with any count here.
std::vector<double> scattered(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = double(i * 7919 % count);
  return values;
}

TEST(RiskFigures, TheWorstLossesAreAllThere) {
  for (const std::size_t count : {1, 100, 8192, 8193, 20'000, 65'536, 65'537, 200'000}) {
    std::vector<double> storage;
    const Tail tail = worst_of<PlainLoops>(scattered(count), storage);
    ASSERT_EQ(tail.count, count);
    ASSERT_GE(tail.worst.size(), count / 100 * 6 + 1);
    std::vector<double> expected(tail.worst.size());
    std::iota(expected.begin(), expected.end(), double(count - expected.size()));
    EXPECT_TRUE(std::ranges::equal(tail.worst, expected)) << count;
  }
}

// A pivot that lies too high leaves too few losses; then all of them are sorted.
TEST(RiskFigures, AMisleadingSampleCostsTimeOnly) {
  std::vector<double> losses(100'000);
  for (std::size_t i = 0; i < losses.size(); ++i) losses[i] = -double(i);
  std::vector<double> storage;
  const Tail tail = worst_of<PlainLoops>(losses, storage);
  EXPECT_EQ(tail.at(99'999), 0);
  EXPECT_EQ(tail.at(95'000), -4'999);
}

RiskModel two_assets() {
  RiskModel model;
  model.assets = 2;
  model.weights = {0.7, 0.3};
  model.mean = {0.0004, 0.0001};
  model.root = {0.012, 0, -0.004, 0.009};
  model.subject = std::string("A");
  model.spot = 40;
  model.volatility = 0.2;
  return model;
}

void expect_tail(const RiskReport& report, const std::string& section, std::vector<double> losses) {
  std::sort(losses.begin(), losses.end());
  for (const int percent : {95, 99}) {
    const std::string name = std::to_string(percent);
    const std::size_t rank = losses.size() * std::size_t(percent) / 100 - 1;
    EXPECT_EQ(report.at(section, "var " + name).value, losses[rank]) << section;
    const auto first = losses.begin() + std::ptrdiff_t(rank + 1);
    const double mean =
        std::accumulate(first, losses.end(), 0.0) / double(std::distance(first, losses.end()));
    EXPECT_NEAR(report.at(section, "shortfall " + name).value, mean, 1e-12) << section;
  }
}

TEST(RiskFigures, QuantilesAreThoseOfAllTheLossesSorted) {
  const RiskModel model = two_assets();
  const RiskSettings settings{.scenarios = 60'000, .seed = 3};
  RiskReport report;
  simulate_losses<PlainLoops>(report, model, settings, [](std::uint64_t) {});
  const std::size_t n = settings.scenarios;
  Losses losses{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
  const LossKernel kernel(model, settings);
  for (std::size_t batch = 0; batch < loss_batches(n); ++batch) kernel(batch, losses);
  expect_tail(report, "normal", losses.normal);
  expect_tail(report, "full", losses.full);
  expect_tail(report, "student", losses.student);
  double counted = 0;
  for (const RiskRow& row : report.rows) {
    if (row.measure.starts_with("bin ")) counted += row.value;
  }
  EXPECT_EQ(counted, double(n));
}

// Longstaff and Schwartz (2001), table 1: finite differences give 2.314 and 5.312 where the
// European puts are worth 2.066 and 5.060, so that what exercising early adds is 11 and 5 %.
TEST(RiskFigures, AnAmericanPutIsWorthItsEarlyExercise) {
  const RiskSettings settings{.scenarios = 60'000, .rate = 0.06};
  for (const auto& [volatility, american, european] :
       {std::array{0.2, 2.314, 2.066}, std::array{0.4, 5.312, 5.060}}) {
    RiskModel model = two_assets();
    model.volatility = volatility;
    RiskReport report;
    price_american<PlainLoops>(report, model, settings, [](std::uint64_t) {});
    EXPECT_NEAR(european_put(model, settings), european, 0.001);
    EXPECT_NEAR(report.at("option", "american put").value, american, 0.01 * american);
  }
}

}  // namespace
}  // namespace pel::apps
