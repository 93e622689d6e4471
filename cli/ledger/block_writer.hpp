// SPDX-License-Identifier: Apache-2.0
#pragma once

// Blocks and states in the form that `pel replay` reads.

#include <functional>
#include <span>
#include <string>

#include "pel/ledger/chain.hpp"

namespace pel::cli {

// As eth_getBlockByNumber(full) gives a block of dynamic-fee transactions from Cancun on.
std::string block_json(const ledger::Block& block, std::span<const ledger::Address> senders);

// A header by the same names.
std::string header_json(const ledger::Header& header);

// Appends the members "preState" and "codes" of the format, without braces.
using CodeBytes = std::function<ledger::BytesView(const ledger::Hash256&)>;
void append_pre_state(std::string& out, const ledger::MemoryState& state, const CodeBytes& code_of);

}  // namespace pel::cli
