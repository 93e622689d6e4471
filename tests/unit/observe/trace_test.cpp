// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/observe.hpp"
#include "tests/support/scratch_folder.hpp"

namespace {

class TraceFile : public ::testing::Test {
 protected:
  std::string path() const { return folder_.path("trace.json"); }
  nlohmann::json read() const { return nlohmann::json::parse(pel::base::read_text(path())); }
  const pel::test::ScratchFolder folder_;
};

// Every event is of a known shape; spans of one thread nest or are apart.
void expect_well_formed(const nlohmann::json& trace) {
  std::map<int, std::vector<std::pair<double, double>>> open;
  for (const auto& event : trace.at("traceEvents")) {
    ASSERT_TRUE(event.at("pid").is_number_integer());
    ASSERT_TRUE(event.at("tid").is_number_integer());
    if (event.at("ph") == "M") {
      ASSERT_TRUE(event.at("args").at("name").is_string());
      continue;
    }
    ASSERT_EQ(event.at("ph"), "X");
    const double begin = event.at("ts"), end = begin + event.at("dur").get<double>();
    ASSERT_GE(begin, 0);
    auto& stack = open[event.at("tid")];
    while (!stack.empty() && stack.back().second <= begin) stack.pop_back();
    const double bound = stack.empty() ? end : stack.back().second + 0.002;
    ASSERT_LE(end, bound) << event.dump();
    stack.emplace_back(begin, end);
  }
}

std::size_t count(const nlohmann::json& trace, const std::string& name) {
  std::size_t n = 0;
  for (const auto& event : trace.at("traceEvents")) {
    n += event.at("ph") == "X" && event.at("name") == name;
  }
  return n;
}

double some_work(std::vector<double>& data) {
  pel::for_each(data.size(), [&](std::size_t i) { data[i] = static_cast<double>(i % 97); });
  return pel::reduce(data, 0.0, std::plus<>());
}

TEST_F(TraceFile, HasLoopsSpansAndTheirPlaces) {
  std::vector<double> data(100000);
  pel::Executor executor({.workers = 4});
  pel::Trace trace(path());
  executor.run([&] {
    const pel::Span span("whole");
    for (int i = 0; i < 5; ++i) some_work(data);
  });
  trace.stop();
  const nlohmann::json json = read();
  expect_well_formed(json);
  EXPECT_EQ(count(json, "for_each"), 5u);
  EXPECT_EQ(count(json, "reduce"), 5u);
  EXPECT_EQ(count(json, "whole"), 1u);
  for (const auto& event : json["traceEvents"]) {
    if (event["name"] != "for_each") continue;
    EXPECT_TRUE(std::string(event["args"]["file"]).ends_with("trace_test.cpp"));
    EXPECT_GT(event["args"]["line"], 50);
    EXPECT_EQ(event["args"]["size"], 100000);
  }
}

TEST_F(TraceFile, TasksHaveTheLineThatMadeThem) {
  pel::Executor executor({.workers = 2});
  pel::Trace trace(path());
  const int line = __LINE__;
  executor.run([] {
    pel::TaskGroup group;
    group.run([] {});
    group.wait();
    pel::spawn([] { return 1; }).then([](int x) { return x; }).get();
  });
  trace.stop();
  const nlohmann::json json = read();
  std::multiset<int> lines;
  for (const auto& event : json["traceEvents"]) {
    if (event["name"] != "task") continue;
    EXPECT_TRUE(std::string(event["args"]["file"]).ends_with("trace_test.cpp"));
    lines.insert(static_cast<int>(event["args"]["line"]) - line);
  }
  EXPECT_EQ(lines, (std::multiset<int>{3, 5, 5}));
}

TEST_F(TraceFile, DoesNotChangeResults) {
  std::vector<double> data(100000);
  const double without = some_work(data);
  pel::Trace trace(path());
  EXPECT_EQ(some_work(data), without);
  trace.stop();
}

TEST_F(TraceFile, HasStealsOfManyWorkers) {
  pel::Executor executor({.workers = 4, .oversubscribe = true});
  pel::Trace trace(path());
  std::vector<double> data(1 << 16);
  std::size_t rounds = 0;
  executor.run([&] {
    // On a busy machine it may take a while until another thread comes to run.
    for (; rounds < 30 || (executor.counters().steals == 0 && rounds < 20'000); ++rounds) {
      pel::for_each(data.size(), [&](std::size_t i) {
        double x = static_cast<double>(i);
        for (int k = 0; k < 50; ++k) x = x * 0.5 + 1;
        data[i] = x;
      });
    }
  });
  trace.stop();
  const nlohmann::json json = read();
  expect_well_formed(json);
  EXPECT_EQ(count(json, "for_each"), rounds);
  EXPECT_GT(count(json, "steal"), 0u);
}

TEST_F(TraceFile, FailedLoopsAreMarked) {
  pel::Trace trace(path());
  EXPECT_THROW(pel::for_each(std::size_t{10},
                             [](std::size_t i) {
                               if (i == 3) throw std::runtime_error("three");
                             }),
               std::runtime_error);
  trace.stop();
  const nlohmann::json json = read();
  ASSERT_EQ(count(json, "for_each"), 1u);
  for (const auto& event : json["traceEvents"]) {
    const bool loop = event["name"] == "for_each";
    EXPECT_TRUE(!loop || event["args"]["failed"] == true) << event.dump();
  }
}

TEST_F(TraceFile, GrowsToItsBoundOnly) {
  pel::Trace trace(path(), {.max_events = 50});
  for (int i = 0; i < 200; ++i) const pel::Span span("step");
  trace.stop();
  const nlohmann::json json = read();
  EXPECT_EQ(count(json, "step"), 50u);
  EXPECT_EQ(json["otherData"]["lost_spans"], 150);
}

TEST_F(TraceFile, NothingIsRecordedBeforeAndAfter) {
  { const pel::Span span("before"); }
  pel::Trace trace(path());
  auto open = std::make_unique<pel::Span>("still open");
  trace.stop();
  open.reset();
  { const pel::Span span("after"); }
  const nlohmann::json json = read();
  EXPECT_EQ(json["traceEvents"].size(), 2u);  // the names of process and thread
}

TEST_F(TraceFile, MisuseAndUnwritableFilesAreErrors) {
  pel::Trace trace("/nowhere/at/all.json");
  EXPECT_THROW(pel::Trace second(path()), pel::Error);
  EXPECT_THROW(trace.stop(), pel::Error);
  EXPECT_THROW(trace.stop(), pel::Error);
  pel::Trace next(path());  // the failed one is over
  next.stop();
}

TEST_F(TraceFile, DroppedTraceLeavesNoFile) {
  { pel::Trace trace(path()); }
  EXPECT_FALSE(std::filesystem::exists(path()));
  pel::Trace next(path());
  next.stop();
  EXPECT_TRUE(std::filesystem::exists(path()));
}

}  // namespace
