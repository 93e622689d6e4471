// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::with_all_schedules;

auto counter(int n) {
  return [n, i = 0]() mutable -> std::optional<int> {
    if (i == n) return std::nullopt;
    return i++;
  };
}

TEST(Pipeline, DeliversInOrder) {
  with_all_schedules([] {
    for (const int n : {0, 1, 3, 64, 65, 1000}) {
      for (const std::size_t window : {0u, 1u, 7u, 5000u}) {
        std::vector<std::string> out;
        pel::pipeline(
            PipelineOptions{.window = window}, counter(n), [](int i) { return 2 * i; },
            [](int i) { return std::to_string(i); },
            [&](std::string s) { out.push_back(std::move(s)); });
        ASSERT_EQ(out.size(), std::size_t(n));
        for (int i = 0; i < n; ++i) ASSERT_EQ(out[std::size_t(i)], std::to_string(2 * i));
      }
    }
  });
}

TEST(Pipeline, ReadsWhatCanOnlyBeReadOnce) {
  with_all_schedules([] {
    std::istringstream in("one two three");
    std::vector<std::string> out;
    pel::pipeline(
        [&]() -> std::optional<std::string> {
          std::string word;
          if (in >> word) return word;
          return std::nullopt;
        },
        [&](std::string word) { out.push_back(word + "!"); });
    ASSERT_EQ(out, (std::vector<std::string>{"one!", "two!", "three!"}));
  });
}

TEST(Pipeline, MovesMoveOnlyItemsAndKeepsOrderedStagesInOrder) {
  with_all_schedules([] {
    int next = 0, sum = 0;
    int i = 0;
    pel::pipeline(
        PipelineOptions{.window = 16},
        [&]() -> std::optional<std::unique_ptr<int>> {
          if (i == 500) return std::nullopt;
          return std::make_unique<int>(i++);
        },
        [](std::unique_ptr<int> p) { return p; }, pel::in_order([&](std::unique_ptr<int> p) {
          EXPECT_EQ(*p, next++);
          sum += *p;
          return std::pair(std::move(p), sum);
        }),
        [](std::pair<std::unique_ptr<int>, int> p) { return *p.first + p.second; },
        [&, at = 0, total = 0](int value) mutable {
          total += at;
          EXPECT_EQ(value, at + total);
          ++at;
        });
    ASSERT_EQ(next, 500);
  });
}

TEST(Pipeline, HoldsABoundedNumberOfItems) {
  with_all_schedules([] {
    std::atomic<int> inside{0}, most{0};
    int i = 0;
    pel::pipeline(
        PipelineOptions{.window = 10},
        [&]() -> std::optional<int> {
          if (i == 2000) return std::nullopt;
          const int now = ++inside;
          int seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          return i++;
        },
        [](int x) { return x; }, [](int x) { return x; }, [&](int) { --inside; });
    ASSERT_LE(most, 40);
    ASSERT_EQ(inside, 0);
  });
}

TEST(Pipeline, TheSinkSeesExactlyTheItemsBeforeTheError) {
  with_all_schedules([] {
    for (const int place : {0, 1, 2, 3}) {
      for (const int bad : {0, 1, 50, 99, 100, 333}) {
        int seen = 0;
        const auto fail = [&](int stage, int i) {
          if (place == stage && i >= bad) throw std::runtime_error(std::to_string(i));
          return i;
        };
        int i = 0;
        try {
          pel::pipeline(
              PipelineOptions{.window = 33},
              [&]() -> std::optional<int> {
                if (i == 1000) return std::nullopt;
                return fail(0, i++);
              },
              [&](int x) { return fail(1, x); }, pel::in_order([&](int x) { return fail(2, x); }),
              [&](int x) {
                fail(3, x);
                EXPECT_EQ(x, seen++);
              });
          FAIL() << "no error";
        } catch (const std::runtime_error& error) {
          ASSERT_EQ(error.what(), std::to_string(bad)) << place;
        }
        ASSERT_EQ(seen, bad) << place;
      }
    }
  });
}

TEST(Scratch, LeasesAreExclusive) {
  with_all_schedules([] {
    pel::scratch<std::vector<int>> buffers;
    std::atomic<int> wrong{0};
    pel::for_each(2000, [&](std::size_t i) {
      auto outer = buffers.lease();
      outer->assign(10, int(i));
      pel::for_each(20, [&](std::size_t j) {
        auto inner = buffers.lease();
        inner->assign(5, int(j));
        if (&*inner == &*outer) ++wrong;
      });
      for (const int x : *outer) wrong += x != int(i);
    });
    ASSERT_EQ(wrong, 0);
  });
}

TEST(Scratch, CollectsWhatEveryHolderCounted) {
  with_all_schedules([] {
    pel::scratch<long> counts;
    pel::for_each(10'000, [&](std::size_t i) { *counts.lease([] { return 0L; }) += long(i); });
    long total = 0;
    counts.for_all([&](long count) { total += count; });
    ASSERT_EQ(total, 49'995'000);
  });
}

}  // namespace
}  // namespace pel
