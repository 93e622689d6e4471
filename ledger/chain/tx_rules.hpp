// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pel/ledger/chain.hpp"

namespace pel::ledger {

// What of the block a transaction's validity depends on.
struct TxContext {
  evm::Revision revision = evm::Revision::kFrontier;
  const evm::BlockContext* block = nullptr;
  TxLimits limits;
};

inline constexpr std::uint64_t kTxGasCap = 1 << 24;  // EIP-7825
inline constexpr std::size_t kMaxInitCode = 49152;   // EIP-3860
inline constexpr std::uint64_t kMaxBlobsPerTx = 6;   // EIP-7594

// What can be said without the state: types, sizes, gas limits, fees, signatures' shape.
TxFault check_static(const TxContext& context, const Transaction& tx, const IntrinsicGas& gas);

// What needs the sender's account; `code` tells whether it has any other than a delegation.
TxFault check_sender(const Transaction& tx, const Account& sender, bool has_code);

// Price per gas that is paid (EIP-1559).
U256 effective_gas_price(const Transaction& tx, const U256& base_fee);

}  // namespace pel::ledger
