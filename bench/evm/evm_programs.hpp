// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pel::bench {

struct EvmProgramOptions {
  int repeat = 20;
  double seconds = 0;  // at least this long per input
  std::string level;   // "v1", "v3" or "" for the best of this CPU
};

struct EvmProgramRow {
  std::string program;
  std::string input;
  std::string status;
  std::int64_t gas = 0;  // of the whole transaction, refund included
  double ns_min = 0;
  double ns_median = 0;
  int runs = 0;
};

// Runs every input of every test in a state-test file as a London transaction from a world of
// maps, code analysed beforehand. Throws pel::Error for a file of another shape.
std::vector<EvmProgramRow> run_evm_programs(const std::filesystem::path& file,
                                            const EvmProgramOptions& options);

}  // namespace pel::bench
