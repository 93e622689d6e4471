// SPDX-License-Identifier: Apache-2.0
#pragma once

// Blocks of a node, with what their execution reads.

#include <memory>
#include <string>

#include "cli/ledger/replay_input.hpp"
#include "cli/ledger/rpc_client.hpp"

namespace pel::cli {

class RpcSource {
 public:
  RpcSource(const std::string& url, const ledger::HttpClient::Options& options)
      : rpc_(url, options) {}

  std::uint64_t chain_id();

  // The block, its parent and its uncles, and what it reads: by debug_executionWitness; where the
  // server has an error for that, by prestateTracer; else by eth_getProof, else value by value. The
  // input's source names the method, its source_note why the better ones were not taken. Throws
  // pel::Error naming URL and method, and MissingNode.
  std::unique_ptr<ReplayInput> fetch(std::uint64_t number, const ledger::ChainConfig& chain,
                                     evm::CodeCache& codes);

 private:
  RpcClient rpc_;
};

}  // namespace pel::cli
