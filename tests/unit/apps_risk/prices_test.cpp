// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/prices.hpp"

#include <gtest/gtest.h>

#include <string>

#include "apps/risk/model.hpp"
#include "pel/error.hpp"

namespace pel::apps {
namespace {

// `days` rows of two wandering prices; `extra` is put before row `at`.
std::string table(int days, int at = -1, const std::string& extra = {}) {
  std::string text = "date,A,B\n";
  for (int i = 0; i < days; ++i) {
    if (i == at) text += extra;
    const int month = 1 + i / 28, day = 1 + i % 28;
    text += "2024-" + std::string(month < 10 ? "0" : "") + std::to_string(month) + "-" +
            (day < 10 ? "0" : "") + std::to_string(day) + "," + std::to_string(100 + i * 7 % 13) +
            "," + std::to_string(50 + i * 5 % 11) + "\n";
  }
  return text;
}

// The place and reason of the error that `text` gives.
std::string error_of(const std::string& text) {
  try {
    parse_prices(text, "p.csv");
  } catch (const Error& error) {
    return error.place() + "|" + error.reason();
  }
  return "no error";
}

TEST(RiskPrices, ReadsRowsAndSkipsGaps) {
  const auto series = parse_prices(table(40, 0, "2023-12-30,,5\r\n2023-12-31,NA,5\n"), "p.csv");
  EXPECT_EQ(series.days(), 40u);
  EXPECT_EQ(series.skipped_rows, 2u);
  EXPECT_EQ(series.names, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(series.price(1, 0), 107);
}

TEST(RiskPrices, ReadsQuotesByteOrderMarkAndCarriageReturns) {
  const std::string text = table(40).replace(0, 9,
                                             "\xEF\xBB\xBF"
                                             "date,\"A\", B \r\n");
  EXPECT_EQ(parse_prices(text, "p.csv").names[1], "B");
}

TEST(RiskPrices, NamesTheLineOfABadOne) {
  EXPECT_EQ(error_of(""), "p.csv|empty");
  EXPECT_EQ(error_of("date\n"), "p.csv:1|no price column in the header");
  EXPECT_EQ(error_of("date,A,A\n"), "p.csv:1|column 'A' is there twice");
  EXPECT_EQ(error_of("2024-01-01,1,2\n"), "p.csv:1|column 2 has no name");
  EXPECT_EQ(error_of(table(40, 2, "2024-01-02,1\n")), "p.csv:4|expected 3 fields, found 2");
  EXPECT_EQ(error_of(table(40, 2, "2024-01-02,1,2,3\n")), "p.csv:4|expected 3 fields, found 4");
  EXPECT_EQ(error_of(table(40, 2, "3.1.2024,1,2\n")),
            "p.csv:4|expected a date as YYYY-MM-DD, found '3.1.2024'");
  EXPECT_EQ(error_of(table(40, 2, "2024-13-02,1,2\n")),
            "p.csv:4|expected a date as YYYY-MM-DD, found '2024-13-02'");
  EXPECT_EQ(error_of(table(40, 2, "2024-01-02,1,2\n")),
            "p.csv:4|date 2024-01-02 does not follow 2024-01-02");
}

TEST(RiskPrices, RefusesPricesThatAreNone) {
  const auto row = [](const std::string& cell) {
    return error_of(table(40, 0, "2023-01-02,1," + cell + "\n"));
  };
  EXPECT_EQ(row("abc"), "p.csv:2|expected a price for B, found 'abc'");
  EXPECT_EQ(row("1.5x"), "p.csv:2|expected a price for B, found '1.5x'");
  EXPECT_EQ(row("inf"), "p.csv:2|expected a price for B, found 'inf'");
  EXPECT_EQ(row("1e999"), "p.csv:2|expected a price for B, found '1e999'");
  EXPECT_EQ(row("-3"), "p.csv:2|price '-3' of B is not in 1e-12 to 1e12");
  EXPECT_EQ(row("0"), "p.csv:2|price '0' of B is not in 1e-12 to 1e12");
  EXPECT_EQ(row("1e300"), "p.csv:2|price '1e300' of B is not in 1e-12 to 1e12");
}

TEST(RiskPrices, RefusesBinaryAndShortFiles) {
  EXPECT_EQ(error_of(std::string("date,A\n\x7f\0ELF", 12)),
            "p.csv:2|not a text file (a zero byte)");
  EXPECT_EQ(error_of(table(12)), "p.csv|12 complete days of prices");
}

TEST(RiskPrices, EveryCutOfAFileIsReadOrRefused) {
  const std::string text = table(35);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    try {
      EXPECT_GE(parse_prices(std::string_view(text).substr(0, length), "p.csv").days(), kMinDays);
    } catch (const Error& error) {
      EXPECT_TRUE(error.place().starts_with("p.csv"));
    }
  }
}

TEST(RiskPrices, ReadsWeights) {
  const auto series = parse_prices(table(40), "p.csv");
  EXPECT_EQ(parse_weights("name,weight\nB,3\nA,1\n", "w.csv", series),
            (std::vector<double>{0.25, 0.75}));
  for (const std::string bad : {"", "name,weight\nC,1\n", "name,weight\nA,1\nA,1\n",
                                "name,weight\nA,x\n", "name,weight\nA,0\n", "name,weight\nA\n"}) {
    EXPECT_THROW(parse_weights(bad, "w.csv", series), Error) << bad;
  }
}

TEST(RiskModel, RefusesWhatHasNoCholeskyFactor) {
  std::string twice = "date,A,B\n", still = "date,A,B\n";
  for (int i = 0; i < 40; ++i) {
    const std::string date = "2024-0" + std::to_string(1 + i / 28) + "-" + (i % 28 < 9 ? "0" : "") +
                             std::to_string(1 + i % 28);
    const std::string price = std::to_string(100 + i * 7 % 13);
    twice += date + "," + price + "," + price + "\n";
    still += date + "," + price + ",5\n";
  }
  for (const auto& text : {twice, still}) {
    const auto series = parse_prices(text, "p.csv");
    EXPECT_THROW(estimate_risk_model(series, {0.5, 0.5}, "p.csv"), Error);
  }
}

TEST(RiskPrices, GeneratedOnesAreReadable) {
  const auto series = parse_prices(generated_prices(), "generated");
  EXPECT_EQ(series.days(), kGeneratedDays);
  EXPECT_EQ(series.assets(), 8u);
}

}  // namespace
}  // namespace pel::apps
