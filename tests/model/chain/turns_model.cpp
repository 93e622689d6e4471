// SPDX-License-Identifier: Apache-2.0
// Model check of the turns of a block's transactions, on the shipped header. Usage:
// turns_model block [BUG].
#include <atomic>
#include <memory>

// Relacy's macros spoil what uses <atomic>, which is therefore read before.
#include "tests/model/runner.hpp"

#include "ledger/chain/turns.hpp"

namespace {

using pel::ledger::TurnsBug;

template <TurnsBug kPlanted>
struct Policy : model::ModelAtomics<pel::detail::Bug::kNone> {
  static constexpr TurnsBug kTurnsBug = kPlanted;
};

// Two workers attempt transactions ahead of their turn, or run them directly. All are committed, in
// order, by one thread at a time, with what their attempts left.
template <TurnsBug kBug>
struct Block : rl::test_suite<Block<kBug>, 2> {
  using Turns = pel::ledger::Turns<Policy<kBug>>;
  static constexpr std::uint32_t kTransactions = 5;
  static constexpr std::uint32_t kWindow = 4;  // slots are used again
  Turns* turns = nullptr;
  rl::var<int> committed;      // guarded by the token; relacy reports a race on it
  rl::var<int> left[kWindow];  // what an attempt leaves in its slot

  void before() {
    turns = new Turns(kWindow);
    turns->start(kTransactions);
    committed(RL_INFO) = 0;
    for (auto& slot : left) slot(RL_INFO) = 0;
  }
  void after() {
    RL_ASSERT(committed(RL_INFO) == static_cast<int>(kTransactions));
    RL_ASSERT(turns->done());
    delete turns;
  }
  void settle(unsigned me, bool others) {
    turns->settle(me, {true, others}, [&](std::uint32_t i, typename Turns::Mark mark) {
      RL_ASSERT(committed(RL_INFO) == static_cast<int>(i));
      if (mark == Turns::kExecuted)
        RL_ASSERT(left[turns->slot_of(i)](RL_INFO) == static_cast<int>(i));
      committed(RL_INFO) = static_cast<int>(i) + 1;
      return i + 1;
    });
  }
  void thread(unsigned me) {
    std::uint32_t last = Turns::kNone;
    bool idle = false;
    while (true) {
      settle(me, idle);
      if (turns->done()) return;
      const std::uint32_t i = turns->claim(me, last, 1, [](std::uint32_t) { return true; });
      if (i == Turns::kNone) {
        if (idle && turns->at_end()) return;
        idle = true;
        Policy<kBug>::yield();
        continue;
      }
      idle = false;
      last = i;
      left[turns->slot_of(i)](RL_INFO) = static_cast<int>(i);
      turns->mark(i, me, i % 3 == 2 ? Turns::kFailed : Turns::kExecuted);
    }
  }
};

template <TurnsBug kBug>
int check() {
  return model::simulate<Block<kBug>>(kBug != TurnsBug::kNone);
}

constexpr model::Case kCases[] = {
    {"block", "", check<TurnsBug::kNone>},
    {"block", "left_to_owner", check<TurnsBug::kLeftToOwner>},
    {"block", "early_commit", check<TurnsBug::kEarlyCommit>},
    {"block", "two_holders", check<TurnsBug::kTwoHolders>},
};

}  // namespace

int main(int argc, char** argv) { return model::run(kCases, argc, argv); }
