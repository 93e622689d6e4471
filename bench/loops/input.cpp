// SPDX-License-Identifier: Apache-2.0
#include "bench/loops/input.hpp"

#include <algorithm>
#include <cmath>

#include "pel/random.hpp"

namespace pel::bench::loops {

std::vector<double> small_numbers(std::uint64_t size) {
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<double>(i % 1024);
  return values;
}

std::vector<std::uint64_t> random_bits(std::uint64_t size, std::uint64_t input) {
  const Philox random(3, input);
  std::vector<std::uint64_t> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = random.bits(i);
  return values;
}

std::vector<std::uint32_t> random_keys(std::uint64_t size, std::uint64_t keys,
                                       std::uint64_t input) {
  const Philox random(5, input);
  std::vector<std::uint32_t> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<std::uint32_t>(random.bits(i) % keys);
  }
  return values;
}

Square make_square(std::uint64_t size, std::uint64_t) {
  const auto side = static_cast<std::size_t>(std::sqrt(static_cast<double>(size)));
  return {side, small_numbers(side * side), std::vector<double>(side * side)};
}

Records make_records(std::uint64_t size, std::uint64_t input) {
  Records state{std::vector<Record>(size), std::vector<Record>(size)};
  const Philox random(7, input);
  for (std::size_t i = 0; i < size; ++i) {
    state.in[i] = {static_cast<std::uint32_t>(random.below(i, size)),
                   static_cast<std::uint32_t>(i)};
  }
  return state;
}

Maps make_maps(std::uint64_t size, std::uint64_t input) {
  const Philox random(15, input);
  Maps state{std::vector<Affine>(size)};
  for (std::size_t i = 0; i < size; ++i) {
    state.in[i] = {2 * random.bits(2 * i) + 1, random.bits(2 * i + 1)};
  }
  return state;
}

Halves make_halves(std::uint64_t size, std::uint64_t input) {
  Halves state{random_bits(size / 2, 2 * input), random_bits(size - size / 2, 2 * input + 1),
               std::vector<std::uint64_t>(size)};
  std::sort(state.a.begin(), state.a.end());
  std::sort(state.b.begin(), state.b.end());
  return state;
}

Numbers make_numbers(std::uint64_t size, std::uint64_t input) {
  const Philox random(9, input);
  Numbers state{std::vector<std::uint32_t>(size), std::vector<std::uint32_t>(size)};
  for (std::size_t i = 0; i < size; ++i) {
    state.in[i] = static_cast<std::uint32_t>(random.bits(i) >> 33);
  }
  return state;
}

Numbers make_runs(std::uint64_t size, std::uint64_t input) {
  const Philox random(13, input);
  Numbers state{std::vector<std::uint32_t>(size), std::vector<std::uint32_t>(size)};
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value += static_cast<std::uint32_t>(random.bits(i) & 1);
    state.in[i] = value;
  }
  return state;
}

Tables make_tables(std::uint64_t size, std::uint64_t input) {
  const std::uint64_t keys = size / 8 + 1;
  Tables state{random_keys(size, keys, input), std::vector<std::uint32_t>(keys)};
  for (std::size_t i = 0; i < keys; ++i) {
    state.right[i] = static_cast<std::uint32_t>(keys - 1 - i);
  }
  return state;
}

std::uint64_t ends_of(const std::vector<Record>& records) {
  if (records.empty()) return 0;
  return records.front().key + records[records.size() / 2].key * 3 + records.back().key;
}

std::uint64_t ends_of(const std::vector<std::uint32_t>& values) {
  if (values.empty()) return 0;
  return values.front() + std::uint64_t{values[values.size() / 2]} * 3 + values.back() +
         values.size();
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
