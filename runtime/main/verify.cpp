// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/verify.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace pel::runtime {
namespace {

using Kind = Schedule::Kind;

// A race shows in some runs only. While the culprit is looked for, so many different schedules are
// tried before bits are taken not to move: as many as fit into the time, within these bounds.
constexpr int kLeastTries = 4;
constexpr int kMostTries = 6;
constexpr double kTriesSeconds = 20;

class Verifier {
 public:
  Verifier(const VerifySetting& setting, int workers, std::uint64_t seed)
      : setting_(setting), plans_(verify_plans(workers, seed)) {}

  Verdict run() {
    serial_ = make(VerifyPlan{}, "serially");
    verdict_.serial_seconds = serial_.seconds;
    verdict_.output_digest = serial_.output_digest;
    // A wrong program may hang: nothing gets more than this.
    limit_s_ = 60 + 30 * serial_.seconds;
    if (const auto moved = differs(VerifyPlan{}, "serially again")) {
      return different("two runs without any thread differ in " + moved->words +
                       ": the program reads a clock, an address, or memory that nobody wrote");
    }
    for (const VerifyPlan& plan : plans_) {
      if (const auto moved = differs(plan, plan.words())) {
        return different(moved->words + ": " + what_moved(*moved) + " with " + plan.words() +
                         cause(plan, *moved));
      }
    }
    verdict_.equal = true;
    return verdict_;
  }

 private:
  VerifyReport make(const VerifyPlan& plan, const std::string& words) {
    VerifyReport report = setting_.run(plan, limit_s_);
    ++verdict_.runs;
    if (!words.empty()) {
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%8.2f s", report.seconds);
      setting_.say("verify: " + std::string(seconds) + "  " + words);
    }
    return report;
  }

  // A schedule that waits at every fork may take for ever on a program of many small forks: that
  // says nothing about its bits. In its own time a program has to end.
  std::optional<VerifyFinding> differs(const VerifyPlan& plan, const std::string& words) {
    const VerifyReport report = make(plan, words);
    if (report.late && plan.schedule.kind != Kind::kNormal) {
      setting_.say("verify: stopped: too slow to compare");
      return {};
    }
    return compare_reports(serial_, report);
  }

  Verdict different(const std::string& finding) {
    verdict_.finding = finding;
    return verdict_;
  }

  static std::string what_moved(const VerifyFinding& moved) {
    switch (moved.kind) {
      case VerifyFinding::Kind::kRecord:
        return "its bits moved";
      case VerifyFinding::Kind::kCalls:
        return "its calls changed";
      case VerifyFinding::Kind::kError:
        return "another outcome";
      case VerifyFinding::Kind::kOutput:
        return "its bits moved";
    }
    return {};
  }

  // The loops that the serial run reached before the difference, in its order.
  std::vector<VerifySite> candidates(const VerifyFinding& moved) const {
    std::vector<VerifySite> sites;
    std::vector<bool> seen(serial_.sites.size());
    for (const VerifyRecord& record : serial_.records) {
      const VerifySite& site = serial_.sites[record.site];
      if (!seen[record.site] && site.is_loop()) sites.push_back(site);
      seen[record.site] = true;
      if (moved.kind == VerifyFinding::Kind::kRecord && site == moved.site) break;
    }
    return sites;
  }

  bool moves_with_first(std::size_t count, const std::vector<VerifySite>& sites, VerifyPlan plan) {
    plan.limited = true;
    plan.parallel.assign(sites.begin(), sites.begin() + static_cast<std::ptrdiff_t>(count));
    const Kind kinds[] = {Kind::kReversed, Kind::kShuffled, plan.schedule.kind};
    const double fit = kTriesSeconds / std::max(serial_.seconds, 1e-3);
    const int tries = std::clamp(static_cast<int>(std::min(fit, 1e6)), kLeastTries, kMostTries);
    for (int i = 0; i < tries; ++i) {
      if (differs(plan, {})) return true;
      plan.schedule = {kinds[i % 3], plan.schedule.seed + 1};
      plan.workers = 2 + i % 3;
    }
    return false;
  }

  static std::string task_cause(const VerifyFinding& moved) {
    return "; cause: a task (invoke, TaskGroup, spawn)" +
           (moved.after ? " after " + moved.after->words() : std::string()) +
           ", for with all loops serial the bits still move; pel::watch narrows it down";
  }

  // Bisects to the first call site that has to be parallel for the bits to move.
  std::string cause(const VerifyPlan& plan, const VerifyFinding& moved) {
    const std::vector<VerifySite> sites = candidates(moved);
    setting_.say("verify: looking for the cause among " + std::to_string(sites.size()) + " loops");
    if (moves_with_first(0, sites, plan)) return task_cause(moved);
    if (!moves_with_first(sites.size(), sites, plan)) {
      return "; it shows too rarely to be located: -fsanitize=thread may find it";
    }
    std::size_t equal = 0, moving = sites.size();
    while (moving - equal > 1) {
      const std::size_t middle = equal + (moving - equal) / 2;
      (moves_with_first(middle, sites, plan) ? moving : equal) = middle;
    }
    return "; cause: " + sites[moving - 1].words() +
           ", equal when it runs serially, moved when it runs in parallel";
  }

  const VerifySetting& setting_;
  std::vector<VerifyPlan> plans_;
  VerifyReport serial_;
  Verdict verdict_;
  double limit_s_ = 1e9;
};

}  // namespace

std::vector<VerifyPlan> verify_plans(int workers, std::uint64_t seed) {
  const int twice = 2 * std::max(workers, 1);
  const std::vector<std::pair<int, Kind>> all = {
      {1, Kind::kReversed}, {2, Kind::kNormal},     {2, Kind::kReversed},    {2, Kind::kDelayed},
      {3, Kind::kShuffled}, {twice, Kind::kNormal}, {twice, Kind::kShuffled}};
  std::vector<VerifyPlan> plans;
  for (const auto& [count, kind] : all) {
    VerifyPlan plan;
    plan.workers = count;
    plan.schedule = {kind, seed + plans.size()};
    plans.push_back(plan);
  }
  return plans;
}

Verdict verify(const VerifySetting& setting, int workers, std::uint64_t seed) {
  return Verifier(setting, workers, seed).run();
}

}  // namespace pel::runtime
