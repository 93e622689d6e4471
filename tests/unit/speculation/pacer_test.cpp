// SPDX-License-Identifier: Apache-2.0
// What the pacer promises, on a clock of its own: what trials lose is bounded, and a program that
// can be run in parallel is found out soon, whatever came before it.
#include "pel/detail/speculation/pacer.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using pel::detail::spec::Pacer;

// Attempts of one cost on a machine with one helper. Times are in ticks.
struct Machine {
  std::uint64_t cost = 3'000;          // of an attempt in the serial loop
  std::uint64_t beside = 3'000;        // between two commits while a helper is in
  bool repeats = false;                // each attempt is run twice beside a helper
  std::uint64_t call = 30'000;         // to wake the helper
  std::uint64_t first_beside = 3'000;  // what the first commits take longer: memory is cold
  std::uint64_t way_back = 20'000;     // to the serial loop
};

// Runs batches through the pacer as the engine does.
class Simulation {
 public:
  void run(const Machine& machine, int batches, std::uint64_t attempts) {
    for (int i = 0; i < batches; ++i) batch(machine, attempts);
  }
  std::uint64_t now() const { return now_; }
  int trials() const { return trials_; }
  std::uint64_t together() const { return together_; }

 private:
  void batch(const Machine& machine, std::uint64_t left) {
    while (left > 0) {
      left = alone(machine, left);
      if (left == 0) break;
      ++trials_;
      now_ += machine.call;
      pacer_.called(machine.call);
      pacer_.opened(now_);
      left = beside(machine, left);
    }
    pacer_.ended(now_);
  }
  // Returns how many attempts are left when helpers are to be called.
  std::uint64_t alone(const Machine& machine, std::uint64_t left) {
    std::uint64_t done = 0, look = 1;
    bool calls = false;
    while (left > 0 && !calls) {
      const std::uint64_t turns = look - done < left ? look - done : left;
      now_ += turns * machine.cost;
      done += turns;
      left -= turns;
      calls = left > 0 && pacer_.pays(done * machine.cost, done, left);
      look += Pacer::next_look(done * machine.cost, done);
    }
    pacer_.ran_alone(done * machine.cost, done);
    return left;
  }
  std::uint64_t beside(const Machine& machine, std::uint64_t left) {
    std::uint64_t cold = 10;
    while (left > 0 && pacer_.still_pays(now_)) {
      now_ += machine.beside + (cold > 0 ? machine.first_beside : 0);
      cold -= cold > 0 ? 1 : 0;
      pacer_.committed(machine.cost, 2, machine.repeats);
      --left;
      ++together_;
    }
    if (left > 0) {
      now_ += machine.way_back;
      pacer_.closed(now_);
    }
    return left;
  }

  Pacer pacer_;
  std::uint64_t now_ = 0;
  std::uint64_t together_ = 0;  // attempts that were committed beside helpers
  int trials_ = 0;
};

constexpr Machine kChain{.beside = 8'000, .repeats = true};
constexpr Machine kParallel{.beside = 2'000, .first_beside = 8'000};

TEST(Pacer, AChainLosesNoMoreThanAFewPercent) {
  for (const std::uint64_t beside : {3'000U, 3'500U, 8'000U, 30'000U}) {
    Machine machine = kChain;
    machine.beside = beside;
    Simulation first;
    first.run(machine, 1, 1'000);
    const std::uint64_t lost_by_first = first.now() - 1'000 * machine.cost;
    Simulation simulation;
    simulation.run(machine, 1'000, 1'000);
    const std::uint64_t serial = 1'000'000 * machine.cost;
    EXPECT_GE(simulation.trials(), 2) << beside;
    EXPECT_LE(simulation.now(), serial + serial / 33 + lost_by_first) << beside;
  }
}

// Also where each run ends before its trial does.
TEST(Pacer, AttemptsThatAreDearerBesideHelpersLoseNoMoreThanAFewPercent) {
  const Machine dearer{.beside = 3'500, .first_beside = 0};
  for (const std::uint64_t attempts : {150U, 1'000U}) {
    Simulation simulation;
    simulation.run(dearer, 1'000, attempts);
    const std::uint64_t serial = 1'000 * attempts * dearer.cost;
    EXPECT_GE(simulation.trials(), 2);
    EXPECT_LE(simulation.now(), serial + serial / 30) << attempts;
  }
}

TEST(Pacer, CheapAttemptsAreNeverTried) {
  Machine cheap;
  cheap.cost = 50;
  Simulation simulation;
  simulation.run(cheap, 10, 100'000);
  EXPECT_EQ(simulation.trials(), 0);
}

TEST(Pacer, IndependentAttemptsRunTogetherFromTheFirstBatchOn) {
  Simulation simulation;
  simulation.run(kParallel, 1, 10'000);
  EXPECT_EQ(simulation.trials(), 1);
  EXPECT_GE(simulation.together(), 9'900U);
}

TEST(Pacer, AProgramThatStopsBeingAChainIsNoticed) {
  Simulation simulation;
  simulation.run(kChain, 1'000, 1'000);
  const std::uint64_t before = simulation.together();
  simulation.run(kParallel, 100, 1'000);
  EXPECT_GE(simulation.together() - before, 50'000U);
}

TEST(Pacer, AProgramThatBecomesAChainIsNoticed) {
  Simulation simulation;
  simulation.run(kParallel, 100, 1'000);
  const std::uint64_t before = simulation.together();
  simulation.run(kChain, 100, 1'000);
  EXPECT_LE(simulation.together() - before, 1'000U);
}

TEST(Pacer, CallsThatNobodyAnswersAreFew) {
  Pacer pacer;
  int calls = 0;
  for (int batch = 0; batch < 1'000; ++batch) {
    if (pacer.pays(30'000, 10, 990)) {
      ++calls;
      pacer.called(30'000);
    }
    pacer.ran_alone(3'000'000, 1'000);
    pacer.ended(0);
  }
  EXPECT_GE(calls, 10);
  EXPECT_LE(calls, 200);
}

}  // namespace
