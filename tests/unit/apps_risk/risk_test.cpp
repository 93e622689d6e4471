// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/risk.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "apps/risk/check.hpp"
#include "pel/error.hpp"
#include "pel/workload.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/workload.hpp"

namespace pel::apps {
namespace {

std::unique_ptr<Workload> risk(std::uint64_t size, std::uint64_t seed = 1) {
  return test::loaded_workload("risk", size, seed);
}

// On the generated prices, so that the tests need no data.
class Risk : public testing::Test {
 protected:
  Risk() { setenv("PEL_RISK_DATA", "/nonexistent", 1); }
};

TEST_F(Risk, ReadsTheRealPricesWhereTheyAreAndSaysWhenTheyAreNot) {
  const test::ScratchFolder folder;
  std::ofstream(folder.path("dow30.csv")) << generated_prices();
  setenv("PEL_RISK_DATA", folder.path().c_str(), 1);
  const auto real = risk(100);
  EXPECT_TRUE(real->input().starts_with("30 stocks of the Dow Jones")) << real->input();
  EXPECT_EQ(real->stand_in(), "");
  setenv("PEL_RISK_DATA", "/nonexistent", 1);
  const auto other = risk(100);
  EXPECT_TRUE(other->input().starts_with("generated prices (real ones not found)"));
  EXPECT_EQ(other->stand_in(), "generated");
  EXPECT_EQ(other->run_plain().bytes, real->run_plain().bytes);
}

TEST_F(Risk, SameBytesForAnyNumberOfWorkers) {
  const auto workload = risk(20'000);
  const auto plain = workload->run_plain().bytes;
  for (const int workers : {0, 1, 2, 3, 8}) {
    EXPECT_EQ(test::bytes_with(*workload, workers), plain) << workers << " workers";
  }
}

TEST_F(Risk, SeedAndSizeMoveTheBytes) {
  const auto bytes = risk(2000)->run_plain().bytes;
  EXPECT_NE(risk(2000, 2)->run_plain().bytes, bytes);
  EXPECT_NE(risk(2001)->run_plain().bytes, bytes);
}

TEST_F(Risk, EveryTinySizeRuns) {
  for (const std::uint64_t size : {1, 2, 3, 15, 16, 17, 63, 64, 65, 500}) {
    const auto workload = risk(size);
    EXPECT_EQ(test::bytes_with(*workload, 2), workload->run_plain().bytes) << size;
    EXPECT_NE(workload->html(workload->run_plain()).find("<svg"), std::string::npos);
  }
}

TEST_F(Risk, AgreesWithClosedForms) {
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    const auto workload = risk(60'000, seed);
    const auto check = workload->check(workload->run_plain());
    EXPECT_TRUE(check.passed) << check.detail;
  }
}

TEST_F(Risk, TheCheckFailsOnAnyFigureThatIsOff) {
  const auto workload = risk(60'000);
  const auto report = read_report(workload->run_plain().bytes);
  const auto series = parse_prices(generated_prices(), "generated");
  const std::vector<double> weights(series.assets(), 1.0 / double(series.assets()));
  std::size_t judged = 0;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const RiskRow& row = report.rows[i];
    if (row.section == "parameter" || row.section == "histogram" || row.section == "full") continue;
    if (row.section == "historical" && row.measure.starts_with("short")) continue;
    RiskReport wrong = report;
    wrong.rows[i].value *= row.section == "student" ? 1.15 : 1.05;
    const auto findings = judge_report(wrong, series, weights);
    EXPECT_FALSE(std::all_of(findings.begin(), findings.end(),
                             [](const RiskFinding& finding) { return finding.passed(); }))
        << row.section << " " << row.measure;
    ++judged;
  }
  EXPECT_EQ(judged, 16u);
}

TEST_F(Risk, ReportReadsBackToTheSameBits) {
  const auto bytes = risk(3000)->run_plain().bytes;
  EXPECT_EQ(write_report(read_report(bytes)), bytes);
  const std::string bad = "section,measure,value,standard_error\na,b,c\n";
  EXPECT_THROW(read_report(std::vector<std::uint8_t>(bad.begin(), bad.end())), Error);
}

}  // namespace
}  // namespace pel::apps
