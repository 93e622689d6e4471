// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>

#include "apps/risk/prices.hpp"
#include "pel/math.hpp"
#include "pel/random.hpp"

namespace pel::apps {
namespace {

struct Asset {
  const char* name;
  double first_price;
  double yearly_return;      // of the log price
  double yearly_volatility;  // in the long run
  double factor_share;       // correlation with the common factor
};

constexpr std::array<Asset, 8> kAssets{{{"ALPHA", 142.0, 0.08, 0.24, 0.80},
                                        {"BETA", 58.5, 0.11, 0.33, 0.74},
                                        {"GAMMA", 310.0, 0.06, 0.19, 0.70},
                                        {"DELTA", 21.4, 0.14, 0.45, 0.58},
                                        {"SIGMA", 87.0, 0.05, 0.28, 0.62},
                                        {"OMEGA", 12.8, 0.02, 0.37, 0.35},
                                        {"BOND", 101.0, 0.02, 0.06, -0.25},
                                        {"GOLD", 1780.0, 0.04, 0.15, 0.05}}};
constexpr std::uint64_t kSeed = 20200102;
constexpr double kDaysPerYear = 252;

// GARCH(1,1) with unit long-run variance and Student-t innovations of six degrees of freedom.
class Shocks {
 public:
  explicit Shocks(std::uint64_t stream) : random_(kSeed, stream) {}

  double next() {
    constexpr double kArch = 0.08, kGarch = 0.90, kDegrees = 6;
    double chi_squared = 0;
    for (int i = 0; i < int(kDegrees); ++i) {
      const double z = random_.normal(position_++);
      chi_squared += z * z;
    }
    const double innovation = random_.normal(position_++) * std::sqrt((kDegrees - 2) / chi_squared);
    const double shock = std::sqrt(variance_) * innovation;
    variance_ = (1 - kArch - kGarch) + kArch * shock * shock + kGarch * variance_;
    return shock;
  }

 private:
  Philox random_;
  std::uint64_t position_ = 0;
  double variance_ = 1;
};

// The next weekday; the calendar knows no holidays.
class Calendar {
 public:
  std::string date() const {
    std::string text = std::to_string(year_) + "-00-00";
    text[5] = char('0' + month_ / 10), text[6] = char('0' + month_ % 10);
    text[8] = char('0' + day_ / 10), text[9] = char('0' + day_ % 10);
    return text;
  }
  void advance() {
    do {
      next_day();
    } while (weekday_ >= 5);
  }

 private:
  void next_day() {
    constexpr std::array<int, 12> kLength{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    weekday_ = (weekday_ + 1) % 7;
    const int leap = month_ == 2 && year_ % 4 == 0 ? 1 : 0;  // right from 1901 to 2099
    if (++day_ <= kLength[std::size_t(month_ - 1)] + leap) return;
    day_ = 1;
    if (++month_ <= 12) return;
    month_ = 1;
    ++year_;
  }

  int year_ = 2020, month_ = 1, day_ = 2, weekday_ = 3;  // a Thursday
};

void append_price(std::string& text, double price) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), price,
                                 std::chars_format::fixed, price < 100 ? 4 : 2);
  text.append(1, ',').append(digits.data(), end.ptr);
}

}  // namespace

std::string generated_prices() {
  std::string text = "date";
  std::array<double, kAssets.size()> log_price;
  std::vector<Shocks> own;
  for (std::size_t i = 0; i < kAssets.size(); ++i) {
    text.append(1, ',').append(kAssets[i].name);
    log_price[i] = math::log(kAssets[i].first_price);
    own.emplace_back(i + 1);
  }
  Shocks common(0);
  Calendar calendar;
  for (std::size_t day = 0; day < kGeneratedDays; ++day, calendar.advance()) {
    text.append(1, '\n').append(calendar.date());
    for (const double value : log_price) append_price(text, math::exp(value));
    const double factor = common.next();
    for (std::size_t i = 0; i < kAssets.size(); ++i) {
      const Asset& asset = kAssets[i];
      const double rest = std::sqrt(1 - asset.factor_share * asset.factor_share);
      const double shock = asset.factor_share * factor + rest * own[i].next();
      log_price[i] += asset.yearly_return / kDaysPerYear +
                      asset.yearly_volatility / std::sqrt(kDaysPerYear) * shock;
    }
  }
  return text + "\n";
}

}  // namespace pel::apps
