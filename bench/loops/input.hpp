// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "bench/contender.hpp"

// The inputs of the loop benches, equal for all contenders of a size.
namespace pel::bench::loops {

constexpr std::size_t kBins = 256;
constexpr std::uint32_t kKeys = 1000;
constexpr std::uint32_t kFewKeys = 8;
constexpr std::size_t kTop = 100;
constexpr std::uint64_t kAllInputs = 1 << 17;  // elements of all inputs of a small size

// Small integers, so that every order of addition gives the same sum.
std::vector<double> small_numbers(std::uint64_t size);
std::vector<std::uint64_t> random_bits(std::uint64_t size, std::uint64_t input);
// Below `keys`.
std::vector<std::uint32_t> random_keys(std::uint64_t size, std::uint64_t keys, std::uint64_t input);

// What contenders return: something of the whole output, cheap next to making it.
std::uint64_t ends_of(const std::vector<double>& values);
std::uint64_t ends_of(const std::vector<std::uint64_t>& values);

// An order-free value of a grouping: `groups` yields (key, number of members, first member).
inline std::uint64_t group_value(std::uint64_t key, std::uint64_t members, std::uint64_t first) {
  return (key + 1) * members + first;
}

// The inputs of a size, the same ones for all contenders: where buffers lie in memory decides
// between two speeds a factor of two apart, so ranges of its own would make a contender lose or
// win. Small inputs are several of one size, used in turn: the same one a thousand times over would
// be learnt by the branch predictor, which no program's data are. They go with their last user.
template <class State>
std::shared_ptr<std::vector<State>> shared_inputs(State (*make)(std::uint64_t, std::uint64_t),
                                                  std::uint64_t size) {
  static std::map<std::pair<decltype(make), std::uint64_t>, std::weak_ptr<std::vector<State>>> all;
  std::weak_ptr<std::vector<State>>& known = all[{make, size}];
  if (auto states = known.lock()) return states;
  auto states = std::make_shared<std::vector<State>>();
  const std::uint64_t inputs = 1 + kAllInputs / size;
  for (std::uint64_t i = 0; i < inputs; ++i) states->push_back(make(size, i));
  known = states;
  return states;
}

// Registers a contender whose kernel is called as kernel(input, workers) -> std::uint64_t.
template <class State, class Kernel>
bool add_loop(const char* bench, const char* name, State (*make)(std::uint64_t, std::uint64_t),
              Kernel kernel) {
  return add({bench, name, [make, kernel](std::uint64_t size, int workers) -> Body {
                return [states = shared_inputs(make, size), kernel, workers,
                        turn = std::size_t{0}]() mutable {
                  State& state = (*states)[turn++ % states->size()];
                  return static_cast<std::uint64_t>(kernel(state, workers));
                };
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
// Two columns of numbers and room for a third.
struct Columns {
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> out;
};
// A square of numbers and room for its transpose.
struct Square {
  std::size_t side;
  std::vector<double> in;
  std::vector<double> out;
};
struct Record {
  std::uint32_t key;
  std::uint32_t place;
};
struct Affine {
  std::uint64_t mul = 1;
  std::uint64_t add = 0;
};
struct Maps {
  std::vector<Affine> in;
};
struct Records {
  std::vector<Record> in;
  std::vector<Record> out;
};
// Two sorted halves and room for their merge.
struct Halves {
  std::vector<std::uint64_t> a;
  std::vector<std::uint64_t> b;
  std::vector<std::uint64_t> out;
};
struct Numbers {
  std::vector<std::uint32_t> in;
  std::vector<std::uint32_t> out;
};
// Keys with a value each.
struct Pairs {
  std::vector<std::uint32_t> keys;
  std::vector<double> values;
};
// Two tables: every key of `left` is in `right` once.
struct Tables {
  std::vector<std::uint32_t> left;
  std::vector<std::uint32_t> right;
};

inline Reduce make_reduce(std::uint64_t size, std::uint64_t) { return {small_numbers(size)}; }
inline Scan make_scan(std::uint64_t size, std::uint64_t) {
  return {small_numbers(size), std::vector<double>(size)};
}
inline Sort make_sort(std::uint64_t size, std::uint64_t input) {
  return {random_bits(size, input), std::vector<std::uint64_t>(size)};
}
inline Keys make_keys(std::uint64_t size, std::uint64_t input) {
  return {random_keys(size, kKeys, input)};
}
inline Keys make_few_keys(std::uint64_t size, std::uint64_t input) {
  return {random_keys(size, kFewKeys, input)};
}
inline Keys make_many_keys(std::uint64_t size, std::uint64_t input) {
  return {random_keys(size, size / 4, input)};
}
inline Filter make_filter(std::uint64_t size, std::uint64_t input) {
  return {random_bits(size, input)};
}
inline Columns make_columns(std::uint64_t size, std::uint64_t) {
  return {small_numbers(size), small_numbers(size), std::vector<double>(size)};
}
Square make_square(std::uint64_t size, std::uint64_t);
Records make_records(std::uint64_t size, std::uint64_t input);
Maps make_maps(std::uint64_t size, std::uint64_t input);
Halves make_halves(std::uint64_t size, std::uint64_t input);
Numbers make_numbers(std::uint64_t size, std::uint64_t input);  // random
Numbers make_runs(std::uint64_t size,
                  std::uint64_t input);  // runs of equal neighbours, two on average
inline Pairs make_pairs(std::uint64_t size, std::uint64_t input) {
  return {random_keys(size, kKeys, input), small_numbers(size)};
}
inline Pairs make_few_pairs(std::uint64_t size, std::uint64_t input) {
  return {random_keys(size, kFewKeys, input), small_numbers(size)};
}
inline Pairs make_many_pairs(std::uint64_t size, std::uint64_t input) {
  return {random_keys(size, size / 4, input), small_numbers(size)};
}
Tables make_tables(std::uint64_t size, std::uint64_t input);

// Function objects, so that every contender can inline them.
inline constexpr auto wanted = [](std::uint64_t value) { return (value & 3) == 0; };
inline constexpr auto scaled = [](double x) { return 3.0 * x + 1.0; };
inline constexpr auto plane = [](double x, double y) { return 3.0 * x + y; };
inline constexpr auto stepped = [](std::uint64_t x) { return 5 * x + 1; };
inline constexpr auto generated = [](std::size_t i) {
  return 0.5 * static_cast<double>(static_cast<std::uint32_t>(i & 0xffff));
};
inline constexpr auto by_key = [](const Record& a, const Record& b) { return a.key < b.key; };
inline constexpr auto below_top = [](std::uint32_t x) { return x != ~std::uint32_t{0}; };
inline constexpr auto is_even = [](std::uint32_t x) { return (x & 1) == 0; };
// The composition of the maps x -> mul x + add: associative, not commutative, no + or *.
inline constexpr auto composed = [](const Affine& f, const Affine& g) {
  return Affine{g.mul * f.mul, g.mul * f.add + g.add};
};

inline constexpr std::uint32_t kAbsent = ~std::uint32_t{0};

// Transposes a rectangle of the square.
inline void transpose(Square& s, std::size_t row, std::size_t row_end, std::size_t col,
                      std::size_t col_end) {
  for (std::size_t r = row; r < row_end; ++r) {
    for (std::size_t c = col; c < col_end; ++c) s.out[c * s.side + r] = s.in[r * s.side + c];
  }
}

// What a stage of the pipeline does: some 200 ns.
inline std::uint64_t milled(std::uint64_t x) {
  for (int round = 0; round < 64; ++round) {
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9;
  }
  return x;
}

// What contenders return of a merged, sorted or selected column of records.
std::uint64_t ends_of(const std::vector<Record>& records);
std::uint64_t ends_of(const std::vector<std::uint32_t>& values);

}  // namespace pel::bench::loops
