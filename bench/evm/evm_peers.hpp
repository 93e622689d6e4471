// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pel::bench {

// A program that runs state-test files and prints a JSON line per program and input: ourselves, or
// the driver of another EVM, called as PATH --seconds S --repeat N [more] FILE.
struct EvmDriver {
  std::string name;
  std::string path;
  std::string more;       // further arguments
  const char* min_field;  // where its lines have the best time in ns, the median and the gas
  const char* median_field;
};

EvmDriver pel_driver(const std::string& own_path);
EvmDriver evmone_driver(const std::string& path);
EvmDriver revm_driver(const std::string& path);

struct EvmTimes {
  double ns_min = 0;  // sums over the inputs of a program, each the best over all rounds
  double ns_median = 0;
  double gas = 0;
};

struct BlockDriverOptions {
  int repeat = 3;
  int max_mgas = 60;
};
// What the driver at `path`, called as PATH --repeat N --max-mgas M FILE, takes for the blocks of a
// fixture file with this text: it prints a line per case. Throws pel::Error if it fails, prints
// something else or finds that a block used another amount of gas than its header says.
EvmTimes run_block_driver(const std::string& path, const std::string& fixture,
                          const BlockDriverOptions& options);

// One engine's times by program, filled round by round, so that engines can run in turns.
class EvmTable {
 public:
  explicit EvmTable(EvmDriver driver) : driver_(std::move(driver)) {}
  const std::string& name() const noexcept { return driver_.name; }
  // Runs one file. Throws pel::Error if the driver fails or prints something else.
  void run(const std::filesystem::path& file, double seconds);
  // Millions of instructions of one run of all inputs of a file, by callgrind: the difference of
  // two numbers of repeats, so that loading does not count. 0 where callgrind cannot run it.
  double count_instructions(const std::filesystem::path& file) const;
  std::map<std::string, EvmTimes> programs() const;

 private:
  struct Input {
    double ns_min = 0;
    std::vector<double> ns_medians;
    double gas = 0;
  };
  EvmDriver driver_;
  std::map<std::string, std::map<std::string, Input>> inputs_;  // by program
};

}  // namespace pel::bench
