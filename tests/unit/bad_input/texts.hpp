// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/unit/ledger_rpc/scene.hpp"

namespace pel::test {

// Whole and valid inputs of the ledger's commands, all of one small scene.
const Scene& shared_scene();
std::string pre_state_text();   // for pel replay
std::string witness_text();     // for pel replay
std::string state_test_text();  // for pel statetest, one case
std::string block_test_text();  // for pel blocktest, one case

}  // namespace pel::test
