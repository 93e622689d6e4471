// SPDX-License-Identifier: Apache-2.0
// `pel evm run`: one piece of code on an empty state.
#include "cli/ledger/evm_run.hpp"

#include <cstdio>

#include "base/hex.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/options.hpp"
#include "cli/ledger/trace.hpp"
#include "pel/error.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/main.hpp"

namespace pel::cli {
namespace {

constexpr ledger::Address kContract = ledger::small_address(0x1000);
constexpr ledger::Address kCaller = ledger::small_address(0xca11e4);

// Hexadecimal digits, or @FILE that holds them.
ledger::Bytes bytes_of(const Run& run, const std::string& option) {
  std::string text = run.text(option);
  if (text.starts_with("@")) {
    text = read_packed_file(text.substr(1));
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  }
  const auto bytes = base::from_hex(text);
  if (!bytes) throw Error(option, "is not hexadecimal");
  return *bytes;
}

void print_result(Run& run, const evm::Result& result, std::uint64_t gas) {
  const std::uint64_t used = gas - static_cast<std::uint64_t>(result.gas_left);
  const std::string output = base::to_hex(result.output).insert(0, "0x");
  const std::string status(evm::to_string(result.status));
  if (!run.json())
    return run.say("status " + status + "\ngas used " + std::to_string(used) + "\noutput " +
                   output);
  run.print(Row{}
                .text("status", status)
                .integer("gas_used", used)
                .integer("gas_refund", result.gas_refund)
                .text("output", output));
}

// 0 if the code succeeds.
int run_code(Run& run) {
  if (run.arguments().size() != 1 || run.arguments()[0] != "run")
    throw Error("command line", "expected: pel evm run", "see pel evm --help");
  if (!run.has("--code")) throw Error("--code", "is missing", "give the code in hexadecimal");
  const std::string fork = run.text("--fork", "Osaka");
  const auto revision = evm::parse_revision(fork);
  if (!revision) throw Error("--fork", "unknown fork \"" + fork + "\"");
  const ledger::Bytes program = bytes_of(run, "--code");
  const ledger::Bytes input = bytes_of(run, "--input");
  const std::uint64_t gas = run.number("--gas", 0, std::uint64_t{1} << 62, 1'000'000'000);

  ledger::MemoryState state;
  if (!program.empty()) state.set_code(kContract, std::make_shared<evm::Code>(program));
  evm::CodeCache codes;
  ledger::BlockExecutor executor(codes);
  TraceWriter trace(stderr);
  ledger::BlockExecutor::Single context;
  context.revision = *revision;
  context.block.gas_limit = 30'000'000;
  context.view = &state;
  if (run.has("--trace")) context.tracer = &trace;
  evm::Message message;
  message.gas = static_cast<std::int64_t>(gas);
  message.sender = kCaller;
  message.recipient = message.code_address = kContract;
  message.input = input;
  ledger::StateDiff diff;
  const evm::Result result = executor.call(context, message, diff);
  print_result(run, result, gas);
  return result.status == evm::Status::kSuccess ? 0 : 1;
}

}  // namespace

int evm_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel evm";
  info.summary = "run EVM code by itself";
  info.arguments = "run";
  info.description = "Executes code on an empty state. Exit code 1 if it does not succeed.";
  info.options = {{"--code", "HEX", "the code; @FILE reads it from a file"},
                  {"--input", "HEX", "call data; @FILE reads it from a file"},
                  {"--gas", "N", "gas of the call (default 1000000000)"},
                  {"--fork", "NAME", "rules: Frontier ... Osaka (default Osaka)"},
                  {"--trace", "", "write each instruction on stderr (EIP-3155)"}};
  info.hidden = hidden_options({"--seed", "--out"});
  info.examples = {"pel evm run --code 6001600201600052 --gas 100000 --fork Berlin --trace"};
  return command_main(argc, argv, info, run_code);
}

}  // namespace pel::cli
