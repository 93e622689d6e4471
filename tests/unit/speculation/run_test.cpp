// SPDX-License-Identifier: Apache-2.0
// Runs as a whole: commits, errors, ends, cancellation, reuse, options.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "pel/loops.hpp"
#include "tests/unit/speculation/helpers.hpp"

namespace pel::testing {
namespace {

TEST(Run, CommitsAreStreamedInOrderWithTheirWrites) {
  for (const int workers : {0, 1, 2, 8}) {
    with_workers(workers, [] {
      Bank bank(parallel());
      std::size_t next = 0;
      const std::size_t done = bank.run(
          2000, zero,
          [](std::size_t i, auto& view) {
            view.add(i % 3, 1);
            return std::make_unique<std::size_t>(i);
          },
          [&](std::size_t i, std::unique_ptr<std::size_t> result, const auto& writes) {
            EXPECT_EQ(i, next++);
            EXPECT_EQ(*result, i);
            writes.for_each([&](std::uint64_t key, std::uint64_t value) {
              EXPECT_EQ(key, i % 3);
              EXPECT_EQ(value, i / 3 + 1);
            });
          });
      EXPECT_EQ(done, 2000u);
      EXPECT_EQ(next, 2000u);
      EXPECT_EQ(bank.counters().attempts, 2000u);
    });
  }
}

TEST(Run, TheFirstErrorInOrderIsThrownAndThePrefixStays) {
  for (const int workers : {0, 1, 2, 8}) {
    with_workers(workers, [] {
      Bank bank(parallel());
      std::size_t commits = 0;
      try {
        bank.run(
            1000, zero,
            [](std::size_t i, auto& view) {
              view.write(i, i);
              if (i >= 300 && i % 7 == 0) throw std::out_of_range(std::to_string(i));
            },
            [&](std::size_t, const auto&) { ++commits; });
        FAIL() << "no error";
      } catch (const std::out_of_range& error) {
        EXPECT_STREQ(error.what(), "301");
      }
      EXPECT_EQ(commits, 301u);
      EXPECT_EQ(bank.keys_written(), 301u);
      // The speculator can be used again.
      EXPECT_EQ(bank.run(5, zero, [](std::size_t i, auto& view) { view.write(i, 1); }), 5u);
      EXPECT_EQ(bank.keys_written(), 5u);
    });
  }
}

TEST(Run, ACommitMayEndTheRun) {
  for (const int workers : {0, 2}) {
    with_workers(workers, [] {
      Bank bank(parallel());
      std::uint64_t gas = 0;
      const std::size_t done = bank.run(
          1000, zero,
          [](std::size_t i, auto& view) {
            view.write(i, 1);
            return std::uint64_t{21'000};
          },
          [&](std::size_t, std::uint64_t used, const auto&) {
            if (gas + used > 1'000'000) return false;
            gas += used;
            return true;
          });
      EXPECT_EQ(done, 47u);
      EXPECT_EQ(bank.keys_written(), 47u);
    });
  }
}

TEST(Run, KeptValuesAreWhereTheNextRunBegins) {
  for (const bool cells : {false, true}) {
    with_workers(2, [&] {
      SpeculationOptions options;
      options.keep_values = true;
      options.always_parallel = cells;
      Bank bank(options);
      std::atomic<int> asked{0};
      const auto base = [&](std::uint64_t key) {
        if (key == 5) ++asked;
        return 100 * key;
      };
      for (std::uint64_t round = 1; round <= 5; ++round) {
        bank.run(60, base, [&](std::size_t i, auto& view) {
          view.add(i % 3, 1);
          view.update(3, [](std::uint64_t v) { return v + 1; });
          if (round % 2 == 1) view.write(4, view.read(5));
        });
        std::map<std::uint64_t, std::uint64_t> expected = {
            {0, 20 * round}, {1, 100 + 20 * round}, {2, 200 + 20 * round}, {3, 300 + 60 * round}};
        if (round % 2 == 1) expected[4] = 500;
        EXPECT_EQ(values_of(bank), expected);
      }
      EXPECT_GE(asked.load(), 1);
      EXPECT_LE(asked.load(), 2);  // by two workers at once
      // A run that fails keeps its prefix, and no value of what failed.
      EXPECT_THROW(bank.run(10, base,
                            [](std::size_t i, auto& view) {
                              view.add(0, 1);
                              view.write(10 + i, 1);
                              if (i == 4) throw std::runtime_error("no");
                            }),
                   std::runtime_error);
      EXPECT_EQ(values_of(bank), (std::map<std::uint64_t, std::uint64_t>{
                                     {0, 104}, {10, 1}, {11, 1}, {12, 1}, {13, 1}}));
      bank.run(1, base, [](std::size_t, auto& view) { view.write(20, view.read(14)); });
      EXPECT_EQ(values_of(bank), (std::map<std::uint64_t, std::uint64_t>{{20, 1400}}));
    });
  }
}

// The serial loop runs some attempts again when one fails: with the values of the first time.
TEST(Run, AFailureInTheSerialLoopLeavesThePrefix) {
  with_workers(0, [] {
    Bank bank;
    std::vector<std::uint64_t> results;
    EXPECT_THROW(bank.run(
                     5000, [](std::uint64_t key) { return key; },
                     [](std::size_t i, auto& view) {
                       view.update(i % 7, [&](std::uint64_t v) { return 3 * v + i; });
                       if (i % 2 == 0) view.write(100 + i % 50, view.read(i % 5));
                       if (i == 4321) throw std::runtime_error("no");
                       return view.read(i % 7);
                     },
                     [&](std::size_t, std::uint64_t r, const auto&) { results.push_back(r); }),
                 std::runtime_error);
    std::map<std::uint64_t, std::uint64_t> expected;
    const auto read = [&](std::uint64_t key) {
      return expected.try_emplace(key, key).first->second;
    };
    std::vector<std::uint64_t> expected_results;
    for (std::uint64_t i = 0; i < 4321; ++i) {
      expected[i % 7] = 3 * read(i % 7) + i;
      if (i % 2 == 0) expected[100 + i % 50] = read(i % 5);
      expected_results.push_back(read(i % 7));
    }
    EXPECT_EQ(values_of(bank), expected);
    EXPECT_EQ(results, expected_results);
  });
}

TEST(Run, AnErrorOfTheBaseIsTheAttemptsOwn) {
  for (const int workers : {0, 2}) {
    with_workers(workers, [] {
      Bank bank(parallel());
      const auto base = [](std::uint64_t key) -> std::uint64_t {
        if (key == 77) throw std::runtime_error("no data");
        return key;
      };
      int handled = 0;
      bank.run(
          100, base,
          [](std::size_t i, auto& view) {
            try {
              return view.read(i);
            } catch (const std::runtime_error&) {
              return std::uint64_t{12345};
            }
          },
          [&](std::size_t i, std::uint64_t value, const auto&) {
            EXPECT_EQ(value, i == 77 ? 12345 : i);
            handled += value == 12345 ? 1 : 0;
          });
      EXPECT_EQ(handled, 1);
      EXPECT_THROW(bank.run(100, base, [](std::size_t i, auto& view) { view.add(i, 1); }),
                   std::runtime_error);
      EXPECT_EQ(bank.keys_written(), 77u);
    });
  }
}

TEST(Run, CancellationLeavesAPrefix) {
  with_workers(2, [] {
    CancelSource source;
    Bank bank(parallel());
    std::size_t commits = 0;
    EXPECT_THROW(with_cancel(source.token(),
                             [&] {
                               bank.run(
                                   1'000'000, zero,
                                   [&](std::size_t i, auto& view) {
                                     view.add(i % 7, 1);
                                     if (i == 500) source.cancel();
                                   },
                                   [&](std::size_t i, const auto&) { EXPECT_EQ(i, commits++); });
                             }),
                 Cancelled);
    std::uint64_t sum = 0;
    for (const auto& [key, value] : values_of(bank)) sum += value;
    EXPECT_EQ(sum, commits);
    EXPECT_LT(commits, 1'000'000u);
  });
}

TEST(Run, LoopsInsideAttempts) {
  with_workers(3, [] {
    Bank bank(parallel());
    bank.run(200, zero, [](std::size_t i, auto& view) {
      std::vector<std::uint64_t> squares(500);
      for_each(squares.size(), [&](std::size_t k) { squares[k] = k * k + i; });
      view.write(i % 10, view.read(i % 10) + reduce(squares, std::uint64_t{0}, std::plus<>()));
    });
    std::uint64_t sum = 0;
    for (const auto& [key, value] : values_of(bank)) sum += value;
    EXPECT_EQ(sum, std::uint64_t{200} * (499 * 500 * 999 / 6) + 500 * (199 * 200 / 2));
  });
}

TEST(Run, OutsideAnExecutorAndWithNothingToDo) {
  Bank bank;
  EXPECT_EQ(bank.run(0, zero, [](std::size_t, auto&) { FAIL(); }), 0u);
  EXPECT_EQ(bank.keys_written(), 0u);
  std::size_t written = 0;
  const SpeculationCounters counters = speculate<std::uint64_t, std::uint64_t>(
      50, zero, [](std::size_t i, auto& view) { view.write(i, i); },
      [&](std::uint64_t, std::uint64_t) { ++written; });
  EXPECT_EQ(counters.attempts, 50u);
  EXPECT_EQ(written, 50u);
}

TEST(Run, BadOptionsAreRefused) {
  for (const std::uint32_t window : {0u, 32u, 100u, 1u << 17}) {
    SpeculationOptions options;
    options.window = window;
    EXPECT_THROW(Bank{options}, Error) << window;
  }
  Bank bank;
  EXPECT_THROW(bank.run(std::size_t{1} << 32, zero, [](std::size_t, auto&) {}), Error);
}

// Attempt 1 reads before attempt 0, of the same class, writes: a conflict in each of the first
// batches, after which the policy puts attempt 1 aside while attempt 0 takes its time.
TEST(Run, PredictedWaitsAreLearnedAndChangeNothing) {
  with_workers(2, [] {
    LearnedWaits policy;
    SpeculationOptions options = parallel();
    options.policy = &policy;
    Bank bank(options);
    std::uint64_t predicted = 0;
    for (int batch = 0; batch < 200 && predicted == 0; ++batch) {
      std::atomic<bool> has_read{false};
      bank.run(
          2, zero,
          [&](std::size_t i, auto& view) {
            const std::uint64_t value = view.read(0);
            if (i == 1) has_read.store(true);
            for (int turn = 0; i == 0 && !has_read.load() && (batch < 3 || turn < 1000); ++turn) {
              std::this_thread::yield();
            }
            view.write(0, value + 1);
          },
          nullptr,
          [](std::size_t) {
            return ConflictClasses{{77, 0, 0, 0}};
          });
      EXPECT_EQ(values_of(bank), (std::map<std::uint64_t, std::uint64_t>{{0, 2}}));
      predicted += bank.counters().predicted_waits;
    }
    EXPECT_GT(predicted, 0u);
  });
}

TEST(LearnedWaits, AClassWinsAndLosesItsName) {
  LearnedWaits policy;
  EXPECT_FALSE(policy.should_wait(42));
  for (int i = 0; i < 8; ++i) policy.observe(42, true);
  int waits = 0;
  for (int i = 0; i < 160; ++i) waits += policy.should_wait(42) ? 1 : 0;
  EXPECT_EQ(waits, 150);
  EXPECT_FALSE(policy.should_wait(43));
  for (int i = 0; i < 16; ++i) policy.observe(42, false);
  EXPECT_FALSE(policy.should_wait(42));
}

}  // namespace
}  // namespace pel::testing
