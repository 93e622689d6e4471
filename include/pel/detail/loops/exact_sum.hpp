// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace pel::detail {

// A sum of doubles, floats and products of two doubles as a fixed-point number that is wide enough
// for all of them (Kulisch's accumulator): digits of 32 bits in words of 64, carries put off.
// Adding is exact, so the order of additions and merges does not matter; the value is rounded once,
// to nearest even, when it is read. Not thread-safe.
class ExactSum {
 public:
  // Every element, as the loop would; a block of them takes about four vector operations each.
  void add(const double* x, std::size_t n);
  void add(const float* x, std::size_t n);
  void add_products(const double* a, const double* b, std::size_t n);
  void add_products(const float* a, const float* b, std::size_t n);

  void add(double x) noexcept;
  void add_product(double a, double b) noexcept;
  void merge(const ExactSum& other) noexcept;

  // NaN if there was a NaN, infinities of both signs, or infinity times zero; else the infinity if
  // there was one; else the exact sum rounded, which is infinite when it overflows. A sum of
  // negative zeros alone is -0; any other zero sum, and that of nothing, is +0.
  double to_double() const noexcept { return round(53, -1074, 1023); }
  float to_float() const noexcept { return static_cast<float>(round(24, -149, 127)); }

 private:
  static constexpr int kDigits = 136;
  static constexpr int kBias = 2176;  // digit 0 counts units of 2^-kBias

  void add_block(const double* x, std::size_t n);
  void add_scaled(std::uint64_t low, std::uint64_t high, int exponent, bool negative) noexcept;
  void normalize() noexcept;
  double round(int precision, int lowest, int highest) const noexcept;

  std::int64_t digit_[kDigits] = {};
  std::uint32_t pending_ = 0;  // additions since the last normalize()
  int levels_ = 2;             // how far apart the magnitudes of the last block were
  bool nan_ = false;
  bool infinite_[2] = {};       // positive, negative
  bool empty_ = true;           // nothing was added
  bool negative_zeros_ = true;  // nothing but -0 was added
};

}  // namespace pel::detail
