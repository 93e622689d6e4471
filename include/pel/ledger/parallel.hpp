// SPDX-License-Identifier: Apache-2.0
#pragma once

// Blocks whose transactions run at the same time, with the results of running them in order.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {

// Which transactions of a block need which, and how long each takes: the physical limit of running
// them at the same time.
struct BlockGraph {
  std::vector<double> seconds;                    // of each transaction, executed serially
  std::vector<std::vector<std::uint32_t>> needs;  // earlier transactions whose changes it saw

  double serial_seconds() const;
  // The longest chain of transactions of which each needs the one before: no number of workers is
  // faster.
  double critical_path_seconds() const;
  // The time on `workers` (at least 1) workers without any overhead: whenever one is free, it takes
  // the earliest transaction whose needs are done (list scheduling; within 2 - 1/workers of the
  // best). O(n log n + dependencies).
  double schedule_seconds(int workers) const;
};

// Where what two executions of a block gave differs first, in words; empty if nowhere.
std::string difference(const BlockExecutor::Output& a, const BlockExecutor::Output& b);

// Executes blocks as BlockExecutor does, with the same results bit for bit: receipts, difference,
// what is rejected, and errors. The transactions run as attempts of pel::speculate on the current
// executor. Not thread-safe; reused from block to block.
class ParallelBlockExecutor {
 public:
  explicit ParallelBlockExecutor(evm::CodeCache& codes);
  ~ParallelBlockExecutor();
  ParallelBlockExecutor(ParallelBlockExecutor&&) noexcept;

  using Input = BlockExecutor::Input;
  using Output = BlockExecutor::Output;

  Output execute(const Input& input);
  // One transaction by itself, as an attempt without others: for tests.
  TxOutcome execute(const BlockExecutor::Single& context, const Transaction& tx,
                    const Address& sender, StateDiff& diff);

  // Measures the graph of a block: runs it serially `repeat` times (the least time counts) and once
  // while recording what each transaction needs of others. Throws as BlockExecutor does.
  BlockGraph measure(const Input& input, int repeat);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace pel::ledger
