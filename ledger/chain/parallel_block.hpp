// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "ledger/chain/block_executor.hpp"
#include "ledger/chain/conflicts.hpp"
#include "ledger/chain/locked_view.hpp"
#include "ledger/chain/payments.hpp"
#include "ledger/chain/turns.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::ledger {

// An attempt and what it came to, apart from what it leaves in the state.
struct alignas(64) AttemptSlot {
  Attempt attempt;
  TxOutcome outcome;
};

// One worker's machine, with which it runs attempts, and transactions directly when it is the
// holder.
struct alignas(64) AttemptWorker {
  AttemptWorker(evm::CodeCache& codes, BlockState& state, std::uint32_t number)
      : index(number), direct(codes, state), executor(direct.vm) {}

  // One that nobody uses; the worker who commits it keeps it.
  std::unique_ptr<AttemptSlot> take_slot();

  const std::uint32_t index;
  DirectRunner direct;
  AttemptJournal journal;
  AttemptExecutor executor;
  AttemptExecutor::Context context;
  std::vector<std::unique_ptr<AttemptSlot>> free;
};

struct ParallelBlockExecutor::Impl {
  static constexpr std::uint32_t kWindow = 256;

  Impl(evm::CodeCache& codes, bool in_any_case)
      : cache(codes), block(codes), always(in_any_case), slots(kWindow), turns(kWindow) {}

  // How many threads a block is worth.
  int crew_for(const Input& input);

  // Before the transactions of a block, after which attempts may run.
  void start(const Input& input);
  void start(const BlockExecutor::Single& single);
  void share(const StateView& view, const std::function<Hash256(std::uint64_t)>& hashes);
  void make_workers(std::size_t crew);
  void start_attempts();

  // Begins the block and runs the transactions with that many threads; throws what serial execution
  // throws.
  void execute_transactions(const Input& input, Output& output, int crew);
  void begin(const Input& input, Output& output, int crew);
  void work(const Input& input, Output& output, AttemptWorker& worker);
  // Whether an attempt of it is worth its while now.
  bool wanted(const Input& input, std::uint32_t index) const;
  void attempt(const Input& input, std::uint32_t index, AttemptWorker& worker);
  // Runs an attempt; false: it cannot count.
  bool run(AttemptWorker& worker, const Transaction& tx, const Address& sender, AttemptSlot& slot);
  // In order: an attempt that holds, or directly, or with the payments after it. `mark` is what
  // became of the attempt. Returns the next transaction.
  std::uint32_t commit(const Input& input, Output& output, std::uint32_t index, std::uint32_t mark,
                       AttemptWorker& worker);
  bool adopt(const Input& input, std::uint32_t index, AttemptSlot& slot);

  evm::CodeCache& cache;
  BlockExecutor::Impl block;
  const bool always;
  std::vector<std::unique_ptr<AttemptSlot>> slots;  // of claimed transactions
  Turns<TurnsAtomics> turns;
  Conflicts conflicts;
  std::vector<std::uint8_t>
      plain;  // by transaction: it is cheaper done than handed to somebody else
  std::vector<std::unique_ptr<AttemptWorker>> workers;
  Payments payments{block.state};
  BlockState::Place coinbase = 0;
  std::optional<LockedView> locked;
  std::mutex hashes_mutex;
  const StateView* view = nullptr;  // that several threads may read
  BlockHashes block_hashes;
  std::atomic<bool> begun{false};
  std::atomic<bool> stopped{false};
  std::exception_ptr error;  // by the holder of the token, who then stops all
  Counters counters;
};

}  // namespace pel::ledger
