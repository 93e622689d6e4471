// SPDX-License-Identifier: Apache-2.0
#pragma once

// States that lie on a node and are read as they are asked for, each value once.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/ledger/rpc_client.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::cli {

// What they share: the codes of the accounts that were read.
class RpcState : public ledger::StateView {
 public:
  RpcState(RpcClient& rpc, std::uint64_t number, evm::CodeCache& codes)
      : rpc_(rpc), number_(number), cache_(codes) {}

  std::shared_ptr<const evm::Code> code(const ledger::Hash256& hash) const override;
  const std::map<ledger::Hash256, std::shared_ptr<const evm::Code>>& codes() const {
    return codes_;
  }

 protected:
  // "[first, ..., block]".
  std::string params(std::initializer_list<std::string> first, std::uint64_t number) const;
  void note_code(const ledger::Address& address, const ledger::Hash256& hash) const;
  ledger::Hash256 keep_code(const ledger::Bytes& bytes) const;  // its hash

  RpcClient& rpc_;
  std::uint64_t number_;

 private:
  evm::CodeCache& cache_;
  mutable std::map<ledger::Hash256, ledger::Address> owners_;
  mutable std::map<ledger::Hash256, std::shared_ptr<const evm::Code>> codes_;
};

// By eth_getProof (EIP-1186): every value is proved against the state root, and the nodes of all
// proofs are a witness.
class ProofState final : public RpcState {
 public:
  ProofState(RpcClient& rpc, const ledger::Header& header, evm::CodeCache& codes);

  std::optional<ledger::Account> account(const ledger::Address& address) const override;
  ledger::U256 storage(const ledger::Address& address, const ledger::U256& key) const override;
  bool has_storage(const ledger::Address& address) const override;

  // Adds the proofs of what `diff` erases as they are after it, in block `number`: a branch that
  // lost all but one child stands there merged.
  void add_after(const ledger::StateDiff& diff, std::uint64_t number);
  std::vector<ledger::Bytes> nodes() const;

 private:
  class Nodes;
  void fetch(const ledger::Address& address, const std::string& keys, std::uint64_t number) const;
  void need(const ledger::Address& address) const;

  std::shared_ptr<Nodes> nodes_;
  ledger::TrieState trie_;
  mutable std::set<ledger::Address> accounts_;
  mutable std::set<std::pair<ledger::Address, ledger::U256>> slots_;
};

// By eth_getBalance, eth_getTransactionCount, eth_getCode and eth_getStorageAt.
class ValueState final : public RpcState {
 public:
  using RpcState::RpcState;

  std::optional<ledger::Account> account(const ledger::Address& address) const override;
  ledger::U256 storage(const ledger::Address& address, const ledger::U256& key) const override;
  bool has_storage(const ledger::Address& address) const override;

  // Takes over what debug_traceBlockByNumber's prestateTracer says of each transaction; `changes`
  // is the same in diffMode ("null": not to be had) and tells which accounts a transaction created.
  void take(const base::Json& traces, const base::Json& changes);
  const ledger::MemoryState& known() const { return known_; }

 private:
  void take_account(const ledger::Address& address, const base::Json& account);
  std::string value(const char* method, std::initializer_list<std::string> first) const;

  mutable ledger::MemoryState known_;
  mutable std::set<ledger::Address> accounts_;
  mutable std::set<std::pair<ledger::Address, ledger::U256>> slots_;
};

}  // namespace pel::cli
