// SPDX-License-Identifier: Apache-2.0
#include "bench/loops/input.hpp"

#include "pel/random.hpp"

namespace pel::bench::loops {

std::vector<double> small_numbers(std::uint64_t size) {
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<double>(i % 1024);
  return values;
}

std::vector<std::uint64_t> random_bits(std::uint64_t size) {
  const Philox random(3);
  std::vector<std::uint64_t> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = random.bits(i);
  return values;
}

std::vector<std::uint32_t> random_keys(std::uint64_t size) {
  const Philox random(5);
  std::vector<std::uint32_t> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<std::uint32_t>(random.bits(i) % kKeys);
  }
  return values;
}

std::uint64_t ends_of(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return static_cast<std::uint64_t>(values.front() + values[values.size() / 2] * 3 + values.back());
}

std::uint64_t ends_of(const std::vector<std::uint64_t>& values) {
  if (values.empty()) return 0;
  return values.front() + values[values.size() / 2] * 3 + values.back() + values.size();
}

}  // namespace pel::bench::loops
