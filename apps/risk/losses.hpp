// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "apps/risk/lanes.hpp"
#include "apps/risk/report.hpp"
#include "apps/risk/settings.hpp"
#include "pel/random.hpp"

namespace pel::apps {

inline constexpr std::size_t kLossLanes = 64;  // scenarios of a batch
inline constexpr std::array<double, 2> kLevels{0.95, 0.99};

inline std::uint64_t loss_batches(std::uint64_t scenarios) {
  return (scenarios + kLossLanes - 1) / kLossLanes;
}

// Losses of a portfolio over the horizon, by scenario, as fractions of its value.
struct Losses {
  std::vector<double> normal;   // normal log-returns, linear in them: has a closed form
  std::vector<double> full;     // the same log-returns, each position revalued
  std::vector<double> student;  // Student-t of four degrees of freedom, same covariance, linear
};

// The worst losses, ascending: `worst` of `count`.
struct Tail {
  std::span<const double> worst;
  std::size_t count = 0;

  // The k-th smallest of all losses, k from 0; as far down as the tail reaches.
  double at(std::size_t k) const {
    const std::size_t below = count - worst.size();
    return worst[k < below ? 0 : std::min(k - below, worst.size() - 1)];
  }
};

// Adds value at risk and expected shortfall at kLevels. Standard errors are the order statistics'
// own: half the distance of the losses one binomial deviation either side; for the shortfall the
// asymptotic variance of Manistre and Hancock ("Variance of the CTE estimator", 2005).
inline void add_tail(RiskReport& report, const std::string& section, const Tail& tail) {
  const auto n = double(tail.count);
  for (const double level : kLevels) {
    const std::string name = std::to_string(int(std::lround(level * 100)));
    const auto rank = std::size_t(std::ceil(level * n - 1e-9)) - 1;
    const auto spread = std::size_t(std::sqrt(n * level * (1 - level))) + 1;
    const double at_risk = tail.at(rank);
    const double error = (tail.at(rank + spread) - tail.at(rank - std::min(rank, spread))) / 2;
    const std::size_t first = std::min(rank + 1, tail.count - 1);
    double sum = 0, square = 0;
    for (std::size_t k = first; k < tail.count; ++k) {
      const double excess = tail.at(k) - at_risk;
      sum += excess;
      square += excess * excess;
    }
    const auto beyond = double(tail.count - first);
    const double excess = sum / beyond;
    const double variance = square / beyond - excess * excess + level * excess * excess;
    report.add(section, "var " + name, at_risk, error);
    report.add(section, "shortfall " + name, at_risk + excess,
               std::sqrt(std::max(0.0, variance) / beyond));
  }
}

inline void add_historical(RiskReport& report, const RiskModel& model) {
  add_tail(report, "historical", {model.historical_losses, model.historical_losses.size()});
}

// Simulates the scenarios of one batch.
class LossKernel {
 public:
  LossKernel(const RiskModel& model, const RiskSettings& settings)
      : model_(model), settings_(settings) {
    for (std::size_t i = 0; i < model.assets; ++i) {
      drift_.push_back(model.mean[i] * settings.horizon_days);
      mean_loss_ -= model.weights[i] * drift_.back();
    }
    const double scale = std::sqrt(settings.horizon_days);
    for (const double entry : model.root) root_.push_back(entry * scale);
  }

  // Of the linear loss over the horizon.
  double mean_loss() const noexcept { return mean_loss_; }
  double deviation() const {
    double variance = 0;
    for (std::size_t j = 0; j < model_.assets; ++j) {
      double exposure = 0;
      for (std::size_t i = j; i < model_.assets; ++i) {
        exposure += model_.weights[i] * root_[i * model_.assets + j];
      }
      variance += exposure * exposure;
    }
    return std::sqrt(variance);
  }

  void operator()(std::size_t batch, Losses& losses) const {
    const std::size_t n = model_.assets;
    std::array<Lanes, kMaxAssets> z;
    const std::span<double> flat(z[0].data(), n * kLossLanes);
    fill_normals(random(RiskStream::losses), flat, batch * flat.size());
    Lanes linear{}, full{}, student;
    for (std::size_t i = 0; i < n; ++i) {
      Lanes move;
      move.fill(drift_[i]);
      for (std::size_t j = 0; j <= i; ++j) {
        const double factor = root_[i * n + j];
        for (std::size_t k = 0; k < kLossLanes; ++k) move[k] += factor * z[j][k];
      }
      const double weight = model_.weights[i];
      for (std::size_t k = 0; k < kLossLanes; ++k) linear[k] -= weight * move[k];
      exp_lanes(move);
      for (std::size_t k = 0; k < kLossLanes; ++k) full[k] -= weight * (move[k] - 1);
    }
    mix(batch, linear, student);
    const std::size_t begin = batch * kLossLanes;
    const std::size_t count = std::min(kLossLanes, losses.full.size() - begin);
    std::copy_n(linear.begin(), count, losses.normal.begin() + std::ptrdiff_t(begin));
    std::copy_n(full.begin(), count, losses.full.begin() + std::ptrdiff_t(begin));
    std::copy_n(student.begin(), count, losses.student.begin() + std::ptrdiff_t(begin));
  }

 private:
  using Lanes = std::array<double, kLossLanes>;

  Philox random(RiskStream stream) const { return Philox(settings_.seed, std::uint64_t(stream)); }

  // Student-t from normal: divides by the root of a chi-squared of four degrees of freedom, which
  // is -2 log(u v), and scales to the same variance.
  void mix(std::size_t batch, const Lanes& linear, Lanes& student) const {
    std::array<double, 2 * kLossLanes> u;
    random(RiskStream::mixing).fill_uniform(u, batch * u.size());
    for (std::size_t k = 0; k < kLossLanes; ++k) {
      student[k] = (1 - u[k]) * (1 - u[kLossLanes + k]);
    }
    log_lanes(student);
    for (std::size_t k = 0; k < kLossLanes; ++k) {
      student[k] = mean_loss_ + (linear[k] - mean_loss_) * std::sqrt(-1 / student[k]);
    }
  }

  const RiskModel& model_;
  const RiskSettings& settings_;
  std::vector<double> drift_;
  std::vector<double> root_;
  double mean_loss_ = 0;
};

inline constexpr std::size_t kLossPart = 65536;  // losses that one loop body looks at

// The losses from `pivot` up, in scenario order.
template <class Loops>
std::vector<double> losses_from(const std::vector<double>& losses, double pivot) {
  std::vector<std::vector<double>> parts((losses.size() + kLossPart - 1) / kLossPart);
  Loops::for_each(parts.size(), [&](std::size_t part) {
    const std::size_t end = std::min(losses.size(), (part + 1) * kLossPart);
    for (std::size_t i = part * kLossPart; i < end; ++i) {
      if (losses[i] >= pivot) parts[part].push_back(losses[i]);
    }
  });
  std::vector<double> found;
  for (const auto& part : parts) found.insert(found.end(), part.begin(), part.end());
  return found;
}

// The worst losses, at least six in a hundred of them, ascending, in `storage`. A pivot from the
// first losses leaves little to sort; it moves the time, never a figure.
template <class Loops>
Tail worst_of(const std::vector<double>& losses, std::vector<double>& storage) {
  constexpr std::size_t kSample = 8192;
  storage.clear();
  if (losses.size() > kSample) {
    std::vector<double> sample(losses.begin(), losses.begin() + kSample);
    std::sort(sample.begin(), sample.end());
    storage = losses_from<Loops>(losses, sample[kSample - kSample * 7 / 100]);
  }
  if (storage.size() < losses.size() / 100 * 6 + 1) storage = losses;
  Loops::sort(storage);
  return {storage, losses.size()};
}

// Eighty bins over the mean and 4.5 deviations either side; what falls outside is in the end bins.
template <class Loops>
void add_histogram(RiskReport& report, const std::vector<double>& losses, double middle,
                   double deviation) {
  constexpr std::size_t kBins = 80;
  using Counts = std::array<std::uint64_t, kBins>;
  const double low = middle - 4.5 * deviation, high = middle + 4.5 * deviation;
  std::vector<Counts> parts((losses.size() + kLossPart - 1) / kLossPart);
  Loops::for_each(parts.size(), [&](std::size_t part) {
    Counts counts{};
    const std::size_t end = std::min(losses.size(), (part + 1) * kLossPart);
    for (std::size_t i = part * kLossPart; i < end; ++i) {
      const double place = (losses[i] - low) / (high - low) * double(kBins);
      ++counts[std::size_t(std::clamp(place, 0.0, double(kBins - 1)))];
    }
    parts[part] = counts;
  });
  report.add("histogram", "low", low);
  report.add("histogram", "high", high);
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    std::uint64_t count = 0;
    for (const Counts& part : parts) count += part[bin];
    report.add("histogram", "bin " + std::to_string(bin), double(count));
  }
}

// Simulates all scenarios and adds the sections normal, full, student and histogram.
template <class Loops, class Tick>
void simulate_losses(RiskReport& report, const RiskModel& model, const RiskSettings& settings,
                     const Tick& tick) {
  const auto n = std::size_t(settings.scenarios);
  Losses losses{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
  const LossKernel kernel(model, settings);
  Loops::for_each(std::size_t(loss_batches(n)), [&](std::size_t batch) {
    kernel(batch, losses);
    tick(1);
  });
  std::vector<double> storage;
  add_tail(report, "normal", worst_of<Loops>(losses.normal, storage));
  add_tail(report, "full", worst_of<Loops>(losses.full, storage));
  add_tail(report, "student", worst_of<Loops>(losses.student, storage));
  add_histogram<Loops>(report, losses.full, kernel.mean_loss(), kernel.deviation());
}

}  // namespace pel::apps
