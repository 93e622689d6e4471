// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "apps/plain_loops.hpp"
#include "pel/random.hpp"

namespace pel::apps {
namespace {

// Both policies must give the same bits, or "the same source on plain loops" is not the same.
TEST(PlainLoops, CombinesAlongTheTreeOfPel) {
  const Philox random(3);
  for (const std::size_t n : {0, 1, 2, 15, 16, 17, 100, 2047, 2048, 2049, 5000, 100'001}) {
    std::vector<double> values(n);
    random.fill_normal(values);
    EXPECT_EQ(PelLoops::reduce(values, 0.5, std::plus<>{}),
              PlainLoops::reduce(values, 0.5, std::plus<>{}))
        << n;
    std::vector<float> floats(values.begin(), values.end());
    EXPECT_EQ(PelLoops::reduce(floats, 0.5f, std::plus<>{}),
              PlainLoops::reduce(floats, 0.5f, std::plus<>{}))
        << n;
    // Neither associative nor commutative: the shape of the tree itself.
    const auto op = [](double a, double b) { return a * 0.75 + b; };
    const auto value = [&](std::size_t i) { return values[i]; };
    EXPECT_EQ(PelLoops::transform_reduce(n, 1.0, op, value),
              PlainLoops::transform_reduce(n, 1.0, op, value))
        << n;
  }
}

TEST(PlainLoops, SortsAndCoversAsPelDoes) {
  std::vector<std::uint32_t> a(3001);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::uint32_t(Philox(4).bits(i) % 100);
  auto b = a;
  PelLoops::sort(a);
  PlainLoops::sort(b);
  EXPECT_EQ(a, b);
  std::vector<int> pel(35 * 50), plain(35 * 50);
  const auto mark = [](std::vector<int>& marks) {
    return [&marks](const Tile2& tile) {
      for (std::size_t r = tile.row_begin; r < tile.row_end; ++r) {
        for (std::size_t c = tile.col_begin; c < tile.col_end; ++c) ++marks[r * 50 + c];
      }
    };
  };
  PelLoops::for_each_tile(35, 50, 16, mark(pel));
  PlainLoops::for_each_tile(35, 50, 16, mark(plain));
  EXPECT_EQ(pel, std::vector<int>(pel.size(), 1));
  EXPECT_EQ(plain, pel);
}

}  // namespace
}  // namespace pel::apps
