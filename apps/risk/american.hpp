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

inline constexpr std::size_t kExerciseDates = 50;
inline constexpr std::size_t kAmericanPart = 1024;  // paths of a part, an even number

// An American put by least squares on simulated paths (Longstaff and Schwartz, "Valuing American
// options by simulation", 2001): from the last date back, the value of waiting is a cubic in the
// price, fitted on the paths on which exercising pays; the holder takes what is worth more. Paths
// come in antithetic pairs, path 2i beside path 2i + 1.
class AmericanPut {
 public:
  AmericanPut(const RiskModel& model, const RiskSettings& settings)
      : paths_(path_count(settings)),
        strike_(settings.strike(model) / model.spot),
        prices_(paths_ * kExerciseDates),
        cash_(paths_),
        sums_(parts()),
        seed_(settings.seed) {
    const double step = settings.years / double(kExerciseDates);
    drift_ = (settings.rate - model.volatility * model.volatility / 2) * step;
    volatility_ = model.volatility * std::sqrt(step);
    discount_ = math::exp(-settings.rate * step);
  }

  // A quarter of the scenarios, and between 2 and 131072 paths: beyond, the fit is the error.
  static std::size_t path_count(const RiskSettings& settings) {
    return std::size_t(std::clamp<std::uint64_t>(settings.scenarios / 8, 1, 65536)) * 2;
  }
  std::size_t parts() const { return (paths_ + kAmericanPart - 1) / kAmericanPart; }
  std::size_t paths() const { return paths_; }

  void simulate(std::size_t part) {
    const auto [begin, end] = range(part);
    constexpr std::size_t kPairs = kAmericanPart / 2;
    const Philox random(seed_, std::uint64_t(RiskStream::american));
    std::array<double, kPairs> walk{}, z;
    for (std::size_t date = 0; date < kExerciseDates; ++date) {
      fill_normals(random, z, (part * kExerciseDates + date) * kPairs);
      for (std::size_t k = 0; k < kPairs; ++k) walk[k] += volatility_ * z[k];
      const double growth = math::exp(drift_ * double(date + 1));
      z = walk;
      exp_lanes(z);
      double* const row = &prices_[date * paths_];
      for (std::size_t path = begin; path + 1 < end; path += 2) {
        row[path] = growth * z[(path - begin) / 2];
        row[path + 1] = growth / z[(path - begin) / 2];
      }
    }
    for (std::size_t path = begin; path < end; ++path) {
      cash_[path] = gain(prices_[(kExerciseDates - 1) * paths_ + path]);
    }
  }

  // Discounts the cash of a part to `date` and sums the normal equations of the fit.
  void gather(std::size_t date, std::size_t part) {
    const auto [begin, end] = range(part);
    const double* const row = &prices_[date * paths_];
    Normal sums;
    for (std::size_t path = begin; path < end; ++path) {
      cash_[path] *= discount_;
      if (row[path] >= strike_) continue;
      const double x = row[path] / strike_ - 1;
      double power = 1;
      for (std::size_t k = 0; k < sums.powers.size(); ++k, power *= x) {
        sums.powers[k] += power;
        if (k < kTerms) sums.products[k] += power * cash_[path];
      }
    }
    sums_[part] = sums;
  }

  // Fits the value of waiting; false if too few paths are in the money to fit anything.
  bool fit() {
    Normal total;
    for (const Normal& part : sums_) {
      for (std::size_t k = 0; k < total.powers.size(); ++k) total.powers[k] += part.powers[k];
      for (std::size_t k = 0; k < kTerms; ++k) total.products[k] += part.products[k];
    }
    return total.powers[0] >= 32 && total.solve(waiting_);
  }

  void exercise(std::size_t date, std::size_t part) {
    const auto [begin, end] = range(part);
    const double* const row = &prices_[date * paths_];
    for (std::size_t path = begin; path < end; ++path) {
      if (row[path] >= strike_) continue;
      const double x = row[path] / strike_ - 1;
      const double wait = waiting_[0] + x * (waiting_[1] + x * (waiting_[2] + x * waiting_[3]));
      if (gain(row[path]) > wait) cash_[path] = gain(row[path]);
    }
  }

  // Mean of the pairs and its standard error, today. The European put on the same paths, whose
  // price is known, serves as control variate: what is left to chance is the early exercise.
  void add_to(RiskReport& report, const RiskModel& model, double european) const {
    double sum = 0, square = 0, known_sum = 0, known_square = 0, cross = 0;
    const double whole = power_of_discount();
    const double* const last = &prices_[(kExerciseDates - 1) * paths_];
    for (std::size_t path = 0; path < paths_; path += 2) {
      const double pair = (cash_[path] + cash_[path + 1]) / 2 * discount_;
      const double known = (gain(last[path]) + gain(last[path + 1])) / 2 * whole;
      sum += pair, square += pair * pair;
      known_sum += known, known_square += known * known, cross += pair * known;
    }
    const auto pairs = double(paths_ / 2);
    const double mean = sum / pairs, known = known_sum / pairs;
    const double spread = known_square / pairs - known * known;
    const double common = cross / pairs - mean * known;
    const double slope = spread > 0 ? common / spread : 0;
    const double rest = std::max(0.0, square / pairs - mean * mean - slope * common);
    const double price = mean - slope * (known - european / model.spot);
    report.add("option", "american put", std::max(price, gain(1)) * model.spot,
               std::sqrt(rest / pairs) * model.spot);
  }

 private:
  static constexpr std::size_t kTerms = 4;

  // Normal equations of a cubic: sums of x^k and of x^k y.
  struct Normal {
    std::array<double, 2 * kTerms - 1> powers{};
    std::array<double, kTerms> products{};

    // By Cholesky's method; false if the sums are of fewer than kTerms different x.
    bool solve(std::array<double, kTerms>& out) const {
      std::array<std::array<double, kTerms>, kTerms> root{};
      for (std::size_t i = 0; i < kTerms; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
          double sum = powers[i + j];
          for (std::size_t k = 0; k < j; ++k) sum -= root[i][k] * root[j][k];
          if (i == j && !(sum > 1e-13 * powers[2 * i])) return false;
          root[i][j] = i == j ? std::sqrt(sum) : sum / root[j][j];
        }
      }
      for (std::size_t i = 0; i < kTerms; ++i) {
        out[i] = products[i];
        for (std::size_t k = 0; k < i; ++k) out[i] -= root[i][k] * out[k];
        out[i] /= root[i][i];
      }
      for (std::size_t i = kTerms; i-- > 0;) {
        for (std::size_t k = i + 1; k < kTerms; ++k) out[i] -= root[k][i] * out[k];
        out[i] /= root[i][i];
      }
      return true;
    }
  };

  struct Range {
    std::size_t begin, end;
  };
  Range range(std::size_t part) const {
    return {part * kAmericanPart, std::min(paths_, (part + 1) * kAmericanPart)};
  }
  double power_of_discount() const {
    double power = 1;
    for (std::size_t date = 0; date < kExerciseDates; ++date) power *= discount_;
    return power;
  }
  double gain(double price) const { return std::max(0.0, strike_ - price); }

  std::size_t paths_;
  double strike_;  // over the spot price, as all prices here
  double drift_ = 0, volatility_ = 0, discount_ = 1;
  std::vector<double> prices_;  // by date, then path
  std::vector<double> cash_;    // by path, at the date of the walk back
  std::vector<Normal> sums_;    // by part
  std::array<double, kTerms> waiting_{};
  std::uint64_t seed_;
};

inline std::uint64_t american_work(const RiskSettings& settings) {
  const std::size_t paths = AmericanPut::path_count(settings);
  return (paths + kAmericanPart - 1) / kAmericanPart * kExerciseDates;
}

// Black and Scholes (1973).
inline double european_put(const RiskModel& model, const RiskSettings& settings) {
  const double strike = settings.strike(model);
  const double spread = model.volatility * std::sqrt(settings.years);
  const double d = math::log(model.spot / strike) / spread +
                   (settings.rate * settings.years) / spread + spread / 2;
  return strike * math::exp(-settings.rate * settings.years) * math::normal_cdf(spread - d) -
         model.spot * math::normal_cdf(-d);
}

// Prices the American put and adds it to the section option.
template <class Loops, class Tick>
void price_american(RiskReport& report, const RiskModel& model, const RiskSettings& settings,
                    const Tick& tick) {
  AmericanPut put(model, settings);
  Loops::for_each(put.parts(), [&](std::size_t part) {
    put.simulate(part);
    tick(1);
  });
  for (std::size_t date = kExerciseDates - 1; date-- > 0;) {
    Loops::for_each(put.parts(), [&](std::size_t part) {
      put.gather(date, part);
      tick(1);
    });
    if (!put.fit()) continue;
    Loops::for_each(put.parts(), [&](std::size_t part) { put.exercise(date, part); });
  }
  put.add_to(report, model, european_put(model, settings));
}

}  // namespace pel::apps
