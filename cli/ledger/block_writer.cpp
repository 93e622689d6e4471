// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "base/hex.hpp"
#include "cli/ledger/block_writer.hpp"
#include "pel/main.hpp"

namespace pel::cli {
namespace {

using ledger::BytesView;
using ledger::U256;

std::string hex(BytesView bytes) { return base::to_hex(bytes).insert(0, "0x"); }
std::string hex(std::uint64_t number) { return to_string(U256(number)); }

std::string transaction_json(const ledger::Transaction& tx, const ledger::Address& from) {
  Row row;
  row.text("type", hex(static_cast<std::uint64_t>(tx.type)))
      .text("hash", to_string(ledger::transaction_hash(tx)))
      .text("from", to_string(from))
      .text("chainId", hex(tx.chain_id.value_or(0)))
      .text("nonce", hex(tx.nonce))
      .text("maxFeePerGas", to_string(tx.max_fee))
      .text("maxPriorityFeePerGas", to_string(tx.max_priority_fee))
      .text("gas", hex(tx.gas_limit));
  if (tx.to) row.text("to", to_string(*tx.to));
  row.text("value", to_string(tx.value))
      .text("input", hex(tx.data))
      .raw("accessList", "[]")
      .text("yParity", to_string(tx.v))
      .text("v", to_string(tx.v))
      .text("r", to_string(tx.r))
      .text("s", to_string(tx.s));
  return row.json();
}

Row header_row(const ledger::Header& h) {
  Row row;
  row.text("hash", to_string(ledger::header_hash(h)))
      .text("parentHash", to_string(h.parent_hash))
      .text("sha3Uncles", to_string(h.uncles_hash))
      .text("miner", to_string(h.coinbase))
      .text("stateRoot", to_string(h.state_root))
      .text("transactionsRoot", to_string(h.transactions_root))
      .text("receiptsRoot", to_string(h.receipts_root))
      .text("logsBloom", hex(h.bloom))
      .text("difficulty", to_string(h.difficulty))
      .text("number", hex(h.number))
      .text("gasLimit", hex(h.gas_limit))
      .text("gasUsed", hex(h.gas_used))
      .text("timestamp", hex(h.timestamp))
      .text("extraData", hex(h.extra_data))
      .text("mixHash", to_string(h.mix_hash))
      .text("nonce", hex(h.nonce));
  if (h.base_fee) row.text("baseFeePerGas", to_string(*h.base_fee));
  if (h.withdrawals_root) row.text("withdrawalsRoot", to_string(*h.withdrawals_root));
  if (h.blob_gas_used) row.text("blobGasUsed", hex(*h.blob_gas_used));
  if (h.excess_blob_gas) row.text("excessBlobGas", hex(*h.excess_blob_gas));
  if (h.parent_beacon_root) row.text("parentBeaconBlockRoot", to_string(*h.parent_beacon_root));
  if (h.requests_hash) row.text("requestsHash", to_string(*h.requests_hash));
  return row;
}

std::string account_json(const ledger::MemoryState::Record& record) {
  Row account;
  account.text("nonce", hex(record.account.nonce))
      .text("balance", to_string(record.account.balance));
  if (record.account.code_hash != ledger::kEmptyCodeHash)
    account.text("codeHash", to_string(record.account.code_hash));
  Row storage;
  for (const auto& [key, value] : record.storage)
    if (!value.is_zero()) storage.text(to_string(key), to_string(value));
  return account.raw("storage", storage.json()).json();
}

// Appends "name":json to an object that was begun by a brace.
void append_member(std::string& out, const std::string& name, std::string_view json) {
  if (out.back() != '{') out += ",\n";
  out += '"';
  out += name;
  out += "\":";
  out += json;
}

}  // namespace

std::string header_json(const ledger::Header& header) { return header_row(header).json(); }

std::string block_json(const ledger::Block& block, std::span<const ledger::Address> senders) {
  std::string transactions = "[";
  for (std::size_t i = 0; i < senders.size(); ++i)
    transactions += (i == 0 ? "\n" : ",\n") + transaction_json(block.transactions[i], senders[i]);
  std::string uncles = "[";
  for (const ledger::Header& uncle : block.uncles) {
    if (uncles.size() > 1) uncles += ',';
    uncles += '"' + to_string(ledger::header_hash(uncle)) + '"';
  }
  Row row = header_row(block.header);
  row.raw("uncles", uncles + "]").raw("transactions", transactions + "\n]");
  if (block.withdrawals) row.raw("withdrawals", "[]");
  return row.json();
}

void append_pre_state(std::string& out, const ledger::MemoryState& state,
                      const CodeBytes& code_of) {
  std::set<ledger::Hash256> codes;
  out += "\"preState\":{";
  state.for_each([&](const ledger::Address& address, const auto& record) {
    append_member(out, to_string(address), account_json(record));
    if (record.account.code_hash != ledger::kEmptyCodeHash) codes.insert(record.account.code_hash);
  });
  out += "},\"codes\":{";
  for (const ledger::Hash256& hash : codes)
    append_member(out, to_string(hash), '"' + hex(code_of(hash)) + '"');
  out += '}';
}

}  // namespace pel::cli
