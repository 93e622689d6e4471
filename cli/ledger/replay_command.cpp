// SPDX-License-Identifier: Apache-2.0
// `pel replay`: real blocks against their headers.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <new>

#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/options.hpp"
#include "cli/ledger/replay.hpp"
#include "cli/ledger/rpc_source.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/main.hpp"

namespace pel::cli {
namespace {

using Verdict = ReplayCheck::Verdict;

// 0 if nothing was measured.
double ratio(double a, double b) { return b > 0 ? a / b : 0; }

const char* words(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kNotGiven:
      return "not_given";
  }
  return "";
}

void print_row(Run& run, const ReplayResult& result) {
  Row checks;
  Row reasons;
  for (const ReplayCheck& check : result.checks) {
    checks.text(check.name, words(check.verdict));
    if (check.verdict != Verdict::kPass) reasons.text(check.name, check.reason);
  }
  if (!result.source_note.empty()) reasons.text("source", result.source_note);
  run.print(
      Row{}
          .integer("block", result.block)
          .integer("txs", result.txs)
          .integer("gas", result.gas)
          .number("serial_seconds_min", least(result.serial_seconds))
          .number("serial_seconds_median", median(result.serial_seconds))
          .number("serial_seconds", least(result.serial_seconds))
          .number("parallel_seconds_min", least(result.parallel_seconds))
          .number("parallel_seconds_median", median(result.parallel_seconds))
          .number("parallel_seconds", least(result.parallel_seconds))
          .number("speedup", ratio(least(result.serial_seconds), least(result.parallel_seconds)))
          .integer("workers", static_cast<std::uint64_t>(result.workers))
          .integer("reexecutions", result.reexecutions)
          .integer("waits", result.waits)
          .number("critical_path_speedup", result.critical_path_speedup)
          .number("oracle_speedup", result.oracle_speedup)
          .number("block_seconds", result.block_seconds)
          .number("parallel_block_seconds", result.parallel_block_seconds)
          .number("decode_seconds", result.decode_seconds)
          .number("analyse_seconds", result.analyse_seconds)
          .number("recover_seconds", result.recover_seconds)
          .number("bloom_seconds", result.bloom_seconds)
          .number("roots_seconds", result.roots_seconds)
          .text("source", result.source)
          .raw("checks", checks.json())
          .raw("reasons", reasons.json())
          .boolean("ok", result.ok()));
}

void print_words(Run& run, const ReplayResult& result) {
  int passed = 0;
  std::string rest;
  for (const ReplayCheck& check : result.checks) {
    if (check.verdict == Verdict::kPass) {
      ++passed;
    } else {
      rest += std::string("; ") + check.name + " " + words(check.verdict) + ": " + check.reason;
    }
  }
  const double serial = least(result.serial_seconds);
  const double parallel = least(result.parallel_seconds);
  char line[256];
  std::snprintf(line, sizeof line,
                "%s block %8llu: %4zu txs, %10llu gas, serial %8.3f ms, %d workers %8.3f ms, "
                "%5.2fx (limit %5.2fx), %llu run again; whole block %.1f -> %.1f ms; "
                "%d checks pass",
                result.ok() ? "ok  " : "FAIL", static_cast<unsigned long long>(result.block),
                result.txs, static_cast<unsigned long long>(result.gas), 1e3 * serial,
                result.workers, 1e3 * parallel, ratio(serial, parallel), result.oracle_speedup,
                static_cast<unsigned long long>(result.reexecutions), 1e3 * result.block_seconds,
                1e3 * result.parallel_block_seconds, passed);
  run.say(line + rest);
}

int unreadable(Run& run, const std::string& reason) {
  if (run.json()) run.print(Row{}.text("unreadable", reason));
  std::fprintf(stderr, "error: %s\n", reason.c_str());
  return 2;
}

// Exit code of one block: 0, 1 for an invalid one, 2 for what cannot be read.
using ReadInput = std::function<std::unique_ptr<ReplayInput>(evm::CodeCache&)>;
int replay_one(Run& run, const std::string& place, const ReadInput& read) {
  const auto failed = [&](const std::string& reason) { return unreadable(run, reason); };
  std::string where = place;
  try {
    evm::CodeCache codes;
    const auto input = read(codes);
    where += ": block " + std::to_string(input->block.header.number);
    const int repeat = static_cast<int>(run.number("--repeat", 1, 1'000'000, 1));
    const ReplayResult result = replay(*input, codes, repeat);
    run.json() ? print_row(run, result) : print_words(run, result);
    return result.ok() ? 0 : 1;
  } catch (const Cancelled&) {
    throw;
  } catch (const ledger::MissingNode& error) {
    return failed(where + ": " + error.what());
  } catch (const std::bad_alloc&) {
    return failed(where + ": there is not enough memory for it");
  } catch (const Error& error) {
    if (error.place().starts_with(place)) return failed(error.what());
    const bool above = where.starts_with(error.place());
    return failed(where + ": " + (above ? error.reason() : error.what()));
  }
}

int replay_files(Run& run) {
  int code = 0;
  const auto replay_file = [&](FixtureFile&& file) {
    code = std::max(code, replay_one(run, file.name, [&](evm::CodeCache& codes) {
                      return read_replay(file.text, file.name, codes);
                    }));
  };
  for (const std::string& path : run.arguments())
    read_fixture_files({path}, replay_file,
                       [&](const Error& error) { code = unreadable(run, error.what()); });
  return code;
}

struct BlockRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

BlockRange block_range(const std::string& text) {
  const auto number = [&](std::string_view digits) {
    const bool hex = digits.starts_with("0x");
    if (hex) digits.remove_prefix(2);
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    if (digits.empty() || error != std::errc{} || stop != end)
      throw Error("--block", "\"" + text + "\" is neither a number nor FIRST..LAST");
    return value;
  };
  const std::size_t dots = text.find("..");
  BlockRange range{number(std::string_view(text).substr(0, dots)), 0};
  range.last = dots == text.npos ? range.first : number(std::string_view(text).substr(dots + 2));
  if (range.last < range.first) throw Error("--block", "the range ends before it begins");
  return range;
}

int replay_server(Run& run) {
  if (!run.has("--block")) throw Error("--block", "is missing", "--block N or --block N..M");
  if (!run.arguments().empty()) throw Error("command line", "--rpc takes no files");
  const BlockRange range = block_range(run.text("--block"));
  ledger::HttpClient::Options options;
  options.timeout = std::chrono::seconds(run.number("--rpc-timeout", 1, 3600, 30));
  const std::string url = run.text("--rpc");
  RpcSource source(url, options);
  ledger::ChainConfig chain =
      run.has("--fork") ? fork_option(run, "--fork", "") : ledger::ChainConfig::mainnet();
  chain.chain_id = source.chain_id();
  if (chain.chain_id != 1 && !run.has("--fork"))
    throw Error(url, "is not mainnet but chain " + std::to_string(chain.chain_id),
                "name its rules: --fork Prague");
  int code = 0;
  for (std::uint64_t number = range.first;; ++number) {
    const std::string place = url + ": block " + std::to_string(number);
    code = std::max(code, replay_one(run, place, [&](evm::CodeCache& codes) {
                      return source.fetch(number, chain, codes);
                    }));
    if (number == range.last) return code;
  }
}

}  // namespace

int replay_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel replay";
  info.summary = "execute real Ethereum blocks and compare with their headers";
  info.arguments = "FILE|FOLDER...";
  info.description =
      "Files hold a block with its pre-state ({block, preState, codes, blockHashes}) or with a\n"
      "witness ({block, witness: {state, codes, headers}}), plain or packed. Each check is pass,\n"
      "fail or not_given with the reason. Times run from the decoded block with senders to\n"
      "receipts and difference, serially and in parallel by turns; the limit is what a perfect\n"
      "schedule of the block's dependencies would reach on as many workers. The whole block adds\n"
      "senders and roots. From a node: by debug_executionWitness, else prestateTracer, else\n"
      "eth_getProof, else value by value; the row's source says which.";
  info.options = {{"--repeat", "N", "execute each block N times; least and median time are shown"},
                  {"--rpc", "URL", "take the blocks from this node (http://host:port)"},
                  {"--block", "N[..M]", "which blocks of the node"},
                  {"--rpc-timeout", "S", "seconds a request may take (default 30)"},
                  {"--fork", "NAME", "rules of a node's chain that is not mainnet"}};
  info.hidden = hidden_options({"--seed", "--out"});
  info.examples = {"pel replay --json --repeat 10 15274915.json.gz",
                   "pel replay --rpc http://127.0.0.1:8545 --block 19910730..19910734"};
  return command_main(argc, argv, info, [](Run& run) {
    if (run.has("--rpc")) return replay_server(run);
    if (run.arguments().empty()) throw Error("command line", "no file is named", "see --help");
    return replay_files(run);
  });
}

}  // namespace pel::cli
