// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "cli/ledger/report.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::cli {

struct StateTestOptions {
  evm::CodeCache* codes = nullptr;
  std::FILE* trace = nullptr;         // EIP-3155 lines and roots
  bool steps = false;                 // or only the roots
  std::optional<evm::Revision> fork;  // only this one
  // Called with each execution and what came of it.
  std::function<void(const ledger::BlockExecutor::Single&, const ledger::Transaction&,
                     const ledger::Address& sender, const ledger::TxOutcome&,
                     const ledger::StateDiff&)>
      observe;
};

// Runs every case of a file in the official state-test format.
FileResult run_state_tests(const FixtureFile& file, const StateTestOptions& options);

// `pel statetest` and `pel-statetest`.
int statetest_main(int argc, char** argv);

}  // namespace pel::cli
