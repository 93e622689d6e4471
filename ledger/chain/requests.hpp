// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pel/ledger/chain.hpp"

namespace pel::ledger {

// EIP-6110: type byte 0 and the deposits that the contract logged, in order. Throws InvalidBlock
// for a deposit event whose data is not laid out as the contract does it.
Bytes deposit_requests(const Address& contract, std::span<const Receipt> receipts);

}  // namespace pel::ledger
