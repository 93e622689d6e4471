// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pel/ledger/chain.hpp"
#include "pel/main.hpp"

namespace pel::cli {

struct T8nRejected {
  std::size_t index = 0;
  std::string name;
  std::string detail;
};

struct T8nResult {
  const ledger::Block& block;
  ledger::BlockExecutor::Output output;
  std::vector<T8nRejected> rejected;
  evm::Revision revision;
};

// Writes alloc, result and body to where the options say.
void write_t8n(Run& run, T8nResult& result, const ledger::MemoryState& after);

}  // namespace pel::cli
