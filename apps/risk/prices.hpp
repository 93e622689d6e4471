// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pel::apps {

// Daily closing prices: prices[day * names.size() + asset], all positive and finite; days ascend.
struct PriceSeries {
  std::vector<std::string> names;
  std::vector<std::string> dates;
  std::vector<double> prices;
  std::size_t skipped_rows = 0;  // rows with a missing price

  std::size_t assets() const noexcept { return names.size(); }
  std::size_t days() const noexcept { return dates.size(); }
  double price(std::size_t day, std::size_t asset) const noexcept {
    return prices[day * assets() + asset];
  }
};

// Reads CSV text: a header "date,NAME,...", then one row a day with an ISO date (YYYY-MM-DD) that
// ascends, and a price for each name. A row with an empty cell, "NA" or "NaN" is skipped and
// counted. Fields may stand in double quotes; lines may end in CR LF; a byte-order mark is skipped.
// Throws pel::Error with place "origin:line" on anything else, and where fewer than kMinDays rows
// or more than kMaxAssets columns are there.
inline constexpr std::size_t kMinDays = 30;
inline constexpr std::size_t kMaxAssets = 256;
PriceSeries parse_prices(std::string_view text, const std::string& origin);

// Reads CSV text "name,weight", a header and one row an asset; weights by column of `series`,
// scaled to sum one; a name that is missing weighs nothing. Throws pel::Error as parse_prices does,
// and where a name is unknown or repeated or the weights do not sum to something positive.
std::vector<double> parse_weights(std::string_view text, const std::string& origin,
                                  const PriceSeries& series);

// Daily closes of the 30 stocks of the Dow Jones index, 1990-12-31 to 2001-01-02, as
// tools/fetch-prices.sh takes them from Debian's r-cran-fbasics: in $PEL_RISK_DATA, else data/risk
// or share/pel/risk in a folder above the program. Nothing where they are not.
std::optional<std::filesystem::path> find_dow_prices();

// What stands in for them, as CSV text: kGeneratedDays trading days of eight made-up assets.
// Log-returns follow a one-factor GARCH(1,1) model with Student-t innovations (Bollerslev 1987), so
// that they have what real ones have: common shocks, fat tails, volatility in clusters. The seed is
// fixed: every build writes the same text. Level "build".
inline constexpr std::size_t kGeneratedDays = 1260;
std::string generated_prices();

}  // namespace pel::apps
