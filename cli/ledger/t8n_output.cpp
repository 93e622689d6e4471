// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/t8n_output.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/hex.hpp"
#include "cli/ledger/t8n_words.hpp"

namespace pel::cli {
namespace {

using ledger::Bytes;
using ledger::BytesView;
using ledger::Hash256;
using ledger::U256;

std::string hex(BytesView bytes) { return base::to_hex(bytes).insert(0, "0x"); }
std::string hex(std::uint64_t number) { return to_string(U256(number)); }

template <class T, class F>
std::string list(const std::vector<T>& items, F&& text) {
  std::string out = "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ',';
    out += text(items[i], i);
  }
  out += ']';
  return out;
}

std::string quoted(std::string text) { return text.insert(0, 1, '"') += '"'; }

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

// What geth's tool calls the block that it has no header of.
Hash256 block_name() {
  Hash256 hash;
  hash.bytes[0] = 0x13;
  hash.bytes[1] = 0x37;
  return hash;
}

// Where a log or a receipt stands.
struct Position {
  const ledger::Header& header;
  Hash256 transaction;
  std::size_t index = 0;
  std::size_t first_log = 0;  // of the block
};

std::string log_json(const ledger::Log& log, const Position& at, std::size_t log_index) {
  return Row{}
      .text("address", to_string(log.address))
      .raw("topics", list(log.topics, [](const Hash256& topic,
                                         std::size_t) { return quoted(to_string(topic)); }))
      .text("data", hex(log.data))
      .text("blockNumber", hex(at.header.number))
      .text("transactionHash", to_string(at.transaction))
      .text("transactionIndex", hex(at.index))
      .text("blockHash", to_string(block_name()))
      .text("blockTimestamp", hex(at.header.timestamp))
      .text("logIndex", hex(log_index))
      .boolean("removed", false)
      .json();
}

std::string receipt_json(const ledger::Receipt& receipt, const ledger::Transaction& tx,
                         const Position& at, const U256& blob_price) {
  Row row;
  if (receipt.type != ledger::TxType::kLegacy)
    row.text("type", hex(static_cast<std::uint64_t>(receipt.type)));
  row.text("root", receipt.state_root ? to_string(*receipt.state_root) : "0x")
      .text("status", receipt.success ? "0x1" : "0x0")
      .text("cumulativeGasUsed", hex(receipt.cumulative_gas))
      .text("logsBloom", hex(receipt.bloom));
  row.raw("logs", list(receipt.logs, [&](const ledger::Log& log, std::size_t i) {
            return log_json(log, at, at.first_log + i);
          }));
  row.text("transactionHash", to_string(at.transaction))
      .text("contractAddress", to_string(receipt.contract.value_or(ledger::Address{})))
      .text("gasUsed", hex(receipt.gas_used))
      .text("effectiveGasPrice", to_string(receipt.gas_price));
  if (tx.type == ledger::TxType::kBlob)
    row.text("blobGasUsed", hex(tx.blob_gas())).text("blobGasPrice", to_string(blob_price));
  row.text("blockHash", to_string(block_name()))
      .text("blockNumber", hex(at.header.number))
      .text("transactionIndex", hex(at.index));
  return row.json();
}

std::string receipts_json(const T8nResult& result,
                          const std::vector<ledger::Transaction>& transactions) {
  std::size_t logs = 0;
  return list(result.output.receipts, [&](const ledger::Receipt& receipt, std::size_t i) {
    const Position at{result.block.header, ledger::transaction_hash(transactions[i]), i, logs};
    logs += receipt.logs.size();
    return receipt_json(receipt, transactions[i], at, result.blob_price);
  });
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
    all.push_back({index, std::string(item.fault.name), item.fault.detail});
  }
  std::sort(all.begin(), all.end(),
            [](const T8nRejected& a, const T8nRejected& b) { return a.index < b.index; });
  return all;
}

// What depends on the rules: what the next block follows from, and requests.
void add_header_fields(const T8nResult& result, Row& row) {
  const auto& output = result.output;
  const ledger::Header& header = result.block.header;
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
  } else {
    row.null("requests");
  }
}

std::string result_json(T8nResult& result, const ledger::MemoryState& after) {
  auto& output = result.output;
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
      .raw("receipts", receipts_json(result, transactions));
  if (const auto rejected = all_rejected(result); !rejected.empty())
    row.raw("rejected", list(rejected, [](const T8nRejected& item, std::size_t) {
              return Row{}
                  .integer("index", item.index)
                  .text("error", rejection_words(item.name, item.detail))
                  .text("exception", "TransactionException." + item.name)
                  .json();
            }));
  add_header_fields(result, row);
  if (!output.absent_contracts.empty())
    row.text("blockException", "BlockException.SYSTEM_CONTRACT_EMPTY: " +
                                   to_string(output.absent_contracts.front()) + " has no code");
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

void write_file(const std::filesystem::path& path, const std::string& text) {
  if (path.has_parent_path()) make_folder(path.parent_path());
  try {
    base::write_text(path, text);
  } catch (const Error& error) {
    throw T8nError(T8nError::kFiles, error.place(), error.reason());
  }
}

}  // namespace

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw T8nError(T8nError::kFiles, folder.string(), error.message());
}

void write_t8n(Run& run, T8nResult& result, const ledger::MemoryState& after) {
  std::map<std::string, std::string> streams;  // "stdout", "stderr": members of one object
  const std::filesystem::path folder = run.text("--output.basedir", ".");
  const auto write = [&](const std::string& target, const char* name, const std::string& text) {
    if (target.empty()) return;
    if (target == "stdout" || target == "stderr") {
      std::string& members = streams[target];
      members += (members.empty() ? "" : ",\n") + quoted(name) + ":" + text;
    } else {
      write_file(folder / target, text);
    }
  };
  write(run.text("--output.result", "result.json"), "result", result_json(result, after));
  write(run.text("--output.alloc", "alloc.json"), "alloc", alloc_json(after));
  write(run.text("--output.body"), "body", body_hex(result));
  for (const auto& [stream, members] : streams)
    std::fprintf(stream == "stdout" ? stdout : stderr, "{\n%s\n}\n", members.c_str());
}

}  // namespace pel::cli
