// SPDX-License-Identifier: Apache-2.0
// Attempts that have become stale: what they throw, loop on or index with leaves no trace. Flags
// order the attempts so that staleness is certain: attempt 1 reads before attempt 0 writes.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "tests/unit/speculation/helpers.hpp"

namespace pel::testing {
namespace {

// Attempt 0 changes key 1 from 0 to 7 once attempt 1 has read the 0; stale(view) is what attempt 1
// does with it.
template <class Stale>
void run_stale(SpeculationOptions options, Stale stale) {
  options.always_parallel = true;
  with_workers(2, [&] {
    Bank bank(options);
    std::atomic<bool> has_read{false};
    std::atomic<int> stale_runs{0};
    std::vector<std::uint64_t> results;
    bank.run(
        2, zero,
        [&](std::size_t i, auto& view) -> std::uint64_t {
          if (i == 0) {
            while (!has_read.load()) std::this_thread::yield();
            view.write(1, 7);
            return 0;
          }
          const std::uint64_t value = view.read(1);
          has_read.store(true);
          if (value == 0) {
            ++stale_runs;
            stale(view);
          }
          return value;
        },
        [&](std::size_t, std::uint64_t result, const auto&) { results.push_back(result); });
    EXPECT_EQ(results, (std::vector<std::uint64_t>{0, 7}));
    EXPECT_EQ(stale_runs.load(), 1);
    EXPECT_GE(bank.counters().incarnations, 3u);
  });
}

TEST(Doomed, AnExceptionOfAStaleAttemptIsDropped) {
  run_stale({}, [](auto&) { throw std::runtime_error("stale"); });
}
TEST(Doomed, AnEndlessLoopThatChecksEnds) {
  run_stale({}, [](auto& view) {
    while (true) view.check();
  });
}
TEST(Doomed, AnEndlessLoopThatReadsEnds) {
  run_stale({}, [](auto& view) {
    while (view.read(1) == 0 || view.read(2) == 0) {
    }
  });
}
TEST(Doomed, AnEndlessLoopThatLooksEnds) {
  SpeculationOptions options;
  options.unwind = false;
  run_stale(options, [](auto& view) {
    while (!view.doomed()) {
    }
    // Accesses still answer with some value of the key.
    const std::uint64_t value = view.read(1);
    EXPECT_TRUE(value == 0 || value == 7);
    view.write(5, 1);
    EXPECT_TRUE(view.doomed());
  });
}
TEST(Doomed, ABadIndexIsDropped) {
  run_stale({}, [](auto& view) {
    const std::vector<int> table(8);
    static_cast<void>(table.at(view.read(1) - 1));
  });
}
TEST(Doomed, SwallowedUnwindingIsThrownAgain) {
  run_stale({}, [](auto& view) {
    for (int i = 0; i < 3; ++i) {
      try {
        while (true) view.check();
      } catch (...) {  // what fn should not do
      }
    }
  });
}

// Base cannot tell key 7, and attempt 1 asks for it before attempt 0 has written it.
TEST(Doomed, AnErrorOfTheBaseIsDroppedWhenAnEarlierAttemptWritesTheKey) {
  for (const int access : {0, 1, 2}) {
    with_workers(2, [&] {
      Bank bank(parallel());
      std::atomic<bool> has_failed{false};
      const auto use = [&](auto& view) {
        if (access == 0) return view.read(7);
        if (access == 1) return std::uint64_t{view.at_least(7, 5) ? 5u : 0u};
        view.add(7, 1);
        return std::uint64_t{5};
      };
      bank.run(
          2, [](std::uint64_t) -> std::uint64_t { throw std::runtime_error("no data"); },
          [&](std::size_t i, auto& view) {
            if (i == 0) {
              while (!has_failed.load()) std::this_thread::yield();
              view.write(7, 5);
              return;
            }
            try {
              EXPECT_EQ(use(view), 5u);
            } catch (const std::runtime_error&) {
              has_failed.store(true);
              throw;
            }
          });
      EXPECT_TRUE(has_failed.load());
      EXPECT_EQ(values_of(bank).at(7), access == 2 ? 6u : 5u);
    });
  }
}

// Attempts move one unit between two keys and look at both: under consistent_reads no run, stale or
// not, sees the sum off.
TEST(Doomed, ConsistentReadsKeepWhatAttemptsKeep) {
  SpeculationOptions options = parallel();
  options.consistent_reads = true;
  with_workers(4, [&] {
    Bank bank(options);
    std::atomic<int> torn{0};
    for (int round = 0; round < 6; ++round) {
      bank.run(
          200, [](std::uint64_t) { return 1000; },
          [&](std::size_t i, auto& view) {
            const std::uint64_t first = i % 2, second = 1 - first;
            const std::uint64_t a = view.read(first);
            if (i % 16 == 0) std::this_thread::yield();
            const std::uint64_t b = view.read(second);
            if (a + b != 2000) ++torn;
            view.write(first, a - 1);
            view.write(second, b + 1);
          });
      EXPECT_EQ(values_of(bank), (std::map<std::uint64_t, std::uint64_t>{{0, 1000}, {1, 1000}}));
    }
    EXPECT_EQ(torn.load(), 0);
  });
}

}  // namespace
}  // namespace pel::testing
