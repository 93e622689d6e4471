// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/risk.hpp"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "apps/plain_loops.hpp"
#include "apps/risk/check.hpp"
#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::apps {
namespace {

constexpr std::uint64_t kTourSize = 150'000;
constexpr std::uint64_t kFullSize = 8'000'000;
constexpr std::uint64_t kMaxSize = 200'000'000;  // 24 bytes each
constexpr std::uint64_t kMaxFileBytes = 256u << 20;

// A fraction as per cent, rounded to two decimals.
std::string percent(double share) {
  const long hundredths = std::lround(share * 1e4);
  const long whole = std::abs(hundredths) / 100, rest = std::abs(hundredths) % 100;
  std::string text(hundredths < 0 ? "-" : "");
  text += std::to_string(whole);
  text += rest < 10 ? ".0" : ".";
  return text + std::to_string(rest) + " %";
}

class Risk final : public Workload {
 public:
  void load(const WorkloadConfig& config) override {
    if (config.files.size() > 2) {
      throw Error(config.files[2].string(), "one file too many",
                  "risk reads prices and, second, weights");
    }
    if (config.files.empty()) {
      read_default();
    } else {
      read_prices(config.files[0], config.files[0].string());
    }
    weights_ = config.files.size() == 2
                   ? parse_weights(base::read_text(config.files[1], kMaxFileBytes),
                                   config.files[1].string(), series_)
                   : std::vector<double>(series_.assets(), 1.0 / double(series_.assets()));
    model_ = estimate_risk_model(series_, weights_, origin_);
    settings_.seed = config.seed;
    settings_.scenarios = config.size != 0 ? config.size : (config.tour ? kTourSize : kFullSize);
  }

  std::string input() const override {
    std::string text = origin_ + ", " + std::to_string(series_.assets()) + " assets, " +
                       std::to_string(series_.days()) + " days, " +
                       std::to_string(settings_.scenarios) + " scenarios";
    if (series_.skipped_rows != 0) {
      text += ", " + std::to_string(series_.skipped_rows) + " rows with gaps skipped";
    }
    return text;
  }

  std::string stand_in() const override { return stand_in_; }

  WorkloadResult run(Progress& progress) override {
    progress.set_total(risk_work(settings_));
    return result_of(
        risk_analysis<PelLoops>(model_, settings_, [&](std::uint64_t n) { progress.add(n); }));
  }
  WorkloadResult run_plain() override {
    return result_of(risk_analysis<PlainLoops>(model_, settings_, [](std::uint64_t) {}));
  }

  WorkloadCheck check(const WorkloadResult& result) override {
    WorkloadCheck check{"closed forms (Black-Scholes ...), a binomial tree", true, {}};
    const auto findings = judge_report(read_report(result.bytes), series_, weights_);
    double worst = 0;
    for (const RiskFinding& finding : findings) {
      worst = std::max(worst, std::abs(finding.reported - finding.expected) / finding.allowed);
      if (finding.passed()) continue;
      if (check.passed) {
        check.detail = finding.measure + " is " + std::to_string(finding.reported) + ", expected " +
                       std::to_string(finding.expected) + " +- " + std::to_string(finding.allowed);
      }
      check.passed = false;
    }
    if (check.passed) {
      check.detail = std::to_string(findings.size()) + " figures within " + percent(worst) +
                     " of what is allowed";
    }
    return check;
  }

  std::string html(const WorkloadResult& result) const override {
    return report_svg(read_report(result.bytes));
  }

 private:
  WorkloadResult result_of(const RiskReport& report) const {
    return {write_report(report), "ten-day VaR 99 % " + percent(report.at("full", "var 99").value) +
                                      ", shortfall " +
                                      percent(report.at("full", "shortfall 99").value) +
                                      "; six options on " + model_.subject};
  }

  void read_prices(const std::filesystem::path& file, const std::string& origin) {
    origin_ = origin;
    series_ = parse_prices(base::read_text(file, kMaxFileBytes), file.string());
  }
  void read_default() {
    if (const auto file = find_dow_prices()) {
      read_prices(*file, "30 stocks of the Dow Jones (Debian's r-cran-fbasics)");
      return;
    }
    stand_in_ = "generated";
    origin_ = "generated prices (real ones not found)";
    series_ = parse_prices(generated_prices(), origin_);
  }

  std::string origin_, stand_in_;
  PriceSeries series_;
  std::vector<double> weights_;
  RiskModel model_;
  RiskSettings settings_;
};

const bool registered = register_workload({
    .name = "risk",
    .summary = "value at risk of a portfolio and options on it, by Monte Carlo",
    .reads = "CSV of prices (date,NAME,...), then CSV of weights (name,weight)",
    .writes = "CSV",
    .extension = "csv",
    .size_unit = "scenarios",
    .tour_size = kTourSize,
    .full_size = kFullSize,
    .max_size = kMaxSize,
    .make = [] { return std::unique_ptr<Workload>(std::make_unique<Risk>()); },
});

}  // namespace
}  // namespace pel::apps
