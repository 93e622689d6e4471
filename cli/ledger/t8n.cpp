// SPDX-License-Identifier: Apache-2.0
// Transition tool: alloc, env and transactions in, alloc, result and body out.
#include "cli/ledger/t8n.hpp"

#include <cstdio>
#include <iostream>
#include <iterator>

#include "base/files.hpp"
#include "base/hex.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/report.hpp"
#include "cli/ledger/t8n_output.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"
#include "pel/main.hpp"

namespace pel::cli {
namespace {

using ledger::Bytes;
using ledger::Hash256;
using ledger::U256;

// The three inputs as texts; any of them may come together on stdin.
struct Texts {
  std::string alloc, env, txs;
};

std::string member_text(const base::JsonDocument& all, const char* name) {
  return all.root()[name].dump();
}

Texts read_texts(const Run& run) {
  const std::string alloc = run.text("--input.alloc", "alloc.json");
  const std::string env = run.text("--input.env", "env.json");
  const std::string txs = run.text("--input.txs", "txs.json");
  std::optional<base::JsonDocument> all;
  std::string text;
  if (alloc == "stdin" || env == "stdin" || txs == "stdin") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    all.emplace(text, "stdin");
  }
  const auto get = [&](const std::string& path, const char* name) {
    return path == "stdin" ? member_text(*all, name) : read_packed_file(path);
  };
  Texts texts{get(alloc, "alloc"), get(env, "env"), {}};
  if (txs == "stdin" && !all->root().has("txs")) {
    texts.txs = all->root()["txsRlp"].dump();
  } else {
    texts.txs = get(txs, "txs");
  }
  return texts;
}

// What the environment says of the block and of its parent.
class Environment {
 public:
  Environment(const Json& env, const ledger::ChainConfig& config, evm::Revision revision)
      : env_(env), config_(config), revision_(revision) {}

  void fill(ledger::Block& block) const {
    ledger::Header& h = block.header;
    h.coinbase = read_address(env_["currentCoinbase"]);
    h.number = env_["currentNumber"].u64();
    h.gas_limit = env_["currentGasLimit"].u64();
    h.timestamp = env_["currentTimestamp"].u64();
    if (const auto randao = env_.find("currentRandom")) h.mix_hash = read_padded_hash(*randao);
    fill_difficulty(h);
    if (revision_ >= evm::Revision::kLondon) h.base_fee = base_fee();
    if (revision_ >= evm::Revision::kCancun) h.excess_blob_gas = excess_blob_gas(h.timestamp);
    if (const auto root = env_.find("parentBeaconBlockRoot"))
      h.parent_beacon_root = read_hash(*root);
    if (const auto hash = env_.find("parentHash")) h.parent_hash = read_hash(*hash);
    if (const auto list = env_.find("withdrawals")) block.withdrawals = read_withdrawals(*list);
    if (const auto ommers = env_.find("ommers")) {
      ommers->each([&](const Json& ommer) {
        ledger::Header uncle;
        uncle.number = h.number - ommer["delta"].u64();
        uncle.coinbase = read_address(ommer["address"]);
        block.uncles.push_back(uncle);
      });
    }
    const auto hashes = env_.find("blockHashes");
    if (hashes && h.number > 0 && h.parent_hash.is_zero()) {
      const std::string parent = std::to_string(h.number - 1);
      if (const auto hash = hashes->find(parent)) h.parent_hash = read_hash(*hash);
    }
  }

  Hash256 block_hash(std::uint64_t number) const {
    const auto hashes = env_.find("blockHashes");
    Hash256 found;
    if (hashes) {
      hashes->members([&](std::string_view key, const Json& hash) {
        const int radix = key.starts_with("0x") ? 16 : 10;
        if (std::stoull(std::string(key), nullptr, radix) == number) found = read_hash(hash);
      });
    }
    return found;
  }

 private:
  void fill_difficulty(ledger::Header& h) const {
    if (revision_ >= evm::Revision::kParis) return;
    if (const auto difficulty = env_.find("currentDifficulty")) {
      h.difficulty = read_u256(*difficulty);
      return;
    }
    ledger::Header parent;
    parent.number = h.number - 1;
    parent.difficulty = read_u256(env_["parentDifficulty"]);
    parent.timestamp = env_["parentTimestamp"].u64();
    const auto uncles = env_.find("parentUncleHash");
    parent.uncles_hash =
        uncles && !read_hash(*uncles).is_zero() ? read_hash(*uncles) : ledger::kEmptyUnclesHash;
    h.difficulty = ledger::next_difficulty(parent, h.number, h.timestamp, config_);
  }

  U256 base_fee() const {
    if (const auto fee = env_.find("currentBaseFee")) return read_u256(*fee);
    ledger::Header parent;
    parent.base_fee = read_u256(env_["parentBaseFee"]);
    parent.gas_used = env_["parentGasUsed"].u64();
    parent.gas_limit = env_["parentGasLimit"].u64();
    return ledger::next_base_fee(parent, true);
  }

  std::uint64_t excess_blob_gas(std::uint64_t time) const {
    if (const auto excess = env_.find("currentExcessBlobGas")) return excess->u64();
    ledger::Header parent;
    if (const auto excess = env_.find("parentExcessBlobGas"))
      parent.excess_blob_gas = excess->u64();
    if (const auto used = env_.find("parentBlobGasUsed")) parent.blob_gas_used = used->u64();
    if (const auto fee = env_.find("parentBaseFee")) parent.base_fee = read_u256(*fee);
    return ledger::next_excess_blob_gas(parent, config_.blob_params(time), revision_);
  }

  Json env_;
  const ledger::ChainConfig& config_;
  evm::Revision revision_;
};

// Transactions: a JSON list, signed or with secret keys, or one string with the RLP of a list.
struct Transactions {
  std::vector<ledger::Transaction> list;
  std::vector<ledger::Address> senders;
  std::vector<T8nRejected> rejected;
};

void read_one(const Json& json, std::uint64_t chain_id, evm::Revision revision, std::size_t index,
              Transactions& out) {
  ledger::Transaction tx = read_transaction(json);
  const auto key = json.find("secretKey");
  if (key && read_padded_hash(*key) != Hash256{} && tx.r.is_zero()) {
    const auto guarded = json.find("protected");
    if (tx.type == ledger::TxType::kLegacy && guarded && !guarded->boolean()) {
      tx.chain_id.reset();
    } else if (!tx.chain_id) {
      tx.chain_id = chain_id;
    }
    ledger::sign_transaction(tx, read_padded_hash(*key));
  }
  const auto sender = ledger::recover_sender(tx, revision);
  if (!sender) {
    out.rejected.push_back({index, "TransactionException.INVALID_SIGNATURE_VRS", ""});
    return;
  }
  out.list.push_back(std::move(tx));
  out.senders.push_back(*sender);
}

Transactions read_transactions(const Json& json, std::uint64_t chain_id, evm::Revision revision) {
  Transactions out;
  if (json.is_string()) {
    for (ledger::Transaction& tx : ledger::decode_transactions(json.bytes(), json.place())) {
      const auto sender = ledger::recover_sender(tx, revision);
      if (!sender) json.fail("a transaction's signature gives no sender");
      out.list.push_back(std::move(tx));
      out.senders.push_back(*sender);
    }
    return out;
  }
  std::size_t index = 0;
  json.each([&](const Json& tx) { read_one(tx, chain_id, revision, index++, out); });
  return out;
}

void transition(Run& run) {
  const std::string fork = run.text("--state.fork", "Osaka");
  auto config = ledger::ChainConfig::from_network(fork);
  if (!config) throw Error("--state.fork", "unknown fork \"" + fork + "\"");
  config->chain_id = run.number("--state.chainid", 0, ~std::uint64_t{0}, 1);
  const Texts texts = read_texts(run);
  const base::JsonDocument alloc(texts.alloc, run.text("--input.alloc", "alloc.json"));
  const base::JsonDocument env(texts.env, run.text("--input.env", "env.json"));
  const base::JsonDocument txs(texts.txs, run.text("--input.txs", "txs.json"));

  ledger::Block block;
  ledger::Header probe;
  probe.number = env.root()["currentNumber"].u64();
  probe.timestamp = env.root()["currentTimestamp"].u64();
  const evm::Revision revision = config->revision(probe, config->terminal_difficulty.has_value());
  const Environment environment(env.root(), *config, revision);
  environment.fill(block);
  evm::CodeCache codes;
  ledger::MemoryState state = read_alloc(alloc.root(), codes);
  Transactions transactions = read_transactions(txs.root(), config->chain_id, revision);
  block.transactions = std::move(transactions.list);

  ledger::BlockExecutor::Input input;
  input.config = &*config;
  input.revision = revision;
  input.block = &block;
  input.senders = transactions.senders;
  input.view = &state;
  input.skip_faulty = true;
  input.block_hashes = [&](std::uint64_t number) { return environment.block_hash(number); };
  const std::string reward = run.text("--state.reward", "0");
  input.pay_rewards = reward != "-1";
  if (input.pay_rewards) input.reward = ledger::parse_number(reward);
  ledger::BlockExecutor executor(codes);
  T8nResult result{block, executor.execute(input), std::move(transactions.rejected), revision};
  ledger::MemoryState after = state;
  after.apply(result.output.diff);
  write_t8n(run, result, after);
}

}  // namespace

int t8n_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel t8n";
  info.summary = "state transition tool, with the interface of geth's evm t8n";
  info.description =
      "Executes transactions on an alloc in an environment. Inputs are files or stdin (one object\n"
      "with alloc, env and txs), outputs are files, stdout or stderr.";
  info.options = {{"--input.alloc", "FILE", "accounts before (default alloc.json)"},
                  {"--input.env", "FILE", "the block's environment (default env.json)"},
                  {"--input.txs", "FILE", "transactions (default txs.json)"},
                  {"--output.basedir", "DIR", "where output files go (default .)"},
                  {"--output.alloc", "FILE", "accounts after (default alloc.json)"},
                  {"--output.result", "FILE", "roots and receipts (default result.json)"},
                  {"--output.body", "FILE", "RLP of the executed transactions (default none)"},
                  {"--state.fork", "NAME", "rules (default Osaka)"},
                  {"--state.chainid", "N", "chain id (default 1)"},
                  {"--state.reward", "N", "block reward in wei; -1: none (default 0)"},
                  {"--version", "", "the version"}};
  info.hidden = {"--trace", "--verify", "--seed", "--out", "--metrics", "--deadline", "--json"};
  return pel::main(
      argc, argv,
      [](Run& run) { run.has("--version") ? print_version("pel-t8n", run) : transition(run); },
      info);
}

}  // namespace pel::cli
