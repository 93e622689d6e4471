// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/loops/exact_sum.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "runtime/loops/exact_kernels.hpp"

namespace pel::detail {
namespace {

constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;

struct Parts {
  std::uint64_t mantissa;
  int exponent;  // of the mantissa's lowest bit
  bool negative;
};

// Of a finite double.
Parts parts_of(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const int field = static_cast<int>(bits >> 52 & 0x7ff);
  const std::uint64_t fraction = bits & kFraction;
  return {field == 0 ? fraction : fraction | (kFraction + 1), (field == 0 ? 1 : field) - 1075,
          (bits >> 63) != 0};
}

}  // namespace

void ExactSum::add_scaled(std::uint64_t low, std::uint64_t high, int exponent,
                          bool negative) noexcept {
  __extension__ using Wide = unsigned __int128;
  if (++pending_ == 1u << 30) normalize();
  const int position = exponent + kBias;
  const int shift = position % 32;
  std::int64_t* digit = digit_ + position / 32;
  // 128 bits shifted by up to 31 make five digits.
  const Wide whole = Wide{high} << 64 | low;
  std::uint64_t part = static_cast<std::uint32_t>(low << shift);
  Wide rest = whole >> (32 - shift);
  for (int k = 0;; ++k) {
    digit[k] += negative ? -static_cast<std::int64_t>(part) : static_cast<std::int64_t>(part);
    if (rest == 0) break;
    part = static_cast<std::uint32_t>(rest);
    rest >>= 32;
  }
}

void ExactSum::add(double x) noexcept {
  empty_ = false;
  if (!std::isfinite(x)) {
    negative_zeros_ = false;
    if (std::isnan(x)) {
      nan_ = true;
    } else {
      infinite_[std::signbit(x) ? 1 : 0] = true;
    }
    return;
  }
  const Parts parts = parts_of(x);
  if (parts.mantissa == 0) {
    if (!parts.negative) negative_zeros_ = false;
    return;
  }
  negative_zeros_ = false;
  add_scaled(parts.mantissa, 0, parts.exponent, parts.negative);
}

void ExactSum::add_product(double a, double b) noexcept {
  __extension__ using Wide = unsigned __int128;
  if (!std::isfinite(a) || !std::isfinite(b)) return add(a * b);
  const Parts x = parts_of(a), y = parts_of(b);
  const bool negative = x.negative != y.negative;
  if (x.mantissa == 0 || y.mantissa == 0) return add(negative ? -0.0 : 0.0);
  empty_ = false;
  negative_zeros_ = false;
  const Wide product = Wide{x.mantissa} * y.mantissa;
  add_scaled(static_cast<std::uint64_t>(product), static_cast<std::uint64_t>(product >> 64),
             x.exponent + y.exponent, negative);
}

void ExactSum::add_block(const double* x, std::size_t n) {
  double lanes[3 * kExactLanes];
  const int levels = sum_block(x, n, levels_, lanes);
  if (levels == 0) {
    for (std::size_t i = 0; i < n; ++i) add(x[i]);
    return;
  }
  levels_ = 2;
  empty_ = false;
  negative_zeros_ = false;
  for (int l = 0; l < levels * kExactLanes; ++l) {
    if (lanes[l] == 0) continue;
    add(lanes[l]);
    if (l >= 2 * kExactLanes) levels_ = 3;
  }
}

void ExactSum::add(const double* x, std::size_t n) {
  const DefaultRounding rounding;
  while (n > 0) {
    const std::size_t count = n < kExactBlock ? n : kExactBlock;
    add_block(x, count);
    x += count;
    n -= count;
  }
}

void ExactSum::add(const float* x, std::size_t n) {
  const DefaultRounding rounding;
  double wide[kExactBlock];
  while (n > 0) {
    const std::size_t count = n < kExactBlock ? n : kExactBlock;
    for (std::size_t i = 0; i < count; ++i) wide[i] = static_cast<double>(x[i]);
    add_block(wide, count);
    x += count;
    n -= count;
  }
}

void ExactSum::add_products(const double* a, const double* b, std::size_t n) {
  const DefaultRounding rounding;
  double high[kExactBlock], low[kExactBlock];
  while (n > 0) {
    const std::size_t count = n < kExactBlock ? n : kExactBlock;
    if (split_products(a, b, count, high, low)) {
      add_block(high, count);
      // Exact products have zero errors, whose sign says nothing: only other values count.
      const bool zeros = negative_zeros_;
      add_block(low, count);
      negative_zeros_ = zeros;
    } else {
      for (std::size_t i = 0; i < count; ++i) add_product(a[i], b[i]);
    }
    a += count, b += count;
    n -= count;
  }
}

void ExactSum::add_products(const float* a, const float* b, std::size_t n) {
  const DefaultRounding rounding;
  double product[kExactBlock];  // exact: 24 + 24 bits
  while (n > 0) {
    const std::size_t count = n < kExactBlock ? n : kExactBlock;
    for (std::size_t i = 0; i < count; ++i) {
      product[i] = static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    add_block(product, count);
    a += count, b += count;
    n -= count;
  }
}

void ExactSum::merge(const ExactSum& other) noexcept {
  ExactSum copy = other;
  copy.normalize();
  normalize();
  for (int k = 0; k < kDigits; ++k) digit_[k] += copy.digit_[k];
  pending_ = 1;
  nan_ = nan_ || other.nan_;
  for (int s = 0; s < 2; ++s) infinite_[s] = infinite_[s] || other.infinite_[s];
  empty_ = empty_ && other.empty_;
  negative_zeros_ = negative_zeros_ && other.negative_zeros_;
}

// Digits in [0, 2^32), but for the highest, which carries the sign.
void ExactSum::normalize() noexcept {
  std::int64_t carry = 0;
  for (int k = 0; k < kDigits - 1; ++k) {
    const std::int64_t value = digit_[k] + carry;
    digit_[k] = value & 0xffffffff;
    carry = value >> 32;
  }
  digit_[kDigits - 1] += carry;
  pending_ = 0;
}

double ExactSum::round(int precision, int lowest, int highest) const noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (nan_ || (infinite_[0] && infinite_[1])) return std::numeric_limits<double>::quiet_NaN();
  if (infinite_[0] || infinite_[1]) return infinite_[0] ? kInfinity : -kInfinity;
  ExactSum value = *this;
  value.normalize();
  const bool negative = value.digit_[kDigits - 1] < 0;
  if (negative) {
    for (std::int64_t& digit : value.digit_) digit = -digit;
    value.normalize();
  }
  int top = kDigits - 1;
  while (top >= 0 && value.digit_[top] == 0) --top;
  if (top < 0) return !empty_ && negative_zeros_ ? -0.0 : 0.0;
  const auto bit = [&](int position) {
    return static_cast<std::uint64_t>(value.digit_[position / 32]) >> (position % 32) & 1;
  };
  const auto top_digit = static_cast<std::uint64_t>(value.digit_[top]);
  const int first = 32 * top + static_cast<int>(std::bit_width(top_digit)) - 1;
  int last = first - precision + 1;
  if (last < lowest + kBias) last = lowest + kBias;
  std::uint64_t mantissa = 0;
  for (int position = first; position >= last; --position) mantissa = mantissa << 1 | bit(position);
  if (last > 0 && last - 1 <= first && bit(last - 1) != 0) {
    bool sticky = (mantissa & 1) != 0;
    for (int position = last - 2; position >= 0 && !sticky; --position) sticky = bit(position) != 0;
    if (sticky) ++mantissa;
  }
  const int width = static_cast<int>(std::bit_width(mantissa));
  if (last - kBias + width - 1 > highest) return negative ? -kInfinity : kInfinity;
  const double magnitude = std::ldexp(static_cast<double>(mantissa), last - kBias);
  return negative ? -magnitude : magnitude;
}

}  // namespace pel::detail
