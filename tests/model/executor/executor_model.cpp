// SPDX-License-Identifier: Apache-2.0
// Model checks of the executor's shipped headers. Usage: executor_model PROTOCOL [BUG]; exits with
// 0 if no schedule of those tried breaks the protocol, with 1 if one does.
#include "tests/model/executor/queue_models.hpp"
#include "tests/model/executor/sleep_models.hpp"
#include "tests/model/executor/wait_models.hpp"

namespace model {
namespace {

template <template <Bug> class Suite, Bug kBug>
int check() {
  rl::test_params params;
  params.iteration_count = kBug == Bug::kNone ? 60'000 : 400'000;
  params.execution_depth_limit = 4000;
  // The windows of these are too narrow for random schedules.
  if (kBug == Bug::kNoEpoch) params.search_type = rl::sched_full;
  if (kBug == Bug::kForgetsCalls) {
    params.search_type = rl::sched_bound;
    params.context_bound = 3;
  }
  std::ostream quiet(nullptr);
  params.output_stream = kBug == Bug::kNone ? &std::cout : &quiet;
  params.progress_stream = &quiet;
  const bool holds = rl::simulate<Suite<kBug>>(params);
  std::printf("%s after %llu schedules\n", rl::test_result_str(params.test_result),
              static_cast<unsigned long long>(params.stop_iteration));
  return holds ? 0 : 1;
}

struct Case {
  const char* protocol;
  const char* bug;
  int (*check)();
};

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

int main(int argc, char** argv) {
  const std::string protocol = argc > 1 ? argv[1] : "";
  const std::string bug = argc > 2 ? argv[2] : "";
  for (const model::Case& one : model::kCases) {
    if (protocol == one.protocol && bug == one.bug) return one.check();
  }
  for (const model::Case& one : model::kCases)
    std::fprintf(stderr, "  %s %s\n", one.protocol, one.bug);
  std::fprintf(stderr, "usage: executor_model PROTOCOL [BUG]\n");
  return 2;
}
