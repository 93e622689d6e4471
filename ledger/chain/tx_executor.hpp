// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/chain/tx_rules.hpp"
#include "ledger/state/attempt_journal.hpp"
#include "ledger/state/journal.hpp"

namespace pel::ledger {

// What surrounds a transaction.
struct ExecutionContext {
  evm::Environment environment;
  TxLimits limits;
  evm::Tracer* tracer = nullptr;
};

// Executes one transaction after the other on a world: a Journal, or an AttemptJournal, for which
// the gas that the block has left and the sender's nonce are for the caller to check.
template <class World>
class BasicTxExecutor {
 public:
  using Context = ExecutionContext;

  // One thread's machine, which executors may share one after the other.
  explicit BasicTxExecutor(evm::Vm& vm) : vm_(vm) {}

  // Validates, buys gas, runs, refunds and pays. With a fault in the outcome the journal is as
  // before. The receipt has no cumulative gas and no bloom.
  TxOutcome execute(World& journal, Context& context, const Transaction& tx, const Address& sender);

  // A system call (EIP-4788 and others): 30 million gas, no fees, no nonce.
  evm::Result system_call(World& journal, Context& context, const Address& contract,
                          BytesView input);

  // A message by itself, its sender being the origin.
  evm::Result call(World& journal, Context& context, const evm::Message& message);

 private:
  TxFault check(World& journal, const Context& context, const Transaction& tx,
                const Address& sender);
  void warm_up(World& journal, const Context& context, const Transaction& tx,
               const Address& recipient);
  std::int64_t authorize(World& journal, const Context& context, const Transaction& tx);
  std::int64_t authorize_one(World& journal, const Context& context,
                             const Authorization& authorization);
  evm::Result run(World& journal, const Context& context, const Transaction& tx,
                  const evm::Message& message);

  evm::Vm& vm_;
  IntrinsicGas gas_;
};

extern template class BasicTxExecutor<Journal>;
extern template class BasicTxExecutor<AttemptJournal>;
using TxExecutor = BasicTxExecutor<Journal>;
using AttemptExecutor = BasicTxExecutor<AttemptJournal>;

// A system contract's caller (EIP-4788).
inline constexpr Address kSystemAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};

}  // namespace pel::ledger
