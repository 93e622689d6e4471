// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "pel/ledger/chain.hpp"

namespace pel::test {

// A parent and a block on mainnet's Cancun rules, with the states around it: transfers, slots set
// and erased, a contract created and used, a block hash asked for.
struct Scene {
  ledger::Header parent;
  ledger::Block block;
  std::vector<ledger::Address> senders;
  ledger::MemoryState before;
  ledger::TrieState before_trie;
  ledger::TrieState after_trie;
  ledger::Address store;    // the contract with slots
  ledger::Address created;  // in the first transaction, used in the last
};
Scene make_scene();

// Answers JSON-RPC for a scene; methods in `refused` are not offered. "breach" names one way to
// answer wrongly: "types", "null", "code", "proof", "id", "text".
struct SceneServer {
  const Scene& scene;
  std::set<std::string> refused;
  std::string breach;

  std::string answer(const std::string& body) const;
};

}  // namespace pel::test
