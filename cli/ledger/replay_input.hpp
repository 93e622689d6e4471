// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pel/ledger/chain.hpp"

namespace pel::cli {

// A real block with what its execution reads.
struct ReplayInput {
  std::string source;  // "pre-state", "witness"
  ledger::Block block;
  ledger::Hash256 hash;                              // as given
  std::vector<std::optional<ledger::Address>> from;  // as given, one per transaction
  std::size_t uncles = 0;                            // how many the block has; bodies may be absent
  std::optional<ledger::Header> parent;
  std::map<std::uint64_t, ledger::Hash256> block_hashes;
  ledger::MemoryState state;  // "pre-state"
  std::optional<ledger::TrieState> witness;
  double decode_seconds = 0;
  double analyse_seconds = 0;

  const ledger::StateView& view() const {
    return witness ? static_cast<const ledger::StateView&>(*witness) : state;
  }
  const ledger::ChainConfig& config() const { return ledger::ChainConfig::mainnet(); }
  bool merged() const { return block.header.difficulty.is_zero() && block.header.number != 0; }
};

// Reads {block, preState, codes, blockHashes} or {block, witness: {state, codes, headers}}, where
// headers are objects or RLP, as debug_executionWitness gives them. Throws pel::Error naming the
// place and the field.
std::unique_ptr<ReplayInput> read_replay(const std::string& text, const std::string& place,
                                         evm::CodeCache& codes);

}  // namespace pel::cli
