// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/model.hpp"

#include <algorithm>
#include <cmath>

#include "pel/error.hpp"
#include "pel/math.hpp"

namespace pel::apps {
namespace {

// Log-returns, day by day: returns[day * assets + asset].
std::vector<double> log_returns(const PriceSeries& series) {
  const std::size_t n = series.assets();
  std::vector<double> returns;
  returns.reserve((series.days() - 1) * n);
  for (std::size_t i = n; i < series.prices.size(); ++i) {
    returns.push_back(math::log(series.prices[i] / series.prices[i - n]));
  }
  return returns;
}

std::vector<double> mean_of(const std::vector<double>& returns, std::size_t assets) {
  std::vector<double> mean(assets, 0.0);
  for (std::size_t i = 0; i < returns.size(); ++i) mean[i % assets] += returns[i];
  for (double& value : mean) value /= double(returns.size() / assets);
  return mean;
}

std::vector<double> covariance_of(const std::vector<double>& returns,
                                  const std::vector<double>& mean) {
  const std::size_t n = mean.size(), days = returns.size() / n;
  std::vector<double> covariance(n * n, 0.0), centred(n);
  for (std::size_t day = 0; day < days; ++day) {
    for (std::size_t i = 0; i < n; ++i) centred[i] = returns[day * n + i] - mean[i];
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) covariance[i * n + j] += centred[i] * centred[j];
    }
  }
  for (double& value : covariance) value /= double(days - 1);
  return covariance;
}

// Replaces the lower triangle by its Cholesky factor. Returns the row at which the matrix shows
// itself not positive definite, or n.
std::size_t cholesky(std::vector<double>& matrix, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double diagonal = matrix[i * n + i];
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= matrix[i * n + k] * matrix[j * n + k];
      if (i != j) {
        matrix[i * n + j] = sum / matrix[j * n + j];
      } else if (sum > 1e-10 * diagonal) {
        matrix[i * n + i] = std::sqrt(sum);
      } else {
        return i;
      }
    }
  }
  return n;
}

std::vector<double> losses_of(const std::vector<double>& returns,
                              const std::vector<double>& weights) {
  const std::size_t n = weights.size(), days = returns.size() / n;
  std::vector<double> losses(days, 0.0);
  for (std::size_t day = 0; day < days; ++day) {
    for (std::size_t i = 0; i < n; ++i) {
      losses[day] -= weights[i] * (math::exp(returns[day * n + i]) - 1);
    }
  }
  std::sort(losses.begin(), losses.end());
  return losses;
}

}  // namespace

RiskModel estimate_risk_model(const PriceSeries& series, std::vector<double> weights,
                              const std::string& origin) {
  RiskModel model;
  model.assets = series.assets();
  model.weights = std::move(weights);
  const auto returns = log_returns(series);
  model.mean = mean_of(returns, model.assets);
  model.root = covariance_of(returns, model.mean);
  for (std::size_t i = 0; i < model.assets; ++i) {
    if (model.root[i * model.assets + i] < 1e-16) {
      throw Error(origin, "the price of " + series.names[i] + " never moves", "drop the column");
    }
  }
  const double variance = model.root[0];
  const std::size_t bad = cholesky(model.root, model.assets);
  if (bad < model.assets) {
    throw Error(origin, "the returns of " + series.names[bad] + " follow from those before it",
                "drop the column, or give more days than columns");
  }
  model.historical_losses = losses_of(returns, model.weights);
  model.subject = series.names[0];
  model.spot = series.price(series.days() - 1, 0);
  model.volatility = std::sqrt(variance * kTradingDays);
  return model;
}

}  // namespace pel::apps
