// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "apps/risk/lanes.hpp"
#include "apps/risk/report.hpp"
#include "apps/risk/settings.hpp"
#include "pel/random.hpp"

namespace pel::apps {

inline constexpr std::size_t kOptionSteps = 64;  // dates on which an Asian option looks
inline constexpr std::size_t kBarrierSteps = 8;  // dates between two looks at the barrier
inline constexpr std::size_t kOptionLanes = 16;  // pairs of paths of a batch

inline std::uint64_t option_batches(const RiskSettings& settings) {
  return (settings.scenarios + kOptionLanes - 1) / kOptionLanes;
}

// Sums over pairs of antithetic paths; a pair counts as one sample, its mean.
struct OptionSums {
  enum Kind { call, put, geometric, arithmetic, barrier, kinds };
  std::array<double, kinds> sum{}, square{};
  double cross = 0;  // geometric times arithmetic

  OptionSums& operator+=(const OptionSums& other) {
    for (std::size_t i = 0; i < kinds; ++i) sum[i] += other.sum[i], square[i] += other.square[i];
    cross += other.cross;
    return *this;
  }
};

// Geometric Brownian motion of the subject under the pricing measure, kOptionLanes pairs at a time.
class OptionKernel {
 public:
  OptionKernel(const RiskModel& model, const RiskSettings& settings)
      : settings_(settings),
        strike_(settings.strike(model) / model.spot),
        distance_(-math::log(settings.barrier_share)),
        scale_(model.spot * math::exp(-settings.rate * settings.years)) {
    const double step = settings.years / double(kOptionSteps);
    volatility_ = model.volatility * std::sqrt(step);
    drift_ = (settings.rate - model.volatility * model.volatility / 2) * step;
    const double between = model.volatility * model.volatility * step * double(kBarrierSteps);
    bridge_ = -2 / between;
    for (std::size_t i = 0; i < kOptionSteps; ++i) {
      growth_[i] = math::exp(drift_ * double(i + 1));
    }
  }

  OptionSums operator()(std::size_t batch) const {
    std::array<Lanes, kOptionSteps> z;
    const std::span<double> flat(z[0].data(), kOptionSteps * kOptionLanes);
    fill_normals(Philox(settings_.seed, std::uint64_t(RiskStream::options)), flat,
                 batch * flat.size());
    Side up{}, down{};
    up.alive.fill(1), down.alive.fill(1);
    up.gap.fill(distance_), down.gap.fill(distance_);
    Lanes walk{}, area{};
    for (std::size_t i = 0; i < kOptionSteps; ++i) {
      Lanes ratio;
      for (std::size_t k = 0; k < kOptionLanes; ++k) walk[k] += volatility_ * z[i][k];
      for (std::size_t k = 0; k < kOptionLanes; ++k) area[k] += walk[k];
      ratio = walk;
      exp_lanes(ratio);
      for (std::size_t k = 0; k < kOptionLanes; ++k) {
        up.total[k] += up.last[k] = growth_[i] * ratio[k];
        down.total[k] += down.last[k] = growth_[i] / ratio[k];
      }
      if ((i + 1) % kBarrierSteps == 0) look(i, walk, up, down);
    }
    return payoffs(batch, area, up, down);
  }

 private:
  using Lanes = std::array<double, kOptionLanes>;
  struct Side {
    Lanes total, last;  // of the prices over the spot
    Lanes alive, gap;   // chance of not having hit the barrier; log of the price over the barrier
  };

  // Chance that a Brownian bridge between two looks stays above the barrier: exact for any number
  // of looks (Glasserman, "Monte Carlo methods in financial engineering", 6.4). The exponent is
  // clamped at zero, which is a hit, when a look lies below.
  void look(std::size_t i, const Lanes& walk, Side& up, Side& down) const {
    const double middle = distance_ + drift_ * double(i + 1);
    cross(middle, 1, walk, up);
    cross(middle, -1, walk, down);
  }
  void cross(double middle, double sign, const Lanes& walk, Side& side) const {
    Lanes gap, hit;
    for (std::size_t k = 0; k < kOptionLanes; ++k) gap[k] = middle + sign * walk[k];
    for (std::size_t k = 0; k < kOptionLanes; ++k) {
      hit[k] = std::min(0.0, bridge_ * side.gap[k] * gap[k]);
    }
    exp_lanes(hit);
    for (std::size_t k = 0; k < kOptionLanes; ++k) side.alive[k] *= 1 - hit[k];
    side.gap = gap;
  }

  OptionSums payoffs(std::size_t batch, const Lanes& area, const Side& up, const Side& down) const {
    constexpr auto kSteps = double(kOptionSteps);
    Lanes high, low;
    for (std::size_t k = 0; k < kOptionLanes; ++k) {
      const double centre = drift_ * (kSteps + 1) / 2;
      high[k] = centre + area[k] / kSteps;
      low[k] = centre - area[k] / kSteps;
    }
    exp_lanes(high);
    exp_lanes(low);
    const auto gain = [&](double price) { return std::max(0.0, price - strike_); };
    OptionSums sums;
    const std::size_t left = std::size_t(settings_.scenarios) - batch * kOptionLanes;
    for (std::size_t k = 0; k < std::min(left, kOptionLanes); ++k) {
      std::array<double, OptionSums::kinds> pay;
      const double a = gain(up.last[k]), b = gain(down.last[k]);
      pay[OptionSums::call] = a + b;
      pay[OptionSums::put] =
          std::max(0.0, strike_ - up.last[k]) + std::max(0.0, strike_ - down.last[k]);
      pay[OptionSums::geometric] = gain(high[k]) + gain(low[k]);
      pay[OptionSums::arithmetic] = gain(up.total[k] / kSteps) + gain(down.total[k] / kSteps);
      pay[OptionSums::barrier] = a * up.alive[k] + b * down.alive[k];
      for (std::size_t i = 0; i < pay.size(); ++i) {
        pay[i] *= scale_ / 2;
        sums.sum[i] += pay[i];
        sums.square[i] += pay[i] * pay[i];
      }
      sums.cross += pay[OptionSums::geometric] * pay[OptionSums::arithmetic];
    }
    return sums;
  }

  const RiskSettings& settings_;
  double strike_, distance_, scale_;
  double volatility_ = 0, drift_ = 0, bridge_ = 0;
  std::array<double, kOptionSteps> growth_{};
};

// The price of a call on the geometric mean of kOptionSteps prices: its logarithm is normal (Kemna
// and Vorst, "A pricing method for options based on average asset values", 1990).
inline double geometric_call(const RiskModel& model, const RiskSettings& settings) {
  constexpr auto kSteps = double(kOptionSteps);
  const double variance = model.volatility * model.volatility;
  const double mean = (settings.rate - variance / 2) * settings.years * (kSteps + 1) / (2 * kSteps);
  const double spread = std::sqrt(variance * settings.years * (kSteps + 1) * (2 * kSteps + 1) /
                                  (6 * kSteps * kSteps));
  const double strike = settings.strike(model) / model.spot;
  const double d = (mean - math::log(strike)) / spread;
  const auto below = [](double x) { return math::erfc(-x / std::sqrt(2.0)) / 2; };
  return model.spot * math::exp(-settings.rate * settings.years) *
         (math::exp(mean + spread * spread / 2) * below(d + spread) - strike * below(d));
}

// The arithmetic Asian call has no closed form; the geometric one beside it does, and where that
// came out wrong the arithmetic one is wrong by nearly the same: a control variate.
inline void add_arithmetic(RiskReport& report, const OptionSums& sums, double n, double known) {
  const double geometric = sums.sum[OptionSums::geometric] / n;
  const double arithmetic = sums.sum[OptionSums::arithmetic] / n;
  const double spread = sums.square[OptionSums::geometric] / n - geometric * geometric;
  const double common = sums.cross / n - geometric * arithmetic;
  const double total = sums.square[OptionSums::arithmetic] / n - arithmetic * arithmetic;
  const double slope = spread > 0 ? common / spread : 0;
  const double rest = std::max(0.0, total - slope * common);
  report.add("option", "asian arithmetic call", arithmetic - slope * (geometric - known),
             std::sqrt(rest / n));
}

// Prices the European, Asian and barrier options and adds the section option.
template <class Loops, class Tick>
void price_options(RiskReport& report, const RiskModel& model, const RiskSettings& settings,
                   const Tick& tick) {
  const OptionKernel kernel(model, settings);
  constexpr std::size_t kPart = 16;  // batches of a partial sum
  const auto batches = std::size_t(option_batches(settings));
  std::vector<OptionSums> parts((batches + kPart - 1) / kPart);
  Loops::for_each(parts.size(), [&](std::size_t part) {
    const std::size_t begin = part * kPart, end = std::min(batches, begin + kPart);
    for (std::size_t batch = begin; batch < end; ++batch) parts[part] += kernel(batch);
    tick(end - begin);
  });
  OptionSums sums;
  for (const OptionSums& part : parts) sums += part;
  const auto n = double(settings.scenarios);
  const auto add = [&](const char* name, OptionSums::Kind kind) {
    const double mean = sums.sum[kind] / n;
    const double variance = std::max(0.0, sums.square[kind] / n - mean * mean);
    report.add("option", name, mean, std::sqrt(variance / n));
  };
  add("european call", OptionSums::call);
  add("european put", OptionSums::put);
  add("asian geometric call", OptionSums::geometric);
  add_arithmetic(report, sums, n, geometric_call(model, settings));
  add("barrier call", OptionSums::barrier);
}

}  // namespace pel::apps
