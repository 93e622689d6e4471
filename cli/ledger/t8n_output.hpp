// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/ledger/t8n_input.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/main.hpp"

namespace pel::cli {

struct T8nResult {
  const ledger::Block& block;
  ledger::BlockExecutor::Output output;
  std::vector<T8nRejected> rejected;
  evm::Revision revision;
  ledger::U256 blob_price;
};

// Makes a folder with those above it; throws T8nError (kFiles).
void make_folder(const std::filesystem::path& folder);

// Writes alloc, result and body to where the options say.
void write_t8n(Run& run, T8nResult& result, const ledger::MemoryState& after);

}  // namespace pel::cli
