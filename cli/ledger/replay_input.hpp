// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pel/ledger/chain.hpp"

namespace pel::cli {

// Whether a block that stands by itself comes after the merge.
inline bool is_merged(const ledger::Header& header) {
  return header.difficulty.is_zero() && header.number != 0;
}

// A real block with what its execution reads.
struct ReplayInput {
  std::string source;            // "pre-state", "witness", or the method of a server
  std::string source_note;       // why the server's better methods were not taken
  bool partial_witness = false;  // proofs: a deletion may need a node that none of them has
  const ledger::ChainConfig* chain = &ledger::ChainConfig::mainnet();
  ledger::Block block;   // with its uncles where their headers are given
  ledger::Hash256 hash;  // as given
  std::vector<std::optional<ledger::Address>> from;  // as given, one per transaction
  std::size_t uncles = 0;  // how many the block has; their headers may be absent
  std::optional<ledger::Header> parent;
  std::map<std::uint64_t, ledger::Hash256> block_hashes;
  ledger::MemoryState state;  // "pre-state"
  std::optional<ledger::TrieState> witness;
  double decode_seconds = 0;
  double analyse_seconds = 0;

  const ledger::StateView& view() const {
    return witness ? static_cast<const ledger::StateView&>(*witness) : state;
  }
  bool uncles_given() const { return block.uncles.size() == uncles; }
};

// Reads {block, preState, codes, blockHashes} or {block, witness: {state, codes, headers}}, where
// headers are objects or RLP, as debug_executionWitness gives them; with "uncles" (headers) and
// "parent" (a header) where those are known. Throws pel::Error naming the place and the field.
std::unique_ptr<ReplayInput> read_replay(const std::string& text, const std::string& place,
                                         evm::CodeCache& codes);

}  // namespace pel::cli
