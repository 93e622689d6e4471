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

// What of the sender it depends on. No account: nothing is known of the state.
struct TxSender {
  const Account* account = nullptr;
  bool has_code = false;  // any other than a delegation
};

// The first fault in the order in which most clients look: form and chain, what the block has left,
// nonce, code, fees, blobs, authorizations, funds, gas. Clients agree on the verdict; only the name
// depends on the order.
TxFault check_tx(const TxContext& context, const Transaction& tx, const IntrinsicGas& gas,
                 const TxSender& sender);

// What the sender must have: gas and blob gas at their highest price and the value; nothing if that
// exceeds 2^256.
std::optional<U256> most_cost(const Transaction& tx);

// Price per gas that is paid (EIP-1559).
U256 effective_gas_price(const Transaction& tx, const U256& base_fee);

}  // namespace pel::ledger
