// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/model/executor/model_atomics.hpp"

namespace model {

using pel::detail::Bug;

struct Item {
  rl::var<int> payload;  // relacy reports a race on it
  int runs = 0;

  void fill(int value) { payload(RL_INFO) = value; }
  void run(int value) {
    RL_ASSERT(payload(RL_INFO) == value);
    ++runs;
  }
};

}  // namespace model
