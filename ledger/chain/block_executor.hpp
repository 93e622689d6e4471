// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/chain/tx_executor.hpp"

namespace pel::ledger {

// The parts of a block's execution in their order: start, begin_system_calls, the transactions,
// then end_of_block. Serial and parallel execution share all but the transactions.
struct BlockExecutor::Impl {
  explicit Impl(evm::CodeCache& codes) : journal(codes) {}

  void start(const Input& input);
  void start(const Single& single);
  void move_dao_funds();
  void begin_system_calls(const Input& input);
  void execute_transactions(const Input& input, Output& output);
  void execute_transaction(const Input& input, std::size_t index, Output& output);
  // The same for a valid block, lowering `seconds` to the time of each transaction.
  void time_transactions(const Input& input, Output& output, std::span<double> seconds);
  // Uses up the limits of later transactions and adds the receipt.
  void accept(const Input& input, std::size_t index, Receipt&& receipt, Output& output);
  void end_of_block(const Input& input, Output& output);
  void collect_requests(const Input& input, Output& output);
  void queue_requests(const Input& input, std::uint8_t type, Output& output);
  void pay_rewards(const Input& input);
  void withdraw(const std::vector<Withdrawal>& withdrawals);
  void call_if_present(const Address& contract, const Hash256& input);

  Journal journal;
  TxExecutor transactions;
  TxExecutor::Context context;
};

}  // namespace pel::ledger
