// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/chain/block_executor.hpp"
#include "ledger/chain/locked_view.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/speculation.hpp"

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
  using Change = std::pair<FieldKey, FieldValue>;  // the value after a transaction

  Impl(evm::CodeCache& codes, bool in_any_case)
      : cache(codes),
        serial(codes),
        block(codes),
        always(in_any_case),
        speculator(options(in_any_case)) {}

  static SpeculationOptions options(bool always) {
    SpeculationOptions options;
    options.always_parallel = always;
    options.window = 64;  // every transaction of it may be among the versions of a hot field
    return options;
  }
  bool pays(const Input& input) const;

  // Before and after the transactions of a block; between them attempts may run.
  void start(const Input& input);
  void start(const BlockExecutor::Single& single);
  void share(const StateView& view, const std::function<Hash256(std::uint64_t)>& hashes);
  void start_attempts();
  AttemptWorker& worker(std::size_t index);
  void run(const Input& input, std::size_t index, FieldAccess& fields, AttemptResult& result);
  // Runs the transactions; false if serial execution would refuse one or fail: then nothing counts.
  bool speculate(const Input& input, Output& output);
  // What only the order decides: gas and blob gas left, nonces. Called in order; false: refused.
  bool accept(const Input& input, std::size_t index, const AttemptResult& result);
  void adopt(const std::vector<Change>& changes);

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
  const bool always;
  Counters counters;
  Speculator<FieldKey, FieldValue> speculator;
  FlatMap<Address, std::uint64_t> nonces;  // of senders, after the transactions accepted so far
};

}  // namespace pel::ledger
