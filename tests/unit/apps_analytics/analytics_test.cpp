// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/analytics.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "apps/analytics/exchange.hpp"
#include "apps/analytics/sqlite.hpp"
#include "apps/plain_loops.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/workload.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/workload.hpp"

namespace pel::apps::analytics {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Workload> make_analytics(const WorkloadConfig& config) {
  return test::loaded_workload("analytics", config);
}
std::string reports(std::uint64_t rows, std::uint64_t seed) {
  const Tables tables = make_tables<PlainLoops>(rows, seed);
  return format_reports(make_reports<PlainLoops>(tables, [](std::uint64_t) {}));
}

TEST(Tables, LookLikeTpch) {
  const Tables t = make_tables<PlainLoops>(50'000, 1);
  ASSERT_EQ(t.items.size(), 50'000u);
  EXPECT_NEAR(static_cast<double>(t.orders.size()), 12'500, 400);
  EXPECT_EQ(t.customers.size(), 1'250u);
  EXPECT_TRUE(std::is_sorted(t.orders.key.begin(), t.orders.key.end()));
  for (const std::uint32_t customer : t.orders.customer) {
    ASSERT_GE(customer, 1u);
    ASSERT_LE(customer, 1'250u);
    ASSERT_NE(customer % 3, 0u);
  }
  for (std::size_t i = 0; i < t.items.size(); ++i) {
    ASSERT_GE(t.items.quantity[i], 1);
    ASSERT_LE(t.items.quantity[i], 50);
    ASSERT_LE(t.items.discount[i], 10);
    ASSERT_LE(t.items.ship_date[i], day_of(1998, 12, 31));
    ASSERT_EQ(t.items.status[i] == 'O', t.items.ship_date[i] > day_of(1995, 6, 17));
    ASSERT_TRUE(t.items.status[i] == 'F' || t.items.flag[i] == 'N');
  }
}

TEST(Tables, SameForAnyWorkers) {
  const Tables plain = make_tables<PlainLoops>(70'000, 4);
  Executor executor({.workers = 3});
  const Tables other = executor.run([] { return make_tables<PelLoops>(70'000, 4); });
  EXPECT_EQ(other.items.price, plain.items.price);
  EXPECT_EQ(other.items.order, plain.items.order);
  EXPECT_EQ(other.items.ship_date, plain.items.ship_date);
  EXPECT_EQ(other.orders.customer, plain.orders.customer);
  EXPECT_EQ(other.customers.nation, plain.customers.nation);
}

TEST(Dates, RoundTrip) {
  EXPECT_EQ(date_text(day_of(1992, 1, 1)), "1992-01-01");
  EXPECT_EQ(date_text(day_of(1996, 2, 29)), "1996-02-29");
  EXPECT_EQ(date_text(day_of(1998, 12, 31)), "1998-12-31");
  for (std::uint16_t day = 0; day + 1 < day_of(1999, 1, 1); ++day) {
    ASSERT_LT(date_text(day), date_text(static_cast<std::uint16_t>(day + 1)));
  }
}

TEST(Exchange, TablesComeBackAsTheyWere) {
  const Tables made = make_tables<PlainLoops>(5'000, 3);
  const TableTexts texts = write_tables<PlainLoops>(made);
  EXPECT_EQ(texts.items.substr(0, texts.items.find('\n')),
            "order,part,quantity,price,discount,flag,status,shipped,received,mode");
  std::uint64_t bytes = 0;
  const Tables read = read_tables<PlainLoops>(texts, [&](std::uint64_t n) { bytes += n; });
  EXPECT_EQ(bytes, texts.bytes());
  EXPECT_EQ(read.customers.segment, made.customers.segment);
  EXPECT_EQ(read.customers.nation, made.customers.nation);
  EXPECT_EQ(read.orders.key, made.orders.key);
  EXPECT_EQ(read.orders.customer, made.orders.customer);
  EXPECT_EQ(read.orders.date, made.orders.date);
  EXPECT_EQ(read.items.order, made.items.order);
  EXPECT_EQ(read.items.part, made.items.part);
  EXPECT_EQ(read.items.price, made.items.price);
  EXPECT_EQ(read.items.ship_date, made.items.ship_date);
  EXPECT_EQ(read.items.receipt_date, made.items.receipt_date);
  EXPECT_EQ(read.items.quantity, made.items.quantity);
  EXPECT_EQ(read.items.discount, made.items.discount);
  EXPECT_EQ(read.items.mode, made.items.mode);
  EXPECT_EQ(read.items.flag, made.items.flag);
  EXPECT_EQ(read.items.status, made.items.status);
}

TEST(Exchange, DatesAreChecked) {
  Column column;
  column.name = "shipped";
  EXPECT_EQ(detail::day_of_date(column, 19920101), 0);
  EXPECT_EQ(detail::day_of_date(column, 19960229), day_of(1996, 2, 29));
  for (const std::int64_t bad : {0, 19950229, 19951301, 19950100, 19950431, 20000101, -19950101}) {
    EXPECT_THROW(detail::day_of_date(column, bad), Error) << bad;
  }
}

TEST(FixedPoint, SignsAndZeros) {
  EXPECT_EQ(fixed_point(0, 2), "0.00");
  EXPECT_EQ(fixed_point(-5, 2), "-0.05");
  EXPECT_EQ(fixed_point(123, 0), "123");
  EXPECT_EQ(fixed_point(-12345, 4), "-1.2345");
  EXPECT_EQ(fixed_point(std::numeric_limits<std::int64_t>::min(), 0), "-9223372036854775808");
  EXPECT_EQ(csv_field("a\"b"), "\"a\"\"b\"");
}

TEST(Reports, EqualSqlite) {
  for (const std::uint64_t rows : {1, 7, 500, 200'000}) {
    EXPECT_EQ(reports(rows, 2), sqlite_reports(make_tables<PlainLoops>(rows, 2))) << rows;
  }
}

TEST(Reports, AnotherSeedOrSizeMovesTheBytes) {
  EXPECT_EQ(reports(3'000, 1), reports(3'000, 1));
  EXPECT_NE(reports(3'000, 1), reports(3'000, 2));
  EXPECT_NE(reports(3'000, 1), reports(3'001, 1));
}

TEST(AnalyticsWorkload, SameBytesForAnyWorkers) {
  WorkloadConfig config;
  config.size = 300'000;
  const auto analytics = make_analytics(config);
  const auto plain = analytics->run_plain();
  for (const int workers : {0, 1, 2, 3, 8}) {
    EXPECT_EQ(test::bytes_with(*analytics, workers), plain.bytes) << workers;
  }
  EXPECT_TRUE(analytics->html(plain).starts_with("<svg"));
}

TEST(AnalyticsWorkload, CheckSeesAWrongDigit) {
  WorkloadConfig config;
  config.size = 2'000;
  const auto analytics = make_analytics(config);
  auto result = analytics->run_plain();
  EXPECT_TRUE(analytics->check(result).passed);
  auto& digit = result.bytes[result.bytes.size() - 2];
  digit = static_cast<std::uint8_t>(digit == '9' ? '0' : digit + 1);
  const auto check = analytics->check(result);
  EXPECT_FALSE(check.passed);
  EXPECT_NE(check.detail.find("but SQLite"), std::string::npos);
}

TEST(AnalyticsWorkload, TheUsersFile) {
  const test::ScratchFolder scratch;
  const fs::path file = scratch.path("sales.csv");
  std::ofstream(file) << "city,sales\nRome,3\nOslo,9\nRome,1\n";
  WorkloadConfig config;
  config.files = {file, "top=1"};
  const auto analytics = make_analytics(config);
  const auto result = analytics->run_plain();
  EXPECT_EQ(std::string(result.bytes.begin(), result.bytes.end()),
            "city,rows,sum_sales,min_sales,max_sales,average_sales\nOslo,1,9,9,9,9.00\n");
  EXPECT_TRUE(analytics->check(result).passed);
  EXPECT_TRUE(analytics->html(result).starts_with("<svg"));
  config.files = {"top=1"};
  EXPECT_THROW(make_analytics(config), Error);
  config.files = {file, file, file};
  EXPECT_THROW(make_analytics(config), Error);
}

}  // namespace
}  // namespace pel::apps::analytics
