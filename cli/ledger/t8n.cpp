// SPDX-License-Identifier: Apache-2.0
// Transition tool: alloc, env and transactions in, alloc, result and body out.
#include "cli/ledger/t8n.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/ledger/options.hpp"
#include "cli/ledger/report.hpp"
#include "cli/ledger/t8n_input.hpp"
#include "cli/ledger/t8n_output.hpp"
#include "cli/ledger/trace.hpp"
#include "cli/ledger/values.hpp"

namespace pel::cli {
namespace {

// One file per transaction that runs, numbered as the receipts are.
class TraceFiles final : public evm::Tracer {
 public:
  TraceFiles(const Run& run, const ledger::Block& block)
      : folder_(run.text("--output.basedir", ".")), block_(block) {
    options_.stack = !run.has("--trace.nostack");
    options_.memory = run.has("--trace.memory");
    options_.return_data = run.has("--trace.returndata");
    make_folder(folder_);
  }

  // What watches this transaction. The file is made when it begins to run.
  evm::Tracer* watch(std::size_t index) {
    close();
    index_ = index;
    return this;
  }

  // Ends the last file. A disk that is full shows here.
  void close() {
    writer_.reset();
    if (!file_) return;
    const bool written = std::ferror(file_.get()) == 0;
    if (std::fclose(file_.release()) != 0 || !written)
      throw T8nError(T8nError::kFiles, name_, "cannot be written to its end");
  }

  void enter(const evm::Message& message, const evm::Code& code) override {
    if (!writer_) open();
    writer_->enter(message, code);
  }
  void exit(const evm::Message& message, const evm::Result& result) override {
    writer_->exit(message, result);
  }
  void step(const evm::TraceStep& step) override { writer_->step(step); }
  void paid(std::int64_t gas) override { writer_->paid(gas); }
  void fault(const evm::TraceStep& step, evm::Status status) override {
    writer_->fault(step, status);
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void open() {
    std::string name = "trace-";
    name += std::to_string(files_++) + "-";
    name += to_string(ledger::transaction_hash(block_.transactions[index_])) + ".jsonl";
    name_ = (folder_ / name).string();
    file_.reset(std::fopen(name_.c_str(), "w"));
    if (!file_) throw T8nError(T8nError::kFiles, name_, "cannot be written");
    writer_.emplace(file_.get(), options_);
  }

  std::filesystem::path folder_;
  const ledger::Block& block_;
  TraceOptions options_;
  std::size_t index_ = 0;
  std::size_t files_ = 0;
  std::string name_;  // of the open file
  std::unique_ptr<std::FILE, Close> file_;
  std::optional<TraceWriter> writer_;
};

ledger::ChainConfig read_config(const Run& run) {
  try {
    ledger::ChainConfig config = fork_option(run, "--state.fork", "GrayGlacier");
    config.chain_id = run.number("--state.chainid", 0, ~std::uint64_t{0}, 1);
    return config;
  } catch (const Error& error) {
    if (error.place() == "--state.fork")
      throw T8nError(T8nError::kConfig, error.place(), error.reason());
    throw;
  }
}

evm::Revision read_revision(const Json& env, const ledger::ChainConfig& config) {
  ledger::Header probe;
  probe.number = env["currentNumber"].u64();
  probe.timestamp = env["currentTimestamp"].u64();
  return config.revision(probe, config.terminal_difficulty.has_value());
}

// Receipts before Byzantium hold the root after their transaction.
ledger::Hash256 root_after(const ledger::MemoryState& before, const ledger::StateDiff& diff) {
  ledger::MemoryState state = before;
  state.apply(diff);
  return state.root();
}

void set_reward(const Run& run, ledger::BlockExecutor::Input& input) {
  input.pay_rewards = run.text("--state.reward") != "-1";
  if (input.pay_rewards) input.reward = number_option(run, "--state.reward", "0");
}

void transition(Run& run) {
  const T8nTexts texts = read_t8n_texts(run);
  const base::JsonDocument alloc(texts.alloc, run.text("--input.alloc", "alloc.json"));
  const base::JsonDocument env(texts.env, run.text("--input.env", "env.json"));
  const base::JsonDocument txs(texts.txs, run.text("--input.txs", "txs.json"));
  const Json root = env.root();
  const ledger::ChainConfig config = read_config(run);
  const evm::Revision revision = read_revision(root, config);

  ledger::Block block;
  evm::CodeCache codes;
  const ledger::MemoryState state = read_alloc(alloc.root(), codes);
  T8nTransactions transactions = read_t8n_transactions(txs.root(), config.chain_id, revision);
  block.transactions = std::move(transactions.list);
  read_t8n_environment(root, config, revision, block);

  ledger::BlockExecutor::Input input;
  input.config = &config;
  input.revision = revision;
  input.block = &block;
  input.senders = transactions.senders;
  input.view = &state;
  input.skip_faulty = true;
  input.block_hashes = [&](std::uint64_t number) { return t8n_block_hash(root, number); };
  input.intermediate_root = [&](const ledger::StateDiff& diff) { return root_after(state, diff); };
  std::optional<TraceFiles> traces;
  if (run.has("--trace")) {
    traces.emplace(run, block);
    input.tracer = [&](std::size_t index) { return traces->watch(index); };
  }
  set_reward(run, input);
  ledger::BlockExecutor executor(codes);
  const ledger::U256 blob_price = ledger::blob_base_fee(block.header.excess_blob_gas.value_or(0),
                                                        config.blob_params(block.header.timestamp));
  ledger::BlockExecutor::Output output = executor.execute(input);
  if (traces) traces->close();
  T8nResult result{block, std::move(output), std::move(transactions.rejected), revision,
                   blob_price};
  ledger::MemoryState after = state;
  after.apply(result.output.diff);
  write_t8n(run, result, after);
}

// The exit code, which tells what was wrong as geth's tool does.
int run_transition(Run& run) {
  const auto failed = [](int code, const Error& error) {
    std::fprintf(stderr, "ERROR(%d): %s\n", code, error.what());
    return code;
  };
  try {
    transition(run);
    return 0;
  } catch (const T8nError& error) {
    return failed(error.code(), error);
  } catch (const ledger::InvalidBlock& error) {
    return failed(T8nError::kEvm, error);
  } catch (const Error& error) {
    if (error.place().starts_with("--")) throw;  // the command line: 2, as everywhere
    return failed(T8nError::kJson, error);
  }
}

}  // namespace

int t8n_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel t8n";
  info.summary = "state transition tool, with the interface of geth's evm t8n";
  info.description =
      "Executes transactions on an alloc in an environment. Inputs are files or stdin (one object\n"
      "with alloc, env and txs or txsRlp), outputs are files, stdout or stderr; an empty name: "
      "none.\n"
      "Exit codes: 0 done, 2 the block cannot be executed, 3 the environment does not fit the "
      "fork,\n"
      "4 a block hash is missing, 10 bad JSON, 11 bad files, 12 bad RLP.";
  info.options = {
      {"--input.alloc", "FILE", "accounts before (default alloc.json)"},
      {"--input.env", "FILE", "the block's environment (default env.json)"},
      {"--input.txs", "FILE", "transactions (default txs.json)"},
      {"--output.basedir", "DIR", "where output files go (default .)"},
      {"--output.alloc", "FILE", "accounts after (default alloc.json)"},
      {"--output.result", "FILE", "roots and receipts (default result.json)"},
      {"--output.body", "FILE", "RLP of the executed transactions (default none)"},
      {"--state.fork", "NAME", "rules (default GrayGlacier)"},
      {"--state.chainid", "N", "chain id (default 1)"},
      {"--state.reward", "N", "block reward in wei; -1: none (default 0)"},
      {"--trace", "", "write trace-INDEX-HASH.jsonl (EIP-3155) per transaction into basedir"},
      {"--trace.memory", "", "with the memory of each instruction"},
      {"--trace.nostack", "", "without stacks"},
      {"--trace.returndata", "", "with the return data of each instruction"},
      {"--verbosity", "N", "accepted and ignored"},
      {"--version", "", "the version"}};
  info.hidden = hidden_options({"--seed", "--out", "--json"});
  return command_main(argc, argv, info, [](Run& run) {
    if (!run.has("--version")) return run_transition(run);
    print_version("pel-t8n", run);
    return 0;
  });
}

}  // namespace pel::cli
