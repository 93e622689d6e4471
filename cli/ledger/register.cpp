// SPDX-License-Identifier: Apache-2.0
// The ledger's commands in the pel program.
#include "cli/command.hpp"
#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/evm_run.hpp"
#include "cli/ledger/made/block.hpp"
#include "cli/ledger/replay.hpp"
#include "cli/ledger/statetest.hpp"
#include "cli/ledger/t8n.hpp"

namespace pel::cli {
namespace {

const bool statetest =
    register_command({"statetest", "run the official Ethereum state tests", 61, statetest_main});

const bool blocktest = register_command(
    {"blocktest", "run the official Ethereum blockchain tests", 62, blocktest_main});

const bool replay = register_command(
    {"replay", "execute real Ethereum blocks and compare with their headers", 60, replay_main});

const bool evm = register_command({"evm", "run EVM code by itself", 63, evm_main});
const bool t8n = register_command(
    {"t8n", "state transition tool, with the interface of geth's evm t8n", 64, t8n_main});

const bool make_blocks = register_command(
    {"make-blocks", "make a block of transfers, token transfers and swaps", 65, make_blocks_main});

}  // namespace
}  // namespace pel::cli
