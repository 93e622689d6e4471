// SPDX-License-Identifier: Apache-2.0
// Model checks of the executor's shipped headers. Usage: executor_model PROTOCOL [BUG].
#include "tests/model/executor/queue_models.hpp"
#include "tests/model/executor/sleep_models.hpp"
#include "tests/model/executor/wait_models.hpp"
#include "tests/model/runner.hpp"

namespace model {
namespace {

template <template <Bug> class Suite, Bug kBug>
int check() {
  rl::test_params params;
  // The windows of these are too narrow for random schedules.
  if (kBug == Bug::kNoEpoch) params.search_type = rl::sched_full;
  if (kBug == Bug::kForgetsCalls) {
    params.search_type = rl::sched_bound;
    params.context_bound = 3;
  }
  return simulate<Suite<kBug>>(kBug != Bug::kNone, params);
}

constexpr Case kCases[] = {
    {"queue", "", check<Queue, Bug::kNone>},
    {"queue", "light_barrier", check<Queue, Bug::kNoLightBarrier>},
    {"queue", "forced_recheck", check<Queue, Bug::kNoForcedRecheck>},
    {"queue", "reclaim", check<Queue, Bug::kNoReclaim>},
    {"forced", "", check<Forced, Bug::kNone>},
    {"forced", "epoch", check<Forced, Bug::kNoEpoch>},
    {"cancel", "", check<Cancel, Bug::kNone>},
    {"cancel", "attention", check<Cancel, Bug::kNoAttention>},
    {"sleep", "", check<Sleep, Bug::kNone>},
    {"sleep", "sleep_recheck", check<Sleep, Bug::kNoSleepRecheck>},
    {"sleep", "hand_over", check<Sleep, Bug::kNoHandOver>},
    {"join_sleep", "", check<JoinSleep, Bug::kNone>},
    {"join_sleep", "counts_join_twice", check<JoinSleep, Bug::kCountsJoinTwice>},
    {"lending", "", check<Lending, Bug::kNone>},
    {"lending", "no_lending", check<Lending, Bug::kNoLending>},
    {"spare", "", check<Spare, Bug::kNone>},
    {"spare", "no_lending", check<Spare, Bug::kNoLending>},
    {"limit", "", check<Limit, Bug::kNone>},
    {"limit", "forgets_waiting", check<Limit, Bug::kForgetsWaiting>},
    {"calls", "", check<Calls, Bug::kNone>},
    {"calls", "forgets_calls", check<Calls, Bug::kForgetsCalls>},
    {"park", "", check<Park, Bug::kNone>},
    {"park", "stores_token", check<Park, Bug::kStoresToken>},
    {"join", "", check<Join, Bug::kNone>},
    {"join", "late_waiter_check", check<Join, Bug::kLateWaiterCheck>},
    {"group", "", check<Group, Bug::kNone>},
    {"group", "keeps_waiter", check<Group, Bug::kKeepsWaiter>},
    {"group", "no_waiter_lock", check<Group, Bug::kNoWaiterLock>},
    {"task", "", check<TaskEnd, Bug::kNone>},
    {"task", "loses_listener", check<TaskEnd, Bug::kLosesListener>},
    {"task", "no_fired_wait", check<TaskEnd, Bug::kNoFiredWait>},
    {"task", "fires_first", check<TaskEnd, Bug::kFiresFirst>},
};

}  // namespace
}  // namespace model

int main(int argc, char** argv) { return model::run(model::kCases, argc, argv); }
