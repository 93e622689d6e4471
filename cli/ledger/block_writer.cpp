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

}  // namespace

std::string block_json(const ledger::Block& block, std::span<const ledger::Address> senders) {
  const ledger::Header& h = block.header;
  std::string transactions = "[";
  for (std::size_t i = 0; i < senders.size(); ++i)
    transactions += (i == 0 ? "\n" : ",\n") + transaction_json(block.transactions[i], senders[i]);
  return Row{}
      .text("hash", to_string(ledger::header_hash(h)))
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
      .text("nonce", hex(h.nonce))
      .text("baseFeePerGas", to_string(*h.base_fee))
      .text("withdrawalsRoot", to_string(*h.withdrawals_root))
      .text("blobGasUsed", hex(*h.blob_gas_used))
      .text("excessBlobGas", hex(*h.excess_blob_gas))
      .text("parentBeaconBlockRoot", to_string(*h.parent_beacon_root))
      .raw("uncles", "[]")
      .raw("transactions", transactions + "\n]")
      .raw("withdrawals", "[]")
      .json();
}

std::string pre_state_json(const ledger::MemoryState& state, const CodeBytes& code_of) {
  Row accounts;
  Row codes;
  std::set<ledger::Hash256> written;
  state.for_each([&](const ledger::Address& address, const auto& record) {
    const ledger::Hash256& hash = record.account.code_hash;
    Row account;
    account.text("nonce", hex(record.account.nonce))
        .text("balance", to_string(record.account.balance));
    if (hash != ledger::kEmptyCodeHash) {
      account.text("codeHash", to_string(hash));
      if (written.insert(hash).second) codes.text(to_string(hash), hex(code_of(hash)));
    }
    Row storage;
    for (const auto& [key, value] : record.storage)
      if (!value.is_zero()) storage.text(to_string(key), to_string(value));
    accounts.raw(to_string(address), account.raw("storage", storage.json()).json());
  });
  std::string members = "\"preState\":";
  members += accounts.json() + ",\"codes\":" + codes.json();
  return members;
}

}  // namespace pel::cli
