// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/t8n_input.hpp"

#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>

#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/values.hpp"

namespace pel::cli {
namespace {

using evm::Revision;
using ledger::Hash256;
using ledger::U256;

std::string file_text(const std::string& path) {
  try {
    return read_packed_file(path);
  } catch (const Error& error) {
    throw T8nError(T8nError::kFiles, error.place(), error.reason());
  }
}

std::string transactions_on_stdin(const base::Json& root) {
  if (const auto rlp = root.find("txsRlp"); rlp && !rlp->text().empty()) return rlp->dump();
  const auto list = root.find("txs");
  return list ? list->dump() : "[]";
}

// One after the other, what the environment says of a block or of its parent.
class Environment {
 public:
  Environment(const Json& env, const ledger::ChainConfig& config, Revision revision)
      : env_(env), config_(config), revision_(revision) {}

  void fill(ledger::Block& block) const {
    ledger::Header& h = block.header;
    h.coinbase = read_address(env_["currentCoinbase"]);
    h.number = env_["currentNumber"].u64();
    h.gas_limit = env_["currentGasLimit"].u64();
    h.timestamp = env_["currentTimestamp"].u64();
    fill_base_fee(h);
    if (const auto list = env_.find("withdrawals")) {
      block.withdrawals = read_withdrawals(*list);
    } else if (revision_ >= Revision::kShanghai) {
      missing("withdrawals");
    }
    fill_difficulty(h);
    fill_blobs(h);
    if (revision_ >= Revision::kCancun) {
      const auto root = env_.find("parentBeaconBlockRoot");
      if (!root) missing("parentBeaconBlockRoot");
      h.parent_beacon_root = read_hash(*root);
    }
    fill_parent(h);
    fill_uncles(block);
  }

 private:
  [[noreturn]] void missing(const char* field) const {
    throw T8nError(T8nError::kConfig, env_.place(),
                   "the rules of " + std::string(evm::to_string(revision_)) + " need \"" + field +
                       "\" in the environment");
  }

  void fill_base_fee(ledger::Header& h) const {
    if (const auto fee = env_.find("currentBaseFee")) {
      h.base_fee = read_u256(*fee);
    } else if (revision_ >= Revision::kLondon) {
      if (!env_.has("parentBaseFee") || h.number == 0) missing("parentBaseFee");
      ledger::Header parent;
      parent.base_fee = read_u256(env_["parentBaseFee"]);
      parent.gas_used = number("parentGasUsed").value_or(0);
      parent.gas_limit = number("parentGasLimit").value_or(0);
      parent.number = h.number - 1;
      parent.timestamp = number("parentTimestamp").value_or(0);
      const Revision before = config_.revision(parent, revision_ > Revision::kParis);
      h.base_fee = ledger::next_base_fee(parent, before >= Revision::kLondon);
    }
  }

  void fill_difficulty(ledger::Header& h) const {
    const auto given = env_.find("currentDifficulty");
    if (const auto randao = env_.find("currentRandom")) h.mix_hash = to_hash(read_u256(*randao));
    if (revision_ >= Revision::kParis) {
      if (!env_.has("currentRandom")) missing("currentRandom");
      if (given && !read_u256(*given).is_zero())
        throw T8nError(T8nError::kConfig, env_.place(),
                       "\"currentDifficulty\" must be zero or absent after the merge");
      return;
    }
    if (given) {
      h.difficulty = read_u256(*given);
      return;
    }
    if (!env_.has("parentDifficulty")) missing("currentDifficulty\" or \"parentDifficulty");
    ledger::Header parent;
    parent.timestamp = number("parentTimestamp").value_or(0);
    if (h.number == 0 || h.timestamp <= parent.timestamp)
      throw T8nError(T8nError::kConfig, env_.place(),
                     "\"currentDifficulty\" is missing, and cannot be computed for block 0 or a "
                     "time that is not after the parent's");
    parent.number = h.number - 1;
    parent.difficulty = read_u256(env_["parentDifficulty"]);
    const auto uncles = env_.find("parentUncleHash");
    parent.uncles_hash =
        uncles && !read_hash(*uncles).is_zero() ? read_hash(*uncles) : ledger::kEmptyUnclesHash;
    h.difficulty = ledger::next_difficulty(parent, h.number, h.timestamp, config_);
  }

  void fill_blobs(ledger::Header& h) const {
    if (revision_ < Revision::kCancun) return;
    if (const auto excess = number("currentExcessBlobGas")) {
      h.excess_blob_gas = excess;
      return;
    }
    ledger::Header parent;
    parent.excess_blob_gas = number("parentExcessBlobGas");
    parent.blob_gas_used = number("parentBlobGasUsed");
    if (!parent.excess_blob_gas || !parent.blob_gas_used) return;
    if (const auto fee = env_.find("parentBaseFee")) parent.base_fee = read_u256(*fee);
    h.excess_blob_gas =
        ledger::next_excess_blob_gas(parent, config_.blob_params(h.timestamp), revision_);
  }

  void fill_parent(ledger::Header& h) const {
    if (const auto hash = env_.find("parentHash")) h.parent_hash = read_hash(*hash);
    if (h.number == 0 || !h.parent_hash.is_zero() || !env_.has("blockHashes")) return;
    env_["blockHashes"].members([&](std::string_view key, const Json& hash) {
      if (read_block_number(key, hash) == h.number - 1) h.parent_hash = read_hash(hash);
    });
  }

  void fill_uncles(ledger::Block& block) const {
    const auto ommers = env_.find("ommers");
    if (!ommers) return;
    ommers->each([&](const Json& ommer) {
      ledger::Header uncle;
      const std::uint64_t delta = ommer["delta"].u64();
      if (delta > 8) ommer["delta"].fail("is above 8");
      uncle.number = block.header.number - delta;
      uncle.coinbase = read_address(ommer["address"]);
      block.uncles.push_back(uncle);
    });
  }

  std::optional<std::uint64_t> number(const char* field) const {
    const auto found = env_.find(field);
    return found ? std::optional(found->u64()) : std::nullopt;
  }

  const Json& env_;
  const ledger::ChainConfig& config_;
  Revision revision_;
};

void keep(ledger::Transaction&& tx, Revision revision, std::size_t index, T8nTransactions& out) {
  const auto sender = ledger::recover_sender(tx, revision);
  if (!sender) {
    out.rejected.push_back({index, "INVALID_SIGNATURE_VRS", "gives no sender"});
    return;
  }
  out.list.push_back(std::move(tx));
  out.senders.push_back(*sender);
}

ledger::Transaction read_one(const Json& json, std::uint64_t chain_id) {
  ledger::Transaction tx = read_transaction(json);
  const auto key = json.find("secretKey");
  if (!key || read_padded_hash(*key).is_zero() || !tx.r.is_zero()) return tx;
  const auto guarded = json.find("protected");
  if (tx.type == ledger::TxType::kLegacy && guarded && !guarded->boolean()) {
    tx.chain_id.reset();
  } else if (tx.type == ledger::TxType::kLegacy || !tx.chain_id) {
    tx.chain_id = chain_id;
  }
  ledger::sign_transaction(tx, read_padded_hash(*key));
  return tx;
}

}  // namespace

T8nTexts read_t8n_texts(const Run& run) {
  const std::string alloc = run.text("--input.alloc", "alloc.json");
  const std::string env = run.text("--input.env", "env.json");
  const std::string txs = run.text("--input.txs", "txs.json");
  if (alloc != "stdin" && env != "stdin" && txs != "stdin")
    return {file_text(alloc), file_text(env), file_text(txs)};
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const base::JsonDocument all(text, "stdin");
  T8nTexts texts;
  texts.alloc = alloc == "stdin" ? all.root()["alloc"].dump() : file_text(alloc);
  texts.env = env == "stdin" ? all.root()["env"].dump() : file_text(env);
  texts.txs = txs == "stdin" ? transactions_on_stdin(all.root()) : file_text(txs);
  return texts;
}

void read_t8n_environment(const Json& env, const ledger::ChainConfig& config, Revision revision,
                          ledger::Block& block) {
  Environment(env, config, revision).fill(block);
}

Hash256 t8n_block_hash(const Json& env, std::uint64_t number) {
  std::optional<Hash256> found;
  if (const auto hashes = env.find("blockHashes")) {
    hashes->members([&](std::string_view key, const Json& hash) {
      if (read_block_number(key, hash) == number) found = read_hash(hash);
    });
  }
  if (found) return *found;
  throw T8nError(T8nError::kMissingHash, env.place(),
                 "the hash of block " + std::to_string(number) +
                     " is asked for and is not in \"blockHashes\"");
}

T8nTransactions read_t8n_transactions(const Json& json, std::uint64_t chain_id, Revision revision) {
  T8nTransactions out;
  std::size_t index = 0;
  if (!json.is_string()) {
    json.each("transaction",
              [&](const Json& tx) { keep(read_one(tx, chain_id), revision, index++, out); });
    return out;
  }
  const ledger::Bytes body = json.bytes();
  std::vector<ledger::BytesView> envelopes;
  try {
    envelopes = ledger::split_transactions(body, json.place());
  } catch (const Error& error) {
    throw T8nError(T8nError::kRlp, error.place(), error.reason());
  }
  for (const ledger::BytesView envelope : envelopes) {
    try {
      keep(ledger::decode_transaction(envelope, json.place()), revision, index, out);
    } catch (const Error& error) {
      out.rejected.push_back({index, "RLP", error.reason()});
    }
    ++index;
  }
  return out;
}

}  // namespace pel::cli
