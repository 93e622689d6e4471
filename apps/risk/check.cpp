// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/check.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pel::apps {
namespace {

double normal_below(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }
double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }

double bisect(double low, double high, double target, double (*rising)(double)) {
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (rising(middle) < target ? low : high) = middle;
  }
  return (low + high) / 2;
}

// Student-t of four degrees of freedom.
double student_below(double t) {
  const double s = t * t / (4 + t * t);
  return 0.5 + std::copysign(std::sqrt(s) * (1 + (1 - s) / 2) / 2, t);
}
double student_density(double t) { return 0.375 * std::pow(1 + t * t / 4, -2.5); }

// What a lognormal price S exp(mean + spread Z) is worth over a strike, undiscounted.
double lognormal_call(double spot, double mean, double spread, double strike) {
  const double d = (std::log(spot / strike) + mean) / spread;
  return spot * std::exp(mean + spread * spread / 2) * normal_below(d + spread) -
         strike * normal_below(d);
}

struct Market {
  double spot, strike, barrier, volatility, rate, years;

  double discount() const { return std::exp(-rate * years); }
  double call(double from) const {
    return discount() * lognormal_call(from, (rate - volatility * volatility / 2) * years,
                                       volatility * std::sqrt(years), strike);
  }
  double put() const { return call(spot) - spot + strike * discount(); }

  double geometric() const {
    const double n = double(kOptionSteps);
    const double mean = (rate - volatility * volatility / 2) * years * (n + 1) / (2 * n);
    const double spread = volatility * std::sqrt(years * (n + 1) * (2 * n + 1) / (6 * n * n));
    return discount() * lognormal_call(spot, mean, spread, strike);
  }

  // Arithmetic mean of prices, taken as lognormal with its true first two moments.
  double arithmetic() const {
    const std::size_t n = kOptionSteps;
    const double step = years / double(n);
    double first = 0, second = 0;
    for (std::size_t i = 1; i <= n; ++i) {
      first += std::exp(rate * step * double(i));
      for (std::size_t j = 1; j <= n; ++j) {
        second += std::exp(rate * step * double(i + j) +
                           volatility * volatility * step * double(std::min(i, j)));
      }
    }
    first /= double(n);
    second /= double(n * n);
    const double variance = std::log(second / (first * first));
    return discount() *
           lognormal_call(spot, std::log(first) - variance / 2, std::sqrt(variance), strike);
  }

  // Down-and-out call, barrier below strike and spot, watched at all times: a mirrored call less.
  double barrier_call() const {
    const double power = 2 * rate / (volatility * volatility) - 1;
    return call(spot) - std::pow(barrier / spot, power) * call(barrier * barrier / spot);
  }

  double american_put() const {
    constexpr std::size_t kSteps = 1000;
    const double step = years / double(kSteps), up = std::exp(volatility * std::sqrt(step));
    const double grow = std::exp(rate * step), chance = (grow - 1 / up) / (up - 1 / up);
    std::vector<double> price(kSteps + 1), value(kSteps + 1);
    for (std::size_t i = 0; i <= kSteps; ++i) {
      price[i] = spot * std::pow(up, 2 * double(i) - double(kSteps));
      value[i] = std::max(0.0, strike - price[i]);
    }
    for (std::size_t n = kSteps; n-- > 0;) {
      for (std::size_t i = 0; i <= n; ++i) {
        price[i] *= up;  // the same node of one date earlier
        value[i] =
            std::max((chance * value[i + 1] + (1 - chance) * value[i]) / grow, strike - price[i]);
      }
    }
    return value[0];
  }
};

// Mean and deviation of the portfolio's loss over `days`, linear in log-returns; and the losses of
// history, sorted.
struct Portfolio {
  double mean = 0, deviation = 0, first_volatility = 0;
  std::vector<double> history;

  Portfolio(const PriceSeries& series, const std::vector<double>& weights, double days) {
    const std::size_t count = series.days() - 1;
    long double sum = 0, square = 0, first_sum = 0, first_square = 0;
    for (std::size_t day = 1; day <= count; ++day) {
      long double linear = 0;
      double loss = 0;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const double ratio = series.price(day, i) / series.price(day - 1, i);
        linear -= weights[i] * std::log(ratio);
        loss -= weights[i] * (ratio - 1);
      }
      const long double first = std::log(series.price(day, 0) / series.price(day - 1, 0));
      sum += linear, square += linear * linear;
      first_sum += first, first_square += first * first;
      history.push_back(loss);
    }
    const long double n = static_cast<long double>(count);
    mean = double(sum / n) * days;
    deviation = double(std::sqrt((square - sum * sum / n) / (n - 1)) * std::sqrt(days));
    first_volatility =
        double(std::sqrt((first_square - first_sum * first_sum / n) / (n - 1) * kTradingDays));
    std::sort(history.begin(), history.end());
  }
};

class Judge {
 public:
  explicit Judge(const RiskReport& report) : report_(report) {}

  void expect(const char* section, const std::string& measure, double expected, double error,
              double allowance = 0) {
    const double value = report_.at(section, measure).value;
    findings_.push_back({std::string(section) + " " + measure, value, expected,
                         kAllowedErrors * error + allowance + 1e-9 * std::abs(expected)});
  }
  double error_of(const char* section, const std::string& measure) const {
    return report_.at(section, measure).standard_error;
  }
  double parameter(const char* measure) const { return report_.at("parameter", measure).value; }
  std::vector<RiskFinding> findings() && { return std::move(findings_); }

 private:
  const RiskReport& report_;
  std::vector<RiskFinding> findings_;
};

// Asymptotic standard errors of a sample quantile and of the mean beyond it.
void judge_tails(Judge& judge, const Portfolio& portfolio, double scenarios) {
  for (const double level : {0.95, 0.99}) {
    const std::string name = level < 0.97 ? "95" : "99";
    const double z = bisect(-10, 10, level, normal_below), s = portfolio.deviation;
    const double root = std::sqrt(level * (1 - level) / scenarios);
    const double rough = 2 / (scenarios * (1 - level));  // of the asymptotics, at few scenarios
    judge.expect("normal", "var " + name, portfolio.mean + s * z, s * root / normal_density(z),
                 s * rough);
    judge.expect("normal", "shortfall " + name,
                 portfolio.mean + s * normal_density(z) / (1 - level),
                 std::max(judge.error_of("normal", "shortfall " + name), s * rough), s * rough);
    const double t = bisect(-100, 100, level, student_below), unit = s / std::sqrt(2.0);
    judge.expect("student", "var " + name, portfolio.mean + unit * t,
                 unit * root / student_density(t), 4 * s * rough);
    const double beyond = student_density(t) / (1 - level) * (4 + t * t) / 3;
    judge.expect("student", "shortfall " + name, portfolio.mean + unit * beyond,
                 std::max(judge.error_of("student", "shortfall " + name), s * rough),
                 4 * s * rough);
    const auto rank = std::size_t(std::ceil(level * double(portfolio.history.size()) - 1e-9)) - 1;
    judge.expect("historical", "var " + name, portfolio.history[rank], 0);
  }
}

void judge_options(Judge& judge, const Market& market) {
  const auto error = [&](const char* measure) { return judge.error_of("option", measure); };
  const double few = market.spot * 0.5 / judge.parameter("scenarios");
  judge.expect("option", "european call", market.call(market.spot), error("european call"), few);
  judge.expect("option", "european put", market.put(), error("european put"), few);
  judge.expect("option", "asian geometric call", market.geometric(), error("asian geometric call"),
               few);
  judge.expect("option", "barrier call", market.barrier_call(), error("barrier call"), few);
  judge.expect("option", "asian arithmetic call", market.arithmetic(),
               error("asian arithmetic call"), 0.015 * market.arithmetic() + few);
  const double put = market.american_put();
  judge.expect("option", "american put", put, error("american put"), 0.01 * put + 4 * few);
}

}  // namespace

std::vector<RiskFinding> judge_report(const RiskReport& report, const PriceSeries& series,
                                      const std::vector<double>& weights) {
  Judge judge(report);
  const Portfolio portfolio(series, weights, judge.parameter("horizon days"));
  const double spot = series.price(series.days() - 1, 0);
  judge.expect("parameter", "spot", spot, 0);
  judge.expect("parameter", "volatility", portfolio.first_volatility, 0);
  judge_tails(judge, portfolio, judge.parameter("scenarios"));
  judge_options(judge,
                {spot, judge.parameter("strike"), judge.parameter("barrier"),
                 portfolio.first_volatility, judge.parameter("rate"), judge.parameter("years")});
  return std::move(judge).findings();
}

}  // namespace pel::apps
