// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/observe.hpp"

namespace {

struct Exposition {
  std::map<std::string, std::string> type;  // of each family
  std::map<std::string, double> samples;    // by name and labels as written
};

// The text format of Prometheus, strictly: HELP and TYPE before the samples of a family, families
// in one piece, no series twice, names and escapes as the format says.
Exposition parse(const std::string& text) {
  static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\\n]|\\\\|\\n)*)");
  static const std::regex type(
      R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped))");
  static const std::regex sample(
      R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\\\|\\"|\\n)*"\})? )"
      R"(([0-9.eE+-]+|NaN|[+-]Inf))");
  Exposition result;
  EXPECT_TRUE(text.ends_with('\n'));
  std::istringstream lines(text);
  std::string line, family, announced;
  std::set<std::string> closed;
  std::smatch match;
  while (std::getline(lines, line)) {
    if (std::regex_match(line, match, help)) {
      announced = match[1];
      EXPECT_TRUE(closed.insert(announced).second) << "family twice: " << line;
    } else if (std::regex_match(line, match, type)) {
      family = match[1];
      EXPECT_EQ(family, announced) << line;
      result.type[family] = match[2];
    } else if (std::regex_match(line, match, sample)) {
      EXPECT_EQ(match[1], family) << line;
      const std::string series = match[1].str() + match[2].str();
      EXPECT_TRUE(result.samples.emplace(series, std::stod(match[4])).second) << line;
      EXPECT_TRUE(result.type[family] != "counter" || family.ends_with("_total")) << line;
    } else {
      ADD_FAILURE() << "not in the format: " << line;
    }
  }
  return result;
}

TEST(Metrics, FollowTheTextFormat) {
  const pel::Executor executor({.workers = 3});
  Exposition metrics = parse(pel::metrics_text(executor));
  EXPECT_EQ(metrics.samples.at("pel_workers"), 3);
  EXPECT_EQ(metrics.type.at("pel_steals_total"), "counter");
  EXPECT_GT(metrics.samples.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GE(metrics.samples.at("pel_usable_cores"), 1);
  EXPECT_FALSE(parse(pel::metrics_text()).samples.empty());
}

TEST(Metrics, CountersAddUpToTheExecutors) {
  pel::Executor executor({.workers = 4, .oversubscribe = true});
  std::vector<double> data(1 << 18);
  for (int round = 0; round < 20; ++round) {
    executor.run([&] {
      pel::for_each(data.size(), [&](std::size_t i) { data[i] = static_cast<double>(i) * 0.5; });
    });
  }
  Exposition metrics = parse(pel::metrics_text(executor));
  const pel::Counters counters = executor.counters();
  double steals = 0;
  for (const auto& [series, value] : metrics.samples) {
    if (series.starts_with("pel_steals_total{")) steals += value;
  }
  EXPECT_LE(steals, static_cast<double>(counters.steals));
}

TEST(Metrics, ShowLabelledProgress) {
  pel::Progress progress("a \"quoted\" \\ label\nof two lines");
  pel::Progress silent;
  progress.set_total(10);
  progress.add(4);
  const std::string series = R"({work="a \"quoted\" \\ label\nof two lines"})";
  {
    const pel::Progress twin(progress.label());
    const Exposition metrics = parse(pel::metrics_text());
    EXPECT_EQ(metrics.samples.at("pel_progress_done" + series), 4);
    EXPECT_EQ(metrics.samples.at("pel_progress_expected" + series), 10);
  }
  EXPECT_EQ(parse(pel::metrics_text()).samples.count("pel_progress_done" + series), 1u);
}

}  // namespace
