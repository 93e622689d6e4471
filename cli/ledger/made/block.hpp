// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pel/ledger/chain.hpp"

namespace pel::cli {

// A block of made transactions on a state in which its contracts are deployed.
struct MadeBlock {
  ledger::Header parent;  // its state root is that of `state`
  ledger::Block block;
  std::vector<ledger::Address> senders;
  ledger::MemoryState state;
};

struct MakeBlockOptions {
  std::string kind = "mix";  // transfers, erc20, swaps, mix
  std::size_t txs = 1000;
  // Share of the transactions that go to the one hot place of their kind: a recipient, a holder of
  // the token, a pool. The others of a kind share nothing, but for swaps beyond the pools.
  unsigned conflict_percent = 10;
  std::size_t pools = 32;
  std::uint64_t seed = 1;
  std::string contracts;  // folder of npm packages: node_modules
};

// Deterministic by seed. Every transaction has a sender of its own and succeeds. A mix is two
// fifths transfers of ether, two fifths transfers of a token, one fifth swaps. Contracts are those
// of contract_code.hpp. Throws pel::Error for an unknown kind or a missing package. Time and memory
// are linear in transactions and pools; a pool is 22 kB of code.
MadeBlock make_block(const MakeBlockOptions& options);

// {block, parent, blockHashes, preState, codes}, what `pel replay` reads.
std::string replay_json(const MadeBlock& made);

// `pel make-blocks`.
int make_blocks_main(int argc, char** argv);

}  // namespace pel::cli
