// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace pel::bench {

struct EvmBlockOptions {
  int repeat = 3;
  int max_mgas = 60;  // cases with a larger block are left out
  std::string revm;   // the driver that runs each file after us; may be empty
};

// All cases of one fixture file together.
struct EvmBlockRow {
  std::string file;         // its folder and name
  bool precompile = false;  // the work is that of a precompiled contract
  int cases = 0;
  std::uint64_t gas = 0;
  double seconds_min = 0;  // sums over the blocks of each one's best and median run
  double seconds_median = 0;
  double revm_seconds_min = 0;  // of the driver; 0 without one
  double revm_seconds_median = 0;
  double mgas() const { return static_cast<double>(gas) / 1e6; }
};

// Executes the blocks of the official benchmark fixtures (blockchain tests and Engine API payloads,
// a file, a folder or an archive) serially: from decoded transactions with senders to receipts and
// difference, code analysed before; each file then by the other EVM's driver. Hands over a row per
// file. Throws pel::Error for files of another shape, where the gas differs from the header's, and
// where the driver fails or ran something else.
void run_evm_blocks(const std::filesystem::path& source, const EvmBlockOptions& options,
                    const std::function<void(const EvmBlockRow&)>& take);

}  // namespace pel::bench
