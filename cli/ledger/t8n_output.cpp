// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/t8n_output.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/hex.hpp"

namespace pel::cli {
namespace {

using ledger::Bytes;
using ledger::BytesView;
using ledger::Hash256;
using ledger::U256;

std::string hex(BytesView bytes) { return "0x" + base::to_hex(bytes); }
std::string hex(std::uint64_t number) { return to_string(U256(number)); }

template <class T, class F>
std::string list(const std::vector<T>& items, F&& text) {
  std::string out = "[";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : ",") + text(items[i], i);
  return out + "]";
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string alloc_json(const ledger::MemoryState& state) {
  std::map<ledger::Address, const ledger::MemoryState::Record*> sorted;
  state.for_each([&](const auto& address, const auto& record) { sorted[address] = &record; });
  std::string out = "{";
  for (const auto& [address, record] : sorted) {
    Row account;
    account.text("balance", to_string(record->account.balance));
    if (record->account.nonce != 0) account.text("nonce", hex(record->account.nonce));
    if (record->code && record->code->size() != 0) account.text("code", hex(record->code->bytes()));
    std::map<U256, U256> slots;
    for (const auto& [key, value] : record->storage)
      if (!value.is_zero()) slots[key] = value;
    Row storage;
    for (const auto& [key, value] : slots)
      storage.text(to_string(to_hash(key)), to_string(to_hash(value)));
    if (!slots.empty()) account.raw("storage", storage.json());
    out += (out.size() > 1 ? ",\n" : "\n") + quoted(to_string(address)) + ":" + account.json();
  }
  return out + "\n}\n";
}

std::string log_json(const ledger::Log& log) {
  return Row{}
      .text("address", to_string(log.address))
      .raw("topics", list(log.topics, [](const Hash256& topic,
                                         std::size_t) { return quoted(to_string(topic)); }))
      .text("data", hex(log.data))
      .json();
}

std::string receipt_json(const ledger::Receipt& receipt, const ledger::Transaction& tx,
                         std::size_t index) {
  Row row;
  if (receipt.type != ledger::TxType::kLegacy)
    row.text("type", hex(static_cast<std::uint64_t>(receipt.type)));
  row.text("root", receipt.state_root ? to_string(*receipt.state_root) : "0x")
      .text("status", receipt.success ? "0x1" : "0x0")
      .text("cumulativeGasUsed", hex(receipt.cumulative_gas))
      .text("logsBloom", hex(receipt.bloom))
      .raw("logs",
           list(receipt.logs, [](const ledger::Log& log, std::size_t) { return log_json(log); }))
      .text("transactionHash", to_string(ledger::transaction_hash(tx)))
      .text("contractAddress", to_string(receipt.contract.value_or(ledger::Address{})))
      .text("gasUsed", hex(receipt.gas_used))
      .text("effectiveGasPrice", to_string(receipt.gas_price))
      .text("blockHash", to_string(Hash256{}))
      .text("transactionIndex", hex(index));
  return row.json();
}

// The transactions that were executed, in order.
std::vector<ledger::Transaction> executed(const T8nResult& result) {
  std::set<std::size_t> left_out;
  for (const auto& item : result.output.rejected) left_out.insert(item.index);
  std::vector<ledger::Transaction> kept;
  for (std::size_t i = 0; i < result.block.transactions.size(); ++i)
    if (!left_out.contains(i)) kept.push_back(result.block.transactions[i]);
  return kept;
}

// Positions in the list that was executed, back to positions in the input.
std::vector<T8nRejected> all_rejected(const T8nResult& result) {
  std::vector<T8nRejected> all = result.rejected;
  for (const auto& item : result.output.rejected) {
    std::size_t index = item.index;
    for (const T8nRejected& before : result.rejected)
      if (before.index <= index) ++index;
    all.push_back(
        {index, "TransactionException." + std::string(item.fault.name), item.fault.detail});
  }
  std::sort(all.begin(), all.end(),
            [](const T8nRejected& a, const T8nRejected& b) { return a.index < b.index; });
  return all;
}

std::string result_json(T8nResult& result, const ledger::MemoryState& after) {
  auto& output = result.output;
  const ledger::Header& header = result.block.header;
  const auto transactions = executed(result);
  const ledger::Bloom bloom = ledger::fill_blooms(output.receipts);
  std::vector<ledger::Log> logs;
  for (const auto& receipt : output.receipts)
    logs.insert(logs.end(), receipt.logs.begin(), receipt.logs.end());
  Row row;
  row.text("stateRoot", to_string(after.root()))
      .text("txRoot", to_string(ledger::transactions_root(transactions)))
      .text("receiptsRoot", to_string(ledger::receipts_root(output.receipts)))
      .text("logsHash", to_string(ledger::logs_hash(logs)))
      .text("logsBloom", hex(bloom))
      .raw("receipts", list(output.receipts, [&](const ledger::Receipt& receipt, std::size_t i) {
             return receipt_json(receipt, transactions[i], i);
           }));
  if (const auto rejected = all_rejected(result); !rejected.empty())
    row.raw("rejected", list(rejected, [](const T8nRejected& item, std::size_t) {
              return Row{}
                  .integer("index", item.index)
                  .text("error", item.name + (item.detail.empty() ? "" : ": " + item.detail))
                  .json();
            }));
  if (result.revision < evm::Revision::kParis) {
    row.text("currentDifficulty", to_string(header.difficulty));
  } else {
    row.null("currentDifficulty");
  }
  row.text("gasUsed", hex(output.gas_used));
  if (header.base_fee) row.text("currentBaseFee", to_string(*header.base_fee));
  if (result.block.withdrawals)
    row.text("withdrawalsRoot", to_string(ledger::withdrawals_root(*result.block.withdrawals)));
  if (header.excess_blob_gas) {
    row.text("currentExcessBlobGas", hex(*header.excess_blob_gas));
    row.text("blobGasUsed", hex(output.blob_gas_used));
  }
  if (result.revision >= evm::Revision::kPrague) {
    row.text("requestsHash", to_string(ledger::requests_hash(output.requests)));
    row.raw("requests", list(output.requests, [](const Bytes& request, std::size_t) {
              return quoted(hex(request));
            }));
  }
  return row.json();
}

std::string body_hex(const T8nResult& result) {
  std::vector<Bytes> items;
  for (const ledger::Transaction& tx : executed(result)) {
    const Bytes bytes = ledger::encode_transaction(tx);
    items.push_back(tx.type == ledger::TxType::kLegacy ? bytes : ledger::encode_rlp(bytes));
  }
  return quoted(hex(ledger::encode_rlp_list(items)));
}

}  // namespace

void write_t8n(Run& run, T8nResult& result, const ledger::MemoryState& after) {
  std::map<std::string, std::string> streams;  // "stdout", "stderr": members of one object
  const std::filesystem::path folder = run.text("--output.basedir", ".");
  const auto write = [&](const std::string& target, const char* name, const std::string& text) {
    if (target.empty()) return;
    if (target == "stdout" || target == "stderr") {
      std::string& members = streams[target];
      members += (members.empty() ? "" : ",\n") + quoted(name) + ":" + text;
    } else {
      std::filesystem::create_directories(folder);
      base::write_text(folder / target, text);
    }
  };
  write(run.text("--output.result", "result.json"), "result", result_json(result, after));
  write(run.text("--output.alloc", "alloc.json"), "alloc", alloc_json(after));
  write(run.text("--output.body"), "body", body_hex(result));
  for (const auto& [stream, members] : streams)
    std::fprintf(stream == "stdout" ? stdout : stderr, "{\n%s\n}\n", members.c_str());
}

}  // namespace pel::cli
