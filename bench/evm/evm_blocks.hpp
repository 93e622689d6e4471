// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace pel::bench {

struct EvmBlockOptions {
  int repeat = 3;
  std::uint64_t gas_limit = 60'000'000;  // cases with a larger block are left out
};

// All cases of one fixture file together.
struct EvmBlockRow {
  std::string file;         // its folder and name
  bool precompile = false;  // the work is that of a precompiled contract
  int cases = 0;
  std::uint64_t gas = 0;
  double seconds_min = 0;  // sums over the blocks of each one's best and median run
  double seconds_median = 0;
  double mgas_per_s() const { return static_cast<double>(gas) / seconds_min / 1e6; }
};

// Executes the blocks of the official benchmark fixtures (blockchain tests and Engine API payloads,
// a file, a folder or an archive) serially: from decoded transactions with senders to receipts and
// difference, code analysed before. Hands over a row per file. Throws pel::Error for files of
// another shape, and where the gas differs from the header's.
void run_evm_blocks(const std::filesystem::path& source, const EvmBlockOptions& options,
                    const std::function<void(const EvmBlockRow&)>& take);

}  // namespace pel::bench
