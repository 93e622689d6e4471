// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/query.hpp"

#include <gtest/gtest.h>

#include "apps/analytics/sqlite.hpp"
#include "apps/plain_loops.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/random.hpp"

namespace pel::apps::analytics {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string answer(const Plan& plan) {
  return format_groups(plan, run_query<PlainLoops>(plan, [](std::uint64_t) {}));
}

constexpr const char* kSales =
    "region,product,amount,price\nnorth,pen,3,1.50\nsouth,ink,5,2.00\nnorth,ink,,2.25\n"
    "east,pen,-4,1.50\n\"so,uth\",nib,7,\nsouth,pen,2,1.25\n";
constexpr const char* kProducts = "product,maker,weight\npen,Ada,10\nink,Bo,250\nink,Cy,300\n";

TEST(Query, DefaultsByHand) {
  const Table sales = parse_csv<PlainLoops>(kSales, "sales.csv");
  EXPECT_EQ(answer(make_plan({}, sales, nullptr)),
            "region,rows,sum_amount,min_amount,max_amount,average_amount,"
            "sum_price,min_price,max_price,average_price\n"
            "\"so,uth\",1,7,7,7,7.00,,,,\n"
            "south,2,7,2,5,3.50,3.25,1.25,2.00,1.6250\n"
            "north,2,3,3,3,3.00,3.75,1.50,2.25,1.8750\n"
            "east,1,-4,-4,-4,-4.00,1.50,1.50,1.50,1.5000\n");
}

TEST(Query, SettingsByHand) {
  const Table sales = parse_csv<PlainLoops>(kSales, "sales.csv");
  const Settings settings = read_settings({{"where", "price>=1.5"},
                                           {"where", "product!=nib"},
                                           {"group", "product"},
                                           {"sum", "amount"},
                                           {"sort", "rows"},
                                           {"top", "1"}});
  EXPECT_EQ(answer(make_plan(settings, sales, nullptr)),
            "product,rows,sum_amount,min_amount,max_amount,average_amount\nink,2,5,5,5,5.00\n");
}

TEST(Query, JoinRepeatsRowsPerPartner) {
  const Table sales = parse_csv<PlainLoops>(kSales, "sales.csv");
  const Table products = parse_csv<PlainLoops>(kProducts, "products.csv");
  const Settings settings = read_settings({{"group", "maker"}, {"sum", "amount,weight"}});
  EXPECT_EQ(answer(make_plan(settings, sales, &products)),
            "maker,rows,sum_amount,min_amount,max_amount,average_amount,"
            "sum_weight,min_weight,max_weight,average_weight\n"
            "Bo,2,5,5,5,5.00,500,250,250,250.00\n"
            "Cy,2,5,5,5,5.00,600,300,300,300.00\n"
            "Ada,3,1,-4,3,0.33,30,10,10,10.00\n");
}

// Random tables, many settings: SQLite and every worker count agree to the byte.
TEST(Query, EqualsSqlite) {
  const Philox random(3);
  std::uint64_t draw = 0;
  std::string left = "key,word,small,money\n", right = "key,label,factor\n";
  const auto put = [&](std::string& text, const char* before, std::uint64_t below) {
    text += before;
    text += std::to_string(random.below(draw++, below));
  };
  for (int i = 0; i < 5'000; ++i) {
    put(left, "", 300);
    put(left, ",w", 40);
    if (i % 10 == 3) {
      left += ',';  // missing
    } else {
      put(left, ",", 9);
    }
    put(left, i % 3 == 0 ? ",-" : ",", 999);
    put(left, ".1", 10);
    left += '\n';
  }
  for (int i = 0; i < 400; ++i) {
    put(right, "", 350);
    right += i % 3 == 0 ? ".0" : "";
    put(right, ",l", 11);
    put(right, ",", 400);
    right += '\n';
  }
  const Table a = parse_csv<PlainLoops>(left, "a.csv"), b = parse_csv<PlainLoops>(right, "b.csv");
  const std::vector<Pairs> all = {
      {},
      {{"group", "key"}, {"top", "1000"}},
      {{"group", "small"}, {"sort", "group"}},
      {{"where", "money>100.5"}, {"where", "word<=w3"}, {"sort", "rows"}},
      {{"where", "small=3"}, {"group", "word"}, {"sum", "money"}, {"sort", "money"}},
      {{"where", "word!=w1"}, {"where", "money<0"}},
      {{"where", "small>100"}},
      {{"where", "word=it's"}}};
  for (const Table* second : {static_cast<const Table*>(nullptr), &b}) {
    for (const Pairs& pairs : all) {
      const Plan plan = make_plan(read_settings(pairs), a, second);
      const std::string expected = sqlite_groups(plan);
      EXPECT_EQ(answer(plan), expected);
      for (const int workers : {0, 2, 8}) {
        Executor executor({.workers = workers});
        const auto lines =
            executor.run([&] { return run_query<PelLoops>(plan, [](std::uint64_t) {}); });
        EXPECT_EQ(format_groups(plan, lines), expected) << workers;
      }
    }
  }
  const Plan labels = make_plan(read_settings({{"group", "label"}, {"where", "factor>50"}}), a, &b);
  EXPECT_EQ(answer(labels), sqlite_groups(labels));
}

TEST(Query, RefusesWhatDoesNotFit) {
  const Table sales = parse_csv<PlainLoops>(kSales, "sales.csv");
  const Table other = parse_csv<PlainLoops>("x,y\n1,2\n", "other.csv");
  const Table price = parse_csv<PlainLoops>("price\nlow\n", "price.csv");
  const auto error_of = [&](const Pairs& pairs, const Table* second = nullptr) {
    try {
      make_plan(read_settings(pairs), sales, second);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(error_of({{"group", "colour"}}),
            "sales.csv: no column 'colour' (it has region, product, amount, price)");
  EXPECT_EQ(error_of({{"sum", "region"}}), "sum=region: is a text column");
  EXPECT_EQ(error_of({{"top", "0"}}), "top=0: is no number of groups");
  EXPECT_EQ(error_of({{"top", "5x"}}), "top=5x: is no number of groups");
  EXPECT_EQ(error_of({{"sort", "product"}}),
            "sort=product: is neither group, rows nor an aggregated column");
  EXPECT_EQ(error_of({{"join", "x"}}), "join=x: needs a second CSV file");
  EXPECT_NE(error_of({}, &other).find("shares no column name"), std::string::npos);
  EXPECT_EQ(error_of({{"join", "price"}}, &price),
            "join=price: a number in one file, text in the other");
  EXPECT_NE(error_of({{"where", "amount"}}).find("no comparison"), std::string::npos);
  EXPECT_NE(error_of({{"where", "amount>1.5"}}).find("at most 0 decimals"), std::string::npos);
  EXPECT_NE(error_of({{"colour", "red"}}).find("no such setting"), std::string::npos);
}

TEST(Query, RefusesSumsThatOverflow) {
  std::string text = "k,v\n";
  for (int i = 0; i < 50; ++i) text += "a,999999999999999999\n";
  const Table table = parse_csv<PlainLoops>(text, "big.csv");
  EXPECT_THROW(answer(make_plan({}, table, nullptr)), Error);
}

}  // namespace
}  // namespace pel::apps::analytics
