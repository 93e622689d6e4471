// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ledger values out of JSON.

#include <memory>
#include <string>

#include "base/json_reader.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/ledger/state.hpp"

namespace pel::cli {

using base::Json;

inline ledger::Address read_address(const Json& json) { return {json.fixed<20>()}; }
inline ledger::Hash256 read_hash(const Json& json) { return {json.fixed<32>()}; }

// A quantity in hexadecimal with any padding, decimal digits in a string, or a JSON number.
inline ledger::U256 read_u256(const Json& json) {
  if (json.is_number()) return ledger::U256(json.u64());
  const std::string_view text = json.text();
  if (text.starts_with("0x") || text.starts_with("0X"))
    return ledger::load_be(json.padded<32>().data());
  ledger::U256 number;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (digit > 9 || number > (ledger::U256::max() - ledger::U256(9)) / ledger::U256(10))
      json.fail("not a number of at most 256 bits: \"" + std::string(text) + "\"");
    number = number * ledger::U256(10) + ledger::U256(digit);
  }
  return number;
}

// A hash or a slot, hexadecimal, that may lack leading zeros.
inline ledger::Hash256 read_padded_hash(const Json& json) { return {json.padded<32>()}; }

// A block number that is a member's key, decimal or after 0x; errors name the member.
std::uint64_t read_block_number(std::string_view key, const Json& member);

// {address: {nonce, balance, code, storage}} as genesis files, fixtures and t8n have it; codes are
// kept analysed in `codes`.
ledger::MemoryState read_alloc(const Json& alloc, evm::CodeCache& codes);

// {target, max, baseFeeUpdateFraction}.
ledger::BlobParams read_blob_params(const Json& json);

// Fields of a transaction that fixtures and JSON-RPC spell alike, or either way (data and input,
// gasLimit and gas). `from`, `sender` and `secretKey` are the caller's.
ledger::Transaction read_transaction(const Json& json);
std::vector<ledger::AccessListEntry> read_access_list(const Json& json);
std::vector<ledger::Authorization> read_authorizations(const Json& json);

// A header as JSON-RPC or the fixtures spell it.
ledger::Header read_header(const Json& json);
std::vector<ledger::Withdrawal> read_withdrawals(const Json& json);

// A block as eth_getBlockByNumber(full) gives it. Uncle bodies are not in it.
ledger::Block read_rpc_block(const Json& json);

}  // namespace pel::cli
