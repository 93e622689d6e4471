// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/chain/block_executor.hpp"
#include "ledger/chain/locked_view.hpp"
#include "pel/ledger/parallel.hpp"

namespace pel::ledger {

// What one attempt of a transaction came to, apart from what it wrote to fields.
struct AttemptResult {
  TxOutcome outcome;
  std::vector<std::pair<Address, std::uint64_t>> nonces;  // written, the sender's next one apart
  std::vector<FieldChange> changes;                       // where receipts hold state roots
};

// One worker's machine and journal.
struct AttemptWorker {
  AttemptJournal journal;
  AttemptExecutor executor;
  AttemptExecutor::Context context;

  void run(FieldAccess& fields, const Transaction& tx, const Address& sender,
           AttemptResult& result);
};

struct ParallelBlockExecutor::Impl {
  explicit Impl(evm::CodeCache& codes) : cache(codes), serial(codes), block(codes) {}

  // Before and after the transactions of a block; between them attempts may run.
  void start(const Input& input);
  void start(const BlockExecutor::Single& single);
  void share(const StateView& view, const std::function<Hash256(std::uint64_t)>& hashes);
  void start_attempts();
  AttemptWorker& worker(std::size_t index);
  // What only the order decides: gas and blob gas left, nonces, cumulative gas. False if serial
  // execution would refuse a transaction; `output` is then worth nothing.
  bool accept(const Input& input, std::vector<AttemptResult>& results, Output& output);
  void adopt(const std::vector<FieldChange>& changes);
  void run(const Input& input, std::size_t index, FieldAccess& fields, AttemptResult& result);
  Output in_order(const Input& input);

  evm::CodeCache& cache;
  BlockExecutor serial;
  BlockExecutor::Impl block;  // around the transactions
  DeployedCodes deployed;
  std::vector<std::unique_ptr<AttemptWorker>> workers;
  std::optional<LockedView> locked;
  std::mutex hashes_mutex;
  const StateView* view = nullptr;  // that several threads may read
  std::function<Hash256(std::uint64_t)> block_hashes;
  AttemptJournal::Block attempts;
  bool logs_changes = false;  // adopts them one transaction after the other
};

}  // namespace pel::ledger
