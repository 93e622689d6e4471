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

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double least(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

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
  run.print(Row{}
                .integer("block", result.block)
                .integer("txs", result.txs)
                .integer("gas", result.gas)
                .number("serial_seconds_min", least(result.serial_seconds))
                .number("serial_seconds_median", median(result.serial_seconds))
                .number("serial_seconds", least(result.serial_seconds))
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
  char line[200];
  std::snprintf(line, sizeof line,
                "%s block %llu: %zu txs, %llu gas, %.3f ms (recover %.1f, bloom %.2f, roots %.1f), "
                "%d checks pass",
                result.ok() ? "ok  " : "FAIL", static_cast<unsigned long long>(result.block),
                result.txs, static_cast<unsigned long long>(result.gas),
                1e3 * least(result.serial_seconds), 1e3 * result.recover_seconds,
                1e3 * result.bloom_seconds, 1e3 * result.roots_seconds, passed);
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
      "fail or not_given with the reason. The time runs from the decoded block with senders to\n"
      "receipts and difference.";
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
