// SPDX-License-Identifier: Apache-2.0
// The official state tests: a pre-state, one transaction in variants, and the root it must lead to.
#include "cli/ledger/statetest.hpp"

#include <optional>

#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/options.hpp"
#include "cli/ledger/trace.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

using ledger::BlockExecutor;
using ledger::Hash256;
using ledger::Transaction;
using ledger::TxType;
using ledger::U256;

// One executor per thread, kept while the thread lives: the machine reserves its stack once.
BlockExecutor& thread_executor(evm::CodeCache& codes) {
  thread_local std::optional<BlockExecutor> executor;
  thread_local const evm::CodeCache* owner = nullptr;
  if (owner != &codes) {
    executor.emplace(codes);
    owner = &codes;
  }
  return *executor;
}

class StateTest {
 public:
  StateTest(const std::string& file, std::string name, const Json& json,
            const StateTestOptions& options)
      : file_(file),
        name_(std::move(name)),
        options_(options),
        place_(file + ": " + name_),
        json_(json.at(place_)),
        pre_(read_alloc(json_["pre"], *options.codes)) {}

  void run(FileResult& result) {
    json_["post"].members([&](std::string_view fork, const Json& cases) {
      const auto revision = evm::parse_revision(fork);
      if (options_.fork && revision != options_.fork) return;
      if (!revision) throw Error(place_, "unknown fork \"" + std::string(fork) + "\"");
      std::size_t index = 0;
      cases.each([&](const Json& expected) {
        CaseResult item;
        item.name = file_ + ": " + name_ + "[" + std::to_string(index++) + "]";
        item.group = fork;
        item.reason = check(fork, *revision, expected);
        if (!item.reason.empty()) item.outcome = CaseResult::Outcome::kFailed;
        result.cases.push_back(std::move(item));
      });
    });
  }

 private:
  // Empty if the case passes.
  std::string check(std::string_view fork, evm::Revision revision, const Json& expected) {
    ledger::Address sender;
    const Transaction tx = transaction(expected, sender);
    if (std::string reason = check_bytes(expected, tx, sender, revision); !reason.empty())
      return reason;
    ledger::StateDiff diff;
    TraceWriter writer(options_.trace);
    BlockExecutor::Single single = context(fork, revision);
    if (options_.trace && options_.steps) single.tracer = &writer;
    const ledger::TxOutcome outcome =
        thread_executor(*options_.codes).execute(single, tx, sender, diff);
    if (options_.observe) options_.observe(single, tx, sender, outcome, diff);
    ledger::MemoryState post = pre_;
    post.apply(diff);
    const Hash256 root = post.root();
    if (options_.trace)
      std::fprintf(options_.trace, "{\"stateRoot\":\"%s\"}\n", to_string(root).c_str());
    return compare(expected, outcome, root);
  }

  std::string compare(const Json& expected, const ledger::TxOutcome& outcome,
                      const Hash256& root) const {
    const auto exception = expected.find("expectException");
    if (exception) {
      if (!outcome.fault) return "expected " + std::string(exception->text()) + ", but it ran";
      if (!names_exception(exception->text(),
                           "TransactionException." + std::string(outcome.fault.name)))
        return "expected " + std::string(exception->text()) + ", got " +
               std::string(outcome.fault.name) + ": " + outcome.fault.detail;
    } else if (outcome.fault) {
      return "rejected: " + std::string(outcome.fault.name) + ": " + outcome.fault.detail;
    }
    if (const Hash256 want = read_hash(expected["hash"]); root != want)
      return "state root " + to_string(root) + ", expected " + to_string(want) + "; gas used " +
             std::to_string(outcome.receipt.gas_used) + ", status " +
             std::string(evm::to_string(outcome.receipt.status));
    const Hash256 logs = ledger::logs_hash(outcome.receipt.logs);
    if (const Hash256 want = read_hash(expected["logs"]); logs != want)
      return "hash of logs " + to_string(logs) + ", expected " + to_string(want);
    return {};
  }

  // The variant of the transaction that this case is about.
  Transaction transaction(const Json& expected, ledger::Address& sender) const {
    const Json tx = json_["transaction"];
    const Json indexes = expected["indexes"];
    const auto pick = [&](const char* field, const char* index) {
      const std::vector<Json> all = tx[field].items();
      const std::uint64_t at = indexes[index].u64();
      if (at >= all.size()) indexes[index].fail("there is no such variant");
      return all[at];
    };
    Transaction t;
    t.chain_id = chain_id();
    t.nonce = tx["nonce"].u64();
    t.gas_limit = pick("gasLimit", "gas").u64();
    t.value = read_u256(pick("value", "value"));
    t.data = pick("data", "data").bytes();
    const auto to = tx.find("to");
    if (to && !to->text().empty() && to->text() != "0x") t.to = read_address(*to);
    if (const auto lists = tx.find("accessLists")) {
      const std::vector<Json> all = lists->items();
      const std::uint64_t at = indexes["data"].u64();
      if (at < all.size() && !all[at].is_null()) {
        t.type = TxType::kAccessList;
        t.access_list = read_access_list(all[at]);
      }
    }
    read_fees(tx, t);
    sender = read_address(tx["sender"]);
    return t;
  }

  static void read_fees(const Json& tx, Transaction& t) {
    if (const auto price = tx.find("gasPrice")) {
      t.max_fee = t.max_priority_fee = read_u256(*price);
    } else {
      t.type = TxType::kDynamicFee;
      t.max_fee = read_u256(tx["maxFeePerGas"]);
      t.max_priority_fee = read_u256(tx["maxPriorityFeePerGas"]);
    }
    if (const auto hashes = tx.find("blobVersionedHashes")) {
      t.type = TxType::kBlob;
      t.max_blob_fee = read_u256(tx["maxFeePerBlobGas"]);
      hashes->each([&](const Json& hash) { t.blob_hashes.push_back(read_hash(hash)); });
    }
    if (const auto list = tx.find("authorizationList")) {
      t.type = TxType::kSetCode;
      t.authorizations = read_authorizations(*list);
    }
  }

  // Where the signed bytes are given they must decode to this transaction and to its sender.
  static std::string check_bytes(const Json& expected, const Transaction& tx,
                                 const ledger::Address& sender, evm::Revision revision) {
    const auto field = expected.find("txbytes");
    if (!field || expected.has("expectException")) return {};
    const ledger::Bytes bytes = field->bytes();
    Transaction signed_tx;
    try {
      signed_tx = ledger::decode_transaction(bytes);
    } catch (const Error& error) {
      return std::string("txbytes: ") + error.what();
    }
    if (ledger::recover_sender(signed_tx, revision) != sender) return "txbytes: another sender";
    Transaction rebuilt = tx;
    rebuilt.v = signed_tx.v;
    rebuilt.r = signed_tx.r;
    rebuilt.s = signed_tx.s;
    return ledger::encode_transaction(rebuilt) == bytes ? "" : "txbytes: another transaction";
  }

  std::uint64_t chain_id() const {
    const auto config = json_.find("config");
    const auto id = config ? config->find("chainid") : std::nullopt;
    return id ? id->u64() : 1;
  }

  BlockExecutor::Single context(std::string_view fork, evm::Revision revision) const {
    const Json env = json_["env"];
    BlockExecutor::Single single;
    single.revision = revision;
    single.view = &pre_;
    single.block_hashes = [](std::uint64_t number) {
      const std::string digits = std::to_string(number);
      return ledger::keccak(ledger::Bytes(digits.begin(), digits.end()));
    };
    evm::BlockContext& block = single.block;
    block.coinbase = read_address(env["currentCoinbase"]);
    block.gas_limit = env["currentGasLimit"].u64();
    block.number = env["currentNumber"].u64();
    block.timestamp = env["currentTimestamp"].u64();
    const auto randao = env.find("currentRandom");
    block.difficulty_or_randao = revision >= evm::Revision::kParis && randao
                                     ? read_u256(*randao)
                                     : read_u256(env["currentDifficulty"]);
    if (const auto fee = env.find("currentBaseFee"); fee && revision >= evm::Revision::kLondon)
      block.base_fee = read_u256(*fee);
    block.chain_id = U256(chain_id());
    const ledger::BlobParams blobs = blob_params(fork);
    const auto excess = env.find("currentExcessBlobGas");
    block.blob_base_fee = ledger::blob_base_fee(excess ? excess->u64() : 0, blobs);
    single.limits = {block.gas_limit, blobs.max << 17, blobs};
    return single;
  }

  ledger::BlobParams blob_params(std::string_view fork) const {
    const auto config = json_.find("config");
    const auto schedule = config ? config->find("blobSchedule") : std::nullopt;
    const auto params = schedule ? schedule->find(fork) : std::nullopt;
    if (params) return read_blob_params(*params);
    const auto chain = ledger::ChainConfig::from_network(fork);
    return chain ? chain->blob_params(0) : ledger::BlobParams{};
  }

  const std::string& file_;
  std::string name_;
  const StateTestOptions& options_;
  std::string place_;
  Json json_;
  ledger::MemoryState pre_;
};

}  // namespace

FileResult run_state_tests(const FixtureFile& file, const StateTestOptions& options) {
  const base::JsonDocument document(file.text, file.name);
  FileResult result;
  document.root().members([&](std::string_view name, const Json& json) {
    StateTest(file.name, std::string(name), json, options).run(result);
  });
  return result;
}

int statetest_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel statetest";
  info.summary = "run the official Ethereum state tests";
  info.arguments = "FILE|FOLDER|ARCHIVE...";
  info.description =
      "Executes every case of the files and compares state root, logs and the reason of a\n"
      "rejection. One line per failure, then a summary by fork.";
  info.options = {
      {"--trace", "", "write each instruction (EIP-3155), then the state root, on stderr"},
      {"--trace-summary", "", "write only the state root of each case on stderr"},
      {"--fork", "NAME", "only the cases of this fork"},
      {"--version", "", "the version"}};
  info.hidden = hidden_options({"--seed", "--out"});
  info.examples = {"pel statetest state_tests.tar.xz", "pel statetest --trace test.json"};
  return command_main(argc, argv, info, [](Run& run) {
    if (run.has("--version")) {
      print_version("pel-statetest", run);
      return 0;
    }
    if (run.arguments().empty()) throw Error("command line", "no file is named", "see --help");
    evm::CodeCache codes(std::size_t{64} << 20);
    StateTestOptions options;
    options.codes = &codes;
    options.steps = run.has("--trace");
    options.trace = options.steps || run.has("--trace-summary") ? stderr : nullptr;
    if (run.has("--fork")) {
      options.fork = evm::parse_revision(run.text("--fork"));
      if (!options.fork) throw Error("--fork", "unknown fork \"" + run.text("--fork") + "\"");
    }
    const auto check = [&](const FixtureFile& file) { return run_state_tests(file, options); };
    return run_fixtures(run, run.arguments(), check,
                        options.trace ? FileOrder::kOneByOne : FileOrder::kAny);
  });
}

}  // namespace pel::cli
