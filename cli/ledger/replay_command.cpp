// SPDX-License-Identifier: Apache-2.0
// `pel replay`: real blocks against their headers.
#include <algorithm>
#include <cstdio>

#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/options.hpp"
#include "cli/ledger/replay.hpp"
#include "pel/error.hpp"
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

// Exit code of one file: 0, 1 for an invalid block, 2 for what cannot be read.
int replay_one(Run& run, const FixtureFile& file, int repeat) {
  const auto failed = [&](const std::string& reason) {
    if (run.json()) run.print(Row{}.text("unreadable", reason));
    std::fprintf(stderr, "error: %s\n", reason.c_str());
    return 2;
  };
  try {
    evm::CodeCache codes;
    const auto input = read_replay(file.text, file.name, codes);
    try {
      const ReplayResult result = replay(*input, codes, repeat);
      run.json() ? print_row(run, result) : print_words(run, result);
      return result.ok() ? 0 : 1;
    } catch (const ledger::MissingNode& error) {
      return failed(file.name + ": block " + std::to_string(input->block.header.number) + ": " +
                    error.what());
    } catch (const Error& error) {
      return failed(file.name + ": " + error.what());
    }
  } catch (const Error& error) {
    return failed(error.what());
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
      "senders and roots.";
  info.options = {{"--repeat", "N", "execute each block N times; least and median time are shown"}};
  info.hidden = hidden_options({"--seed", "--out"});
  info.examples = {"pel replay --json --repeat 10 15274915.json.gz"};
  int code = 0;
  const int outer = pel::main(
      argc, argv,
      [&](Run& run) {
        if (run.arguments().empty()) throw Error("command line", "no file is named", "see --help");
        const int repeat = static_cast<int>(run.number("--repeat", 1, 1'000'000, 1));
        for (const std::string& path : run.arguments()) {
          try {
            read_fixture_files({path}, [&](FixtureFile&& file) {
              code = std::max(code, replay_one(run, file, repeat));
            });
          } catch (const Error& error) {
            std::fprintf(stderr, "error: %s\n", error.what());
            code = 2;
          }
        }
      },
      info);
  return outer != 0 ? outer : code;
}

}  // namespace pel::cli
