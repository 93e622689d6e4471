// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "bench/contender.hpp"

// The inputs of the loop benches, equal for all contenders of a size.
namespace pel::bench::loops {

constexpr std::size_t kBins = 256;
constexpr std::uint32_t kKeys = 1000;

// Small integers, so that every order of addition gives the same sum.
std::vector<double> small_numbers(std::uint64_t size);
std::vector<std::uint64_t> random_bits(std::uint64_t size);
std::vector<std::uint32_t> random_keys(std::uint64_t size);  // below kKeys

// What contenders return: something of the whole output, cheap next to making it.
std::uint64_t ends_of(const std::vector<double>& values);
std::uint64_t ends_of(const std::vector<std::uint64_t>& values);

// An order-free value of a grouping: `groups` yields (key, number of members, first member).
inline std::uint64_t group_value(std::uint64_t key, std::uint64_t members, std::uint64_t first) {
  return (key + 1) * members + first;
}

// Registers a contender whose kernel is called as kernel(input, workers) -> std::uint64_t, on a
// state that make(size, workers) builds once.
template <class Make, class Kernel>
bool add_loop(const char* bench, const char* name, Make make, Kernel kernel) {
  return add({bench, name, [make, kernel](std::uint64_t size, int workers) -> Body {
                auto state = std::make_shared<decltype(make(size, workers))>(make(size, workers));
                return [state, kernel, workers] { return kernel(*state, workers); };
              }});
}

struct Reduce {
  std::vector<double> in;
};
struct Scan {
  std::vector<double> in;
  std::vector<double> out;
};
struct Sort {
  std::vector<std::uint64_t> in;
  std::vector<std::uint64_t> out;
};
struct Keys {
  std::vector<std::uint32_t> in;
};
struct Filter {
  std::vector<std::uint64_t> in;
};

inline Reduce make_reduce(std::uint64_t size, int) { return {small_numbers(size)}; }
inline Scan make_scan(std::uint64_t size, int) {
  return {small_numbers(size), std::vector<double>(size)};
}
inline Sort make_sort(std::uint64_t size, int) {
  return {random_bits(size), std::vector<std::uint64_t>(size)};
}
inline Keys make_keys(std::uint64_t size, int) { return {random_keys(size)}; }
inline Filter make_filter(std::uint64_t size, int) { return {random_bits(size)}; }

inline bool wanted(std::uint64_t value) { return (value & 3) == 0; }

}  // namespace pel::bench::loops
