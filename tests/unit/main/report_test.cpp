// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/verify_report.hpp"

#include <gtest/gtest.h>

namespace {

using pel::runtime::compare_reports;
using pel::runtime::VerifyFinding;
using pel::runtime::VerifyPlan;
using pel::runtime::VerifyReport;
using pel::runtime::VerifySite;
using Kind = VerifyFinding::Kind;

const VerifySite kSum{"a.cpp", 10, 3, "reduce"};
const VerifySite kSort{"b c.cpp", 20, 5, "sort"};

VerifyReport report(std::vector<VerifySite> sites,
                    std::vector<pel::runtime::VerifyRecord> records) {
  VerifyReport made;
  made.sites = std::move(sites);
  made.sums.resize(made.sites.size());
  for (const auto& record : records) {
    ++made.sums[record.site].calls;
    made.sums[record.site].digest += record.digest;
  }
  made.records = std::move(records);
  made.output_digest = "00";
  return made;
}

TEST(VerifyReport, SurvivesTheTrip) {
  VerifyReport made = report({kSum, kSort}, {{0, 100, 7}, {1, 5, UINT64_MAX}});
  made.error = "place: two\nlines ";
  made.seconds = 1.25;
  const VerifyReport back = VerifyReport::decode(made.encode());
  EXPECT_EQ(back.sites, made.sites);
  EXPECT_EQ(back.sums, made.sums);
  EXPECT_EQ(back.records, made.records);
  EXPECT_EQ(back.error, made.error);
  EXPECT_EQ(back.output_digest, made.output_digest);
  EXPECT_EQ(back.seconds, made.seconds);
}

TEST(VerifyPlan, SurvivesTheTrip) {
  VerifyPlan plan;
  plan.workers = 3;
  plan.schedule = {pel::Schedule::Kind::kDelayed, 99};
  plan.limited = true;
  plan.parallel = {kSum, kSort};
  const VerifyPlan back = VerifyPlan::decode(plan.encode());
  EXPECT_EQ(back.words(), "3 workers, delayed");
  EXPECT_EQ(back.schedule.seed, 99u);
  EXPECT_TRUE(back.limited);
  EXPECT_EQ(back.parallel, plan.parallel);
}

TEST(Compare, SitesAndCallsMayComeInAnyOrder) {
  const VerifyReport serial = report({kSum, kSort}, {{0, 1, 7}, {0, 1, 8}, {1, 2, 9}});
  const VerifyReport other = report({kSort, kSum}, {{0, 2, 9}, {1, 1, 8}, {1, 1, 7}});
  EXPECT_FALSE(compare_reports(serial, other));
}

TEST(Compare, FindsTheFirstMovedCall) {
  const VerifyReport serial = report({kSum, kSort}, {{0, 1, 7}, {1, 2, 9}, {0, 1, 8}});
  const VerifyReport other = report({kSum, kSort}, {{0, 1, 7}, {1, 2, 9}, {0, 1, 6}});
  const auto finding = compare_reports(serial, other);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->kind, Kind::kRecord);
  EXPECT_EQ(finding->site, kSum);
  EXPECT_EQ(finding->call, 2u);
  EXPECT_EQ(finding->after, kSort);
  EXPECT_EQ(finding->words, "reduce at a.cpp:10 (call 2 of 2)");
}

TEST(Compare, CountsCalls) {
  const VerifyReport serial = report({kSum}, {{0, 1, 7}});
  const auto more = compare_reports(serial, report({kSum}, {{0, 1, 7}, {0, 1, 7}}));
  ASSERT_TRUE(more);
  EXPECT_EQ(more->kind, Kind::kCalls);
  EXPECT_EQ(more->words, "reduce at a.cpp:10 (1 calls serially, 2 here)");
  const auto fresh = compare_reports(serial, report({kSum, kSort}, {{0, 1, 7}, {1, 1, 7}}));
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->site, kSort);
}

TEST(Compare, OutputAndErrors) {
  const VerifyReport serial = report({kSum}, {{0, 1, 7}});
  VerifyReport other = serial;
  other.output_digest = "01";
  EXPECT_EQ(compare_reports(serial, other)->kind, Kind::kOutput);
  other = serial;
  other.error = "boom";
  EXPECT_EQ(compare_reports(serial, other)->kind, Kind::kError);
  // After the same error, how far other calls came is no matter.
  VerifyReport failed = other;
  failed.records.clear();
  failed.sums[0] = {};
  EXPECT_FALSE(compare_reports(other, failed));
}

TEST(Compare, IncompleteRecordsFallBackToSums) {
  VerifyReport serial = report({kSum}, {{0, 1, 7}, {0, 1, 8}});
  VerifyReport other = report({kSum}, {{0, 1, 8}, {0, 1, 7}});
  serial.records.pop_back();
  other.records.pop_back();
  EXPECT_FALSE(compare_reports(serial, other));
  other.sums[0].digest = 0;
  EXPECT_EQ(compare_reports(serial, other)->kind, Kind::kCalls);
}

}  // namespace
