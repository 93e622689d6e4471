// SPDX-License-Identifier: Apache-2.0
// The ledger's commands in the pel program.
#include "cli/command.hpp"
#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/replay.hpp"
#include "cli/ledger/statetest.hpp"

namespace pel::cli {
namespace {

const bool statetest = register_command(
    {"statetest", "run the official Ethereum state tests", 61, statetest_main});

const bool blocktest = register_command(
    {"blocktest", "run the official Ethereum blockchain tests", 62, blocktest_main});

const bool replay = register_command(
    {"replay", "execute real Ethereum blocks and compare with their headers", 60, replay_main});

}  // namespace
}  // namespace pel::cli
