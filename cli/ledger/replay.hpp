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
  std::vector<double> serial_seconds;  // of each repetition
  double decode_seconds = 0;
  double analyse_seconds = 0;
  double recover_seconds = 0;
  double bloom_seconds = 0;
  double roots_seconds = 0;
  std::vector<ReplayCheck> checks;

  bool ok() const;
};

// Recovers senders, executes the block `repeat` times (at least once) and compares with its
// header. The clock of serial_seconds runs from the decoded block with senders to receipts and
// difference; analysed code is kept. Throws pel::Error and MissingNode where the input is
// incomplete; what makes the block invalid is a failed check.
ReplayResult replay(ReplayInput& input, evm::CodeCache& codes, int repeat);

// `pel replay`.
int replay_main(int argc, char** argv);

}  // namespace pel::cli
