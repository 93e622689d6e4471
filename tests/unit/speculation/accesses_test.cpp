// SPDX-License-Identifier: Apache-2.0
// What one attempt sees of its own accesses and of the attempts before it.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "tests/unit/speculation/helpers.hpp"

namespace pel::testing {
namespace {

TEST(Accesses, AnAttemptSeesItsOwnWritesAndAdditions) {
  for (const int workers : {0, 2}) {
    with_workers(workers, [] {
      Bank bank(parallel());
      bank.run(
          100, [](std::uint64_t key) { return 10 * key; },
          [](std::size_t i, auto& view) {
            const std::uint64_t key = 1000 + i;
            EXPECT_EQ(view.read(key), 10 * key);
            view.add(key, 5);
            EXPECT_EQ(view.read(key), 10 * key + 5);
            view.write(key, 7);
            EXPECT_EQ(view.read(key), 7u);
            view.add(key, 3);
            EXPECT_EQ(view.read(key), 10u);
            EXPECT_TRUE(view.at_least(key, 10));
            EXPECT_FALSE(view.at_least(key, 11));
            const std::uint64_t other = 5000 + i;
            view.add(other, 2);
            EXPECT_TRUE(view.at_least(other, 10 * other + 2));
            EXPECT_FALSE(view.at_least(other, 10 * other + 3));
            EXPECT_EQ(view.read(other), 10 * other + 2);
          });
      EXPECT_EQ(bank.keys_written(), 200u);
    });
  }
}

TEST(Accesses, ManyKeysOfOneAttempt) {
  Bank bank;
  bank.run(3, zero, [](std::size_t i, auto& view) {
    for (std::uint64_t key = 0; key < 5000; ++key) view.write(key, view.read(key) + key + i);
    for (std::uint64_t key = 0; key < 5000; ++key) view.add(key, 1);
  });
  const auto values = values_of(bank);
  for (std::uint64_t key = 0; key < 5000; ++key) EXPECT_EQ(values.at(key), 3 * key + 3 + 3);
}

TEST(Accesses, AdditionsOfManyAttemptsDoNotConflict) {
  with_workers(3, [] {
    Bank bank(parallel());
    bank.run(5000, zero, [](std::size_t i, auto& view) { view.add(1, i); });
    EXPECT_EQ(values_of(bank).at(1), 5000u * 4999 / 2);
    EXPECT_EQ(bank.counters().aborts, 0u);
    EXPECT_EQ(bank.counters().waits, 0u);
    EXPECT_EQ(bank.counters().incarnations, 5000u);
  });
}

TEST(Accesses, APredicateThatKeepsItsOutcomeDoesNotConflict) {
  with_workers(3, [] {
    Bank bank(parallel());
    bank.run(
        3000, [](std::uint64_t) { return 1'000'000; },
        [](std::size_t, auto& view) {
          if (view.at_least(1, 1000)) view.add(1, 0 - std::uint64_t{3});
        });
    EXPECT_EQ(values_of(bank).at(1), 1'000'000u - 9000);
    EXPECT_EQ(bank.counters().aborts, 0u);
  });
}

TEST(Accesses, AWriteOfTheSameValueDisturbsNobody) {
  with_workers(3, [] {
    Bank bank(parallel());
    bank.run(3000, zero, [](std::size_t, auto& view) {
      if (view.read(1) == 0) view.write(1, 0);
    });
    EXPECT_EQ(bank.counters().aborts, 0u);
  });
}

TEST(Accesses, KeysAndValuesOfAnyRegularType) {
  with_workers(2, [] {
    Speculator<std::pair<int, std::array<short, 3>>, std::string> texts(parallel());
    texts.run(
        400, [](const auto&) { return std::string("a text too long for the small buffer"); },
        [](std::size_t i, auto& view) {
          const std::pair<int, std::array<short, 3>> key{static_cast<int>(i % 5), {1, 2, 3}};
          view.write(key, std::to_string(i) + view.read(key).substr(0, 40));
        });
    EXPECT_EQ(texts.keys_written(), 5u);
    texts.for_each_write([](const auto& key, const std::string& text) {
      EXPECT_EQ(text.substr(0, 6),
                std::to_string(395 + key.first) + std::to_string(390 + key.first));
    });
  });
}

TEST(Accesses, TheBaseIsAskedOnceAKeyByOneWorker) {
  std::map<std::uint64_t, int> asked;
  with_workers(0, [&] {
    Bank bank;
    bank.run(
        100,
        [&](std::uint64_t key) {
          ++asked[key];
          return key;
        },
        [](std::size_t i, auto& view) { view.add(i % 10, view.read(i % 3)); });
  });
  for (const auto& [key, times] : asked) EXPECT_EQ(times, 1) << key;
}

}  // namespace
}  // namespace pel::testing
