// SPDX-License-Identifier: Apache-2.0
#pragma once

// What `pel t8n` reads: accounts, the block's environment, transactions.

#include <string>
#include <vector>

#include "base/json_reader.hpp"
#include "pel/error.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/main.hpp"

namespace pel::cli {

// What stops a transition, with the exit code by which geth's tool tells the kinds apart.
class T8nError : public Error {
 public:
  enum Code : int { kEvm = 2, kConfig = 3, kMissingHash = 4, kJson = 10, kFiles = 11, kRlp = 12 };
  T8nError(Code code, std::string place, std::string reason)
      : Error(std::move(place), std::move(reason)), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

struct T8nRejected {
  std::size_t index = 0;
  std::string name;  // of the official fixtures, without "TransactionException."
  std::string detail;
};

// The three inputs as texts; any of them may come together on stdin.
struct T8nTexts {
  std::string alloc, env, txs;
};
T8nTexts read_t8n_texts(const Run& run);

// Fills the header and the parts of the block that the environment gives; what it lacks and can be
// computed follows from the parent's fields. Throws T8nError (kConfig) for what this fork needs and
// is not given.
void read_t8n_environment(const base::Json& env, const ledger::ChainConfig& config,
                          evm::Revision revision, ledger::Block& block);

// The hash that the environment gives for this block; throws T8nError (kMissingHash).
ledger::Hash256 t8n_block_hash(const base::Json& env, std::uint64_t number);

// A JSON list of transactions, signed or with secret keys, or one string with the RLP of a list.
struct T8nTransactions {
  std::vector<ledger::Transaction> list;  // those whose sender could be recovered
  std::vector<ledger::Address> senders;
  std::vector<T8nRejected> rejected;
};
T8nTransactions read_t8n_transactions(const base::Json& json, std::uint64_t chain_id,
                                      evm::Revision revision);

}  // namespace pel::cli
