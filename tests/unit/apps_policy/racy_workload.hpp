// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "apps/analytics/tables.hpp"
#include "apps/plain_loops.hpp"

namespace pel::test {

// Algorithms as workloads write them, on a loops policy; all but "sound" share a variable. The
// tests look for the lines with a word in brackets.
template <class Loops>
double racy_algorithm(const std::string& fault) {
  constexpr std::size_t kSize = 2000;
  std::vector<double> values(kSize);
  Loops::for_each(kSize, [&](std::size_t i) { values[i] = std::sqrt(double(i + 1)); });
  double shared = 0;
  if (fault == "each") {
    Loops::for_each(kSize, [&](std::size_t i) { shared += values[i]; });  // [each]
  } else if (fault == "tiles") {
    Loops::for_each_tile(40, 50, 5, [&](const Tile2& tile) {  // [tiles]
      for (std::size_t r = tile.row_begin; r < tile.row_end; ++r) {
        for (std::size_t c = tile.col_begin; c < tile.col_end; ++c) shared += values[r * 50 + c];
      }
    });
  } else if (fault == "reduce") {
    shared = Loops::transform_reduce(kSize, 0.0, std::plus<>(), [&](std::size_t i) {  // [reduce]
      return shared += values[i];
    });
  } else if (fault == "blocks") {
    apps::analytics::detail::for_blocks<Loops>(  // [blocks]
        kSize * 128, [&](std::size_t begin, std::size_t end) {
          for (std::size_t i = begin; i < end; i += 128) shared += values[i / 128];
        });
  }
  return Loops::reduce(values, shared, std::plus<>());
}

}  // namespace pel::test
