// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "pel/error.hpp"
#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::sizes;
using testing::with_all_schedules;

TEST(ForEach, CallsEveryIndexOnce) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      std::vector<int> calls(n);
      pel::for_each(n, [&](std::size_t i) { ++calls[i]; });
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(calls[i], 1) << i << " of " << n;
    }
  });
}

TEST(ForEach, TakesRangesIteratorsAndArrays) {
  std::vector<int> vector(5000, 1);
  pel::for_each(vector, [](int& x) { x += 1; });
  pel::for_each(vector.begin(), vector.end(), [](int& x) { x += 1; });
  EXPECT_EQ(vector, std::vector<int>(5000, 3));
  int array[3] = {1, 2, 3};
  pel::for_each(array, [](int& x) { x *= 2; });
  EXPECT_EQ(array[2], 6);
  std::deque<int> deque(3000, 1);
  pel::for_each(deque, [](int& x) { x += 4; });
  EXPECT_EQ(std::accumulate(deque.begin(), deque.end(), 0), 15000);
  const std::vector<int> constant(100, 1);
  std::atomic<int> sum{0};
  pel::for_each(constant, [&](const int& x) { sum += x; });
  EXPECT_EQ(sum, 100);
}

TEST(ForEach, TakesMoveOnlyElements) {
  std::vector<std::unique_ptr<int>> owners(1000);
  pel::for_each(owners.size(), [&](std::size_t i) { owners[i] = std::make_unique<int>(int(i)); });
  std::vector<std::unique_ptr<int>> moved(1000);
  pel::transform(owners, moved, [](std::unique_ptr<int>& p) { return std::move(p); });
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(*moved[std::size_t(i)], i);
}

TEST(ForEach, TilesCoverTheirSpaceOnce) {
  with_all_schedules([] {
    for (const std::size_t rows : {0u, 1u, 31u, 32u, 33u, 100u}) {
      for (const std::size_t cols : {0u, 1u, 64u, 77u}) {
        std::vector<int> seen(rows * cols);
        pel::for_each(tiles(rows, cols), [&](Tile2 t) {
          for (std::size_t r = t.row_begin; r < t.row_end; ++r) {
            for (std::size_t c = t.col_begin; c < t.col_end; ++c) ++seen[r * cols + c];
          }
        });
        ASSERT_EQ(seen, std::vector<int>(rows * cols, 1));
      }
    }
    const std::size_t x = 33, y = 17, z = 5;
    std::vector<int> seen(x * y * z);
    pel::for_each(tiles(x, y, z), [&](Tile3 t) {
      for (std::size_t i = t.x_begin; i < t.x_end; ++i) {
        for (std::size_t j = t.y_begin; j < t.y_end; ++j) {
          for (std::size_t k = t.z_begin; k < t.z_end; ++k) ++seen[(i * y + j) * z + k];
        }
      }
    });
    ASSERT_EQ(seen, std::vector<int>(x * y * z, 1));
  });
}

TEST(ForEach, TileShapeIsTheCallersChoice) {
  std::size_t count = 0;
  Executor serial({.workers = 0});
  serial.run([&] { pel::for_each(tiles(10, 10, TileShape{1, 10}), [&](Tile2) { ++count; }); });
  EXPECT_EQ(count, 10u);
}

TEST(ForEach, TheErrorOfTheSmallestIndexWins) {
  with_all_schedules([] {
    for (const std::size_t bad : {0u, 1u, 777u, 4999u}) {
      try {
        pel::for_each(5000, [&](std::size_t i) {
          if (i >= bad && i % 7 == bad % 7) throw std::runtime_error(std::to_string(i));
        });
        FAIL() << "no error";
      } catch (const std::runtime_error& error) {
        ASSERT_EQ(error.what(), std::to_string(bad));
      }
    }
  });
}

TEST(ForEach, NestsInItself) {
  with_all_schedules([] {
    std::vector<int> cells(100 * 100);
    pel::for_each(100, [&](std::size_t r) {
      pel::for_each(100, [&](std::size_t c) { cells[r * 100 + c] = int(r * c); });
    });
    for (std::size_t r = 0; r < 100; ++r) {
      for (std::size_t c = 0; c < 100; ++c) ASSERT_EQ(cells[r * 100 + c], int(r * c));
    }
  });
}

TEST(Transform, WritesEveryElement) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      std::vector<int> in(n), out(n, -1), sum(n);
      std::iota(in.begin(), in.end(), 0);
      pel::transform(in, out, [](int x) { return 2 * x; });
      pel::transform(in, out, sum, [](int a, int b) { return a + b; });
      pel::transform(in, in.begin(), [](int x) { return x + 1; });
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_EQ(out[i], 2 * int(i));
        ASSERT_EQ(sum[i], 3 * int(i));
        ASSERT_EQ(in[i], int(i) + 1);
      }
    }
  });
}

TEST(Transform, SaysWhenTheOutputIsTooShort) {
  const std::vector<int> in(10);
  std::vector<int> out(9);
  try {
    pel::transform(in, out, [](int x) { return x; });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.reason(), "the output has room for 9 elements, 10 are to be written");
  }
  EXPECT_THROW(pel::transform(in, out, out, [](int a, int b) { return a + b; }), Error);
}

TEST(ShareCost, FollowsWhatSharingCosts) {
  detail::ShareCost cost;
  const std::uint64_t least = cost.price();
  for (int i = 0; i < 100; ++i) cost.measured(10'000, 5'500);
  EXPECT_EQ(cost.price(), least);
  // A share that brings nothing: pieces of that length are not worth it any more, longer ones are.
  for (int i = 0; i < 100; ++i) cost.measured(10'000, 10'000);
  EXPECT_GT(cost.price(), 9'900u);
  EXPECT_LE(cost.price(), 10'000u);
  cost.measured(10'000, 1'000'000'000);  // a thread did not run: counts as twice the usual
  EXPECT_LT(cost.price(), 12'000u);
  for (int i = 0; i < 100; ++i) cost.measured(10'000, 1'000'000'000);
  EXPECT_LE(cost.price(), 40'000u);      // whatever happens, long loops are shared
  cost.measured(50'000, 1'000'000'000);  // their own bounds do not count
  EXPECT_LE(cost.price(), 40'000u);
  int refusals = 0;
  for (; cost.price() > 10'000; ++refusals) cost.refused();
  EXPECT_GT(refusals, 100);
  EXPECT_LT(refusals, 1'000);
  for (int i = 0; i < 10'000; ++i) cost.refused();
  EXPECT_LE(cost.price(), least);
  EXPECT_GT(cost.price(), least / 2);
}

TEST(Generate, GivesTheIndex) {
  std::vector<std::size_t> out(12345);
  pel::generate(out, [](std::size_t i) { return i * i; });
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], i * i);
}

}  // namespace
}  // namespace pel
