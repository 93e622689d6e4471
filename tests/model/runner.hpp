// SPDX-License-Identifier: Apache-2.0
#pragma once

// The main program of a model checker: PROTOCOL [BUG] chooses a case of its table. It exits with 0
// if no schedule of those tried breaks the protocol, with 1 if one does.
#include <span>

// Relacy's macros spoil what uses the standard headers, which are therefore read before.
#include "tests/model/executor/model_atomics.hpp"

namespace model {

// Tries random schedules of Suite: those that must break, because a bug is planted, more of them.
template <class Suite>
int simulate(bool planted, rl::test_params params = {}) {
  params.iteration_count = planted ? 400'000 : 60'000;
  params.execution_depth_limit = 4000;
  std::ostream quiet(nullptr);
  params.output_stream = planted ? &quiet : &std::cout;
  params.progress_stream = &quiet;
  const bool holds = rl::simulate<Suite>(params);
  std::printf("%s after %llu schedules\n", rl::test_result_str(params.test_result),
              static_cast<unsigned long long>(params.stop_iteration));
  return holds ? 0 : 1;
}

struct Case {
  const char* protocol;
  const char* bug;  // empty: the shipped protocol
  int (*check)();
};

inline int run(std::span<const Case> cases, int argc, char** argv) {
  const std::string protocol = argc > 1 ? argv[1] : "";
  const std::string bug = argc > 2 ? argv[2] : "";
  for (const Case& one : cases) {
    if (protocol == one.protocol && bug == one.bug) return one.check();
  }
  std::fprintf(stderr, "usage: %s PROTOCOL [BUG], one of\n", argv[0]);
  for (const Case& one : cases) std::fprintf(stderr, "  %s %s\n", one.protocol, one.bug);
  return 2;
}

}  // namespace model
