// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/ledger/replay_input.hpp"

namespace pel::cli {

// One comparison of a replay with the block's header.
struct ReplayCheck {
  enum class Verdict { kPass, kFail, kNotGiven };
  std::string name;
  Verdict verdict = Verdict::kPass;
  std::string reason;  // unless it passed
};

struct ReplayResult {
  std::uint64_t block = 0;
  std::size_t txs = 0;
  std::uint64_t gas = 0;
  std::string source;
  std::string source_note;
  std::vector<double> serial_seconds;  // of each repetition
  double decode_seconds = 0;
  double analyse_seconds = 0;
  double recover_seconds = 0;
  double bloom_seconds = 0;
  double roots_seconds = 0;
  int workers = 0;
  std::vector<double> parallel_seconds;  // of each repetition, by turns with serial ones
  std::uint64_t reexecutions = 0;        // least of the repetitions, as are waits
  std::uint64_t waits = 0;
  double critical_path_speedup = 1;
  double oracle_speedup = 1;  // list scheduling of the block's graph on as many workers
  // From the decoded block to all that its header can be compared with: senders, transactions root,
  // execution, blooms, receipts root, and the state root if the format has the trie.
  double block_seconds = 0;
  double parallel_block_seconds = 0;
  std::vector<ReplayCheck> checks;

  bool ok() const;
};

// Recovers senders, executes the block `repeat` times (at least once) serially and in parallel on
// the current executor, and compares both with its header and with each other. The clocks of
// serial_seconds and parallel_seconds run from the decoded block with senders to receipts and
// difference; analysed code is kept. Throws pel::Error and MissingNode where the input is
// incomplete; what makes the block invalid is a failed check.
ReplayResult replay(ReplayInput& input, evm::CodeCache& codes, int repeat);

double median(std::vector<double> values);
double least(const std::vector<double>& values);

// `pel replay`.
int replay_main(int argc, char** argv);

}  // namespace pel::cli
