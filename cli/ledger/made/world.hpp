// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/ledger/made/contract_code.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::cli {

// Somebody with a key, and ether for any number of transactions.
struct Person {
  ledger::Hash256 key;
  ledger::Address address;
  std::uint64_t nonce = 0;  // of the next transaction
};

// A state that is set up by executing transactions: every contract in it got there by its own
// creation code. Rules and number are those of a mainnet block of Cancun.
class MadeWorld {
 public:
  MadeWorld(std::uint64_t seed, std::string packages);

  // The same person for the same name and seed.
  Person person(std::string_view name);

  // A transaction of dynamic fees from `from`, which is then one nonce further.
  static ledger::Transaction transaction(Person& from, std::optional<ledger::Address> to,
                                         std::uint64_t gas);

  // Set-up, carried out by settle() at the latest: a contract by its creation code with the words
  // its constructor takes, a call. Where the contract will be is known at once.
  ledger::Address create(Person& from, const ContractFile& file, Words arguments);
  void call(Person& from, const ledger::Address& to, ledger::Bytes data, ledger::U256 value = {});
  // Throws pel::Error where a set-up transaction failed.
  void settle();

  // A block without transactions on this state, and the block before it, whose state root is that
  // of this state. Both have room for `gas`.
  struct Frame {
    ledger::Header parent;
    ledger::Block block;
  };
  Frame frame(std::uint64_t gas) const;

  ledger::BlockExecutor::Output execute(const ledger::Block& block,
                                        std::span<const ledger::Address> senders);
  const ledger::MemoryState& state() const noexcept { return state_; }

 private:
  void add(ledger::Transaction tx, const ledger::Address& from);

  std::uint64_t seed_;
  std::string packages_;
  evm::CodeCache codes_;
  ledger::BlockExecutor executor_;
  ledger::MemoryState state_;
  std::vector<ledger::Transaction> pending_;
  std::vector<ledger::Address> senders_;
};

}  // namespace pel::cli
