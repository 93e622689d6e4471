// SPDX-License-Identifier: Apache-2.0
#include "apps/exchange/csv.hpp"

#include <gtest/gtest.h>

#include <string>

#include "pel/error.hpp"

namespace pel::apps {
namespace {

const std::string kHeader = "account,symbol,action,quantity,price,order\n";

TEST(OrdersCsv, EveryKindOfRow) {
  const OrderFlow flow = parse_orders(kHeader +
                                          "ann,ACME,buy,10,12.3,\r\n"
                                          "bob,ACME,sell,5,12,\n"
                                          "ann,ACME,cancel,,,1\n"
                                          "ann,OTHER,market-buy,7,,\n"
                                          "bob,ACME,market-sell,8,,\n",
                                      "orders.csv");
  ASSERT_EQ(flow.orders.size(), 5u);
  EXPECT_EQ(flow.accounts, (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(flow.symbols, (std::vector<std::string>{"ACME", "OTHER"}));
  EXPECT_EQ(flow.orders[0].price, 1230);
  EXPECT_EQ(flow.orders[1].price, 1200);
  EXPECT_EQ(flow.orders[1].action, Action::kSell);
  EXPECT_EQ(flow.orders[2].cancels, 0u);
  EXPECT_EQ(flow.orders[3].symbol, 1u);
  EXPECT_EQ(flow.orders[4].quantity, 8);
}

TEST(OrdersCsv, BadRowsAreNamed) {
  const auto place_of = [](const std::string& text) -> std::string {
    try {
      parse_orders(text, "orders.csv");
    } catch (const Error& error) {
      return error.place();
    }
    return "";
  };
  EXPECT_EQ(place_of(""), "orders.csv:1");
  EXPECT_EQ(place_of("account,symbol\n"), "orders.csv:1");
  EXPECT_EQ(place_of(kHeader), "orders.csv:1");
  const std::string good = "ann,ACME,buy,10,12.30,\n";
  for (const char* row : {"ann,ACME,buy,10,12.30",
                          "ann,ACME,buy,10,12.30,,",
                          "ann,ACME,hold,10,12.30,",
                          ",ACME,buy,10,12.30,",
                          "ann,,buy,10,12.30,",
                          "ann,ACME,buy,0,12.30,",
                          "ann,ACME,buy,-1,12.30,",
                          "ann,ACME,buy,1.5,12.30,",
                          "ann,ACME,buy,1000000001,1,",
                          "ann,ACME,buy,10,0,",
                          "ann,ACME,buy,10,12.345,",
                          "ann,ACME,buy,10,12.,",
                          "ann,ACME,buy,10,-1,",
                          "ann,ACME,buy,10,1.-1,",
                          "ann,ACME,buy,10,1000000.01,",
                          "ann,ACME,buy,10,12.30,1",
                          "ann,ACME,market-buy,10,12.30,",
                          "ann,ACME,cancel,,,0",
                          "ann,ACME,cancel,,,2",
                          "ann,ACME,cancel,,,x",
                          "bob,ACME,cancel,,,1",
                          "ann,OTHER,cancel,,,1",
                          "ann,ACME,cancel,5,,1",
                          ""}) {
    EXPECT_EQ(place_of(kHeader + good + row + "\n" + good), "orders.csv:3") << row;
  }
  EXPECT_EQ(place_of(kHeader + "ann,A,market-buy,1,,\nann,A,cancel,,,1\n"), "orders.csv:3");
}

TEST(OrdersCsv, OutcomesAreWritten) {
  const std::vector<Outcome> outcomes = {
      {Status::kRested, 3, 1205}, {Status::kGone, 0, 0}, {Status::kCancelled, 7, 0}};
  const auto bytes = write_outcomes(outcomes);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()),
            "order,status,filled,value\n1,rested,3,12.05\n2,gone,0,0.00\n3,cancelled,7,0.00\n");
}

}  // namespace
}  // namespace pel::apps
