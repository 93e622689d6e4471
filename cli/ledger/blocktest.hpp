// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cli/ledger/report.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::cli {

// Runs every case of a file in the official blockchain-test format. `execute`, if given, executes
// the blocks.
FileResult run_block_tests(const FixtureFile& file, evm::CodeCache& codes,
                           const ledger::Chain::Execute& execute = {});

// True if `alternatives` ("BlockException.A|TransactionException.B") contains `name`.
bool names_exception(std::string_view alternatives, std::string_view name);

// `pel blocktest`: blockchain tests, and the unit-level fixtures by the name of their folder
// (TransactionTests, TrieTests, RLPTests, BasicTests, KeyStoreTests).
int blocktest_main(int argc, char** argv);

}  // namespace pel::cli
