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
};

struct EvmProgramRow {
  std::string program;
  std::string input;
  std::string status;
  std::uint64_t gas = 0;  // of the whole transaction, refund included
  double ns_min = 0;
  double ns_median = 0;
  int runs = 0;
};

// Times every London case of a state-test file as a whole transaction: validation, fees, execution
// and state difference on a state in memory, code analysed beforehand. Throws pel::Error for a file
// of another shape, and where a case does not end in the state that the file says.
std::vector<EvmProgramRow> run_evm_programs(const std::filesystem::path& file,
                                            const EvmProgramOptions& options);

}  // namespace pel::bench
