// SPDX-License-Identifier: Apache-2.0
// Model check of jobs that are divided among workers, on the shipped header. Usage:
// divided_model jobs [BUG].
#include <atomic>

// Relacy's macros spoil what uses <atomic>, which is therefore read before.
#include "tests/model/runner.hpp"

#include "ledger/chain/divided.hpp"

namespace {

using pel::ledger::DividedBug;

template <DividedBug kPlanted>
struct Policy : model::ModelAtomics<pel::detail::Bug::kNone> {
  static constexpr DividedBug kDividedBug = kPlanted;
};

// One thread opens jobs of two parts and does what the other does not. Each part is done once, for
// the job that is open, and the opener sees what it left.
template <DividedBug kBug>
struct Jobs : rl::test_suite<Jobs<kBug>, 2> {
  static constexpr int kJobs = 3;
  static constexpr std::uint32_t kParts = 2;
  pel::ledger::Divided<Policy<kBug>> divided;
  typename Policy<kBug>::template Atomic<int> over{0};
  rl::var<int> job;           // relacy reports a race on it
  rl::var<int> left[kParts];  // the last job of which the part was done

  void before() {
    job(RL_INFO) = 0;
    for (auto& part : left) part(RL_INFO) = 0;
  }
  void work(unsigned me) {
    std::uint32_t part = 0;
    while (divided.claim(1U << me, &part)) {
      const int now = job(RL_INFO);
      RL_ASSERT(left[part](RL_INFO) == now - 1);
      left[part](RL_INFO) = now;
      divided.finished();
    }
  }
  void thread(unsigned me) {
    if (me != 0) {
      while (over.load(pel::detail::kAcquire) == 0) {
        work(me);
        Policy<kBug>::yield();
      }
      return;
    }
    for (int i = 1; i <= kJobs; ++i) {
      job(RL_INFO) = i;
      divided.open(kParts);
      work(me);
      while (!divided.done()) Policy<kBug>::yield();
      for (auto& part : left) RL_ASSERT(part(RL_INFO) == i);
    }
    over.store(1, pel::detail::kRelease);
  }
};

template <DividedBug kBug>
int check() {
  return model::simulate<Jobs<kBug>>(kBug != DividedBug::kNone);
}

constexpr model::Case kCases[] = {
    {"jobs", "", check<DividedBug::kNone>},
    {"jobs", "forgets_times", check<DividedBug::kForgetsTimes>},
    {"jobs", "finishes_first", check<DividedBug::kFinishesFirst>},
    {"jobs", "opens_too_early", check<DividedBug::kOpensTooEarly>},
};

}  // namespace

int main(int argc, char** argv) { return model::run(kCases, argc, argv); }
