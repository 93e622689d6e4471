// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/values.hpp"

#include <charconv>

namespace pel::cli {
namespace {

using ledger::Transaction;
using ledger::TxType;
using ledger::U256;

// The first of two spellings that is there.
Json either(const Json& json, std::string_view first, std::string_view second) {
  if (auto found = json.find(first)) return *found;
  return json[second];
}

std::optional<ledger::Address> read_to(const Json& json) {
  const auto to = json.find("to");
  if (!to || to->text().empty() || to->text() == "0x") return {};
  return read_address(*to);
}

TxType type_of(const Json& json) {
  if (const auto type = json.find("type")) {
    const std::uint64_t number = type->u64();
    if (number > 4) type->fail("unknown transaction type " + std::to_string(number));
    return static_cast<TxType>(number);
  }
  if (json.has("authorizationList")) return TxType::kSetCode;
  if (json.has("maxFeePerBlobGas") || json.has("blobVersionedHashes")) return TxType::kBlob;
  if (json.has("maxFeePerGas")) return TxType::kDynamicFee;
  return json.has("accessList") ? TxType::kAccessList : TxType::kLegacy;
}

void read_signature(const Json& json, Transaction& tx) {
  const auto r = json.find("r");
  if (!r) return;
  tx.r = read_u256(*r);
  tx.s = read_u256(json["s"]);
  tx.v = read_u256(tx.type == TxType::kLegacy ? json["v"] : either(json, "yParity", "v"));
  if (tx.type == TxType::kLegacy) {
    tx.chain_id.reset();
    if (tx.v >= U256(35) && tx.v.fits_u64()) tx.chain_id = (tx.v.w[0] - 35) / 2;
  }
}

}  // namespace

std::uint64_t read_block_number(std::string_view key, const Json& member) {
  const bool hex = key.starts_with("0x");
  const std::string_view digits = key.substr(hex ? 2 : 0);
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, hex ? 16 : 10);
  if (error != std::errc{} || stop != end || digits.empty())
    member.fail("its name is not a block number");
  return number;
}

ledger::MemoryState read_alloc(const Json& alloc, evm::CodeCache& codes) {
  ledger::MemoryState state;
  alloc.members([&](std::string_view key, const Json& account) {
    const ledger::Address address{account.parse_padded<20>(key)};
    ledger::MemoryState::Record& record = state.edit(address);
    if (const auto nonce = account.find("nonce")) record.account.nonce = nonce->u64();
    if (const auto balance = account.find("balance")) record.account.balance = read_u256(*balance);
    if (const auto storage = account.find("storage")) {
      storage->members([&](std::string_view slot, const Json& value) {
        const U256 number = ledger::load_be(value.padded<32>().data());
        if (!number.is_zero())
          state.set_storage(address, ledger::load_be(value.parse_padded<32>(slot).data()), number);
      });
    }
    if (const auto code = account.find("code")) {
      const ledger::Bytes bytes = code->bytes();
      if (!bytes.empty()) state.set_code(address, codes.get(ledger::keccak(bytes), bytes));
    }
  });
  return state;
}

ledger::BlobParams read_blob_params(const Json& json) {
  ledger::BlobParams params;
  params.target = json["target"].u64();
  params.max = json["max"].u64();
  params.update_fraction = json["baseFeeUpdateFraction"].u64();
  if (params.update_fraction == 0) json["baseFeeUpdateFraction"].fail("must not be zero");
  return params;
}

std::vector<ledger::AccessListEntry> read_access_list(const Json& json) {
  std::vector<ledger::AccessListEntry> entries;
  json.each("access list entry", [&](const Json& item) {
    ledger::AccessListEntry entry;
    entry.address = read_address(item["address"]);
    item["storageKeys"].each([&](const Json& key) { entry.keys.push_back(read_padded_hash(key)); });
    entries.push_back(std::move(entry));
  });
  return entries;
}

std::vector<ledger::Authorization> read_authorizations(const Json& json) {
  std::vector<ledger::Authorization> authorizations;
  json.each("authorization", [&](const Json& item) {
    ledger::Authorization a;
    a.chain_id = read_u256(item["chainId"]);
    a.address = read_address(item["address"]);
    a.nonce = item["nonce"].u64();
    a.y_parity = read_u256(either(item, "yParity", "v"));
    a.r = read_u256(item["r"]);
    a.s = read_u256(item["s"]);
    authorizations.push_back(a);
  });
  return authorizations;
}

Transaction read_transaction(const Json& json) {
  Transaction tx;
  tx.type = type_of(json);
  if (const auto chain = json.find("chainId")) tx.chain_id = chain->u64();
  tx.nonce = json["nonce"].u64();
  const bool dynamic = tx.type >= TxType::kDynamicFee;
  tx.max_fee = read_u256(json[dynamic ? "maxFeePerGas" : "gasPrice"]);
  tx.max_priority_fee = dynamic ? read_u256(json["maxPriorityFeePerGas"]) : tx.max_fee;
  tx.gas_limit = either(json, "gas", "gasLimit").u64();
  tx.to = read_to(json);
  tx.value = read_u256(json["value"]);
  tx.data = either(json, "input", "data").bytes();
  if (const auto list = json.find("accessList")) tx.access_list = read_access_list(*list);
  if (tx.type == TxType::kBlob) {
    tx.max_blob_fee = read_u256(json["maxFeePerBlobGas"]);
    json["blobVersionedHashes"].each(
        [&](const Json& hash) { tx.blob_hashes.push_back(read_hash(hash)); });
  }
  if (tx.type == TxType::kSetCode)
    tx.authorizations = read_authorizations(json["authorizationList"]);
  read_signature(json, tx);
  return tx;
}

ledger::Header read_header(const Json& json) {
  ledger::Header h;
  h.parent_hash = read_hash(json["parentHash"]);
  h.uncles_hash = read_hash(either(json, "sha3Uncles", "uncleHash"));
  h.coinbase = read_address(either(json, "miner", "coinbase"));
  h.state_root = read_hash(json["stateRoot"]);
  h.transactions_root = read_hash(either(json, "transactionsRoot", "transactionsTrie"));
  h.receipts_root = read_hash(either(json, "receiptsRoot", "receiptTrie"));
  h.bloom = either(json, "logsBloom", "bloom").fixed<256>();
  h.difficulty = read_u256(json["difficulty"]);
  h.number = json["number"].u64();
  h.gas_limit = json["gasLimit"].u64();
  h.gas_used = json["gasUsed"].u64();
  h.timestamp = json["timestamp"].u64();
  h.extra_data = json["extraData"].bytes();
  h.mix_hash = read_hash(json["mixHash"]);
  h.nonce = json["nonce"].fixed<8>();
  if (const auto f = json.find("baseFeePerGas")) h.base_fee = read_u256(*f);
  if (const auto f = json.find("withdrawalsRoot")) h.withdrawals_root = read_hash(*f);
  if (const auto f = json.find("blobGasUsed")) h.blob_gas_used = f->u64();
  if (const auto f = json.find("excessBlobGas")) h.excess_blob_gas = f->u64();
  if (const auto f = json.find("parentBeaconBlockRoot")) h.parent_beacon_root = read_hash(*f);
  if (const auto f = json.find("requestsHash")) h.requests_hash = read_hash(*f);
  return h;
}

std::vector<ledger::Withdrawal> read_withdrawals(const Json& json) {
  std::vector<ledger::Withdrawal> withdrawals;
  json.each("withdrawal", [&](const Json& item) {
    ledger::Withdrawal withdrawal;
    withdrawal.index = item["index"].u64();
    withdrawal.validator = item["validatorIndex"].u64();
    withdrawal.address = read_address(item["address"]);
    withdrawal.amount_gwei = item["amount"].u64();
    withdrawals.push_back(withdrawal);
  });
  return withdrawals;
}

ledger::Block read_rpc_block(const Json& json) {
  ledger::Block block;
  block.header = read_header(json);
  const std::string place = json.place() + ": block " + std::to_string(block.header.number);
  json["transactions"].at(place).each(
      "transaction", [&](const Json& tx) { block.transactions.push_back(read_transaction(tx)); });
  if (const auto list = json.find("withdrawals"))
    block.withdrawals = read_withdrawals(list->at(place));
  return block;
}

}  // namespace pel::cli
