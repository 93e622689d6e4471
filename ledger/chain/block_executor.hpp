// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/chain/tx_executor.hpp"

namespace pel::ledger {

// What one thread runs transactions with, directly on a block's state.
struct DirectRunner {
  DirectRunner(evm::CodeCache& codes, BlockState& state)
      : journal(codes, state), transactions(vm) {}

  Journal journal;
  evm::Vm vm;
  TxExecutor transactions;
  TxExecutor::Context context;
};

// The parts of a block's execution in their order: start, begin_system_calls, the transactions,
// then end_of_block. Serial and parallel execution share all but the transactions.
struct BlockExecutor::Impl {
  explicit Impl(evm::CodeCache& codes) : main(codes, state) {}

  void start(const Input& input);
  void start(const Single& single);
  void move_dao_funds();
  void begin_system_calls(const Input& input);
  void execute_transactions(const Input& input, Output& output);
  // By one thread at a time, whichever it is.
  void execute_transaction(const Input& input, std::size_t index, DirectRunner& runner,
                           Output& output);
  // The same for a valid block, lowering `seconds` to the time of each transaction.
  void time_transactions(const Input& input, Output& output, std::span<double> seconds);
  // Uses up the limits of later transactions and adds the receipt.
  void accept(const Input& input, std::size_t index, Receipt&& receipt, Output& output);
  // `divided`: more than one thread is there.
  void end_of_block(const Input& input, Output& output, bool divided = false);
  void collect_requests(const Input& input, Output& output);
  void queue_requests(const Input& input, std::uint8_t type, Output& output);
  void pay_rewards(const Input& input);
  void withdraw(const std::vector<Withdrawal>& withdrawals);
  void call_if_present(const Address& contract, const Hash256& input);

  BlockState state;
  DirectRunner main;  // its context holds the limits of the block
  Journal& journal = main.journal;
  TxExecutor& transactions = main.transactions;
  TxExecutor::Context& context = main.context;
};

}  // namespace pel::ledger
