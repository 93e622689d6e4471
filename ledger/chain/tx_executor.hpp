// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/chain/tx_rules.hpp"
#include "ledger/state/journal.hpp"

namespace pel::ledger {

// Executes one transaction after the other on a journal.
class TxExecutor {
 public:
  struct Context {
    evm::Environment environment;
    TxLimits limits;
    evm::Tracer* tracer = nullptr;
  };

  // Validates, buys gas, runs, refunds and pays. With a fault in the outcome the journal is as
  // before. The receipt has no cumulative gas and no bloom.
  TxOutcome execute(Journal& journal, Context& context, const Transaction& tx,
                    const Address& sender);

  // A system call (EIP-4788 and others): 30 million gas, no fees, no nonce.
  evm::Result system_call(Journal& journal, Context& context, const Address& contract,
                          BytesView input);

  // A message by itself, its sender being the origin.
  evm::Result call(Journal& journal, Context& context, const evm::Message& message);

 private:
  TxFault check(Journal& journal, const Context& context, const Transaction& tx,
                const Address& sender);
  void warm_up(Journal& journal, const Context& context, const Transaction& tx,
               const Address& recipient);
  std::int64_t authorize(Journal& journal, const Context& context, const Transaction& tx);
  std::int64_t authorize_one(Journal& journal, const Context& context,
                             const Authorization& authorization);
  evm::Result run(Journal& journal, const Context& context, const Transaction& tx,
                  const evm::Message& message);

  evm::Vm vm_;
  IntrinsicGas gas_;
};

// A system contract's caller (EIP-4788).
inline constexpr Address kSystemAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};

}  // namespace pel::ledger
