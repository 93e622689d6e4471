// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "pel/ledger/chain.hpp"

namespace pel::cli {

// A block of made transactions on a state in which its contracts are deployed.
struct MadeBlock {
  ledger::Block block;
  std::vector<ledger::Address> senders;
  ledger::MemoryState state;
};

struct MakeBlockOptions {
  std::string kind = "mix";  // transfers, erc20, mix
  std::size_t txs = 1000;
  unsigned conflict_percent = 10;  // share of transactions that pay one common recipient
  std::uint64_t seed = 1;
  std::string contracts;  // folder of npm packages: node_modules
};

// Deterministic by seed. The token is ERC20PresetMinterPauser of @openzeppelin/contracts 4.9.6, as
// its npm package carries it compiled. Throws pel::Error for an unknown kind or a missing artifact.
MadeBlock make_block(const MakeBlockOptions& options);

// {block, blockHashes, preState, codes}, what `pel replay` reads.
std::string replay_json(const MadeBlock& made);

// `pel make-blocks`.
int make_blocks_main(int argc, char** argv);

}  // namespace pel::cli
