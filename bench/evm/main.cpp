// SPDX-License-Identifier: Apache-2.0
// pel-evm-bench: EVM programs beside other EVMs, and the official benchmark blocks. `pel bench evm`
// starts it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "bench/ending.hpp"
#include "bench/evm/evm_blocks.hpp"
#include "bench/evm/evm_peers.hpp"
#include "bench/evm/evm_programs.hpp"
#include "bench/own_path.hpp"
#include "pel/error.hpp"

namespace pel::bench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kHelp =
    "Usage: pel bench evm [options]\n"
    "\n"
    "Two tables. Programs: whole transactions, code analysed before, pel and the other EVMs whose\n"
    "drivers are named in turns; the ratio is pel's time over that of the fastest other. Blocks:\n"
    "the official benchmark fixtures, serially, in Mgas/s; those that are precompiled contracts'\n"
    "work come last. The state that a program leaves and the gas of every block are checked.\n"
    "\n"
    "Options:\n"
    "  --programs FOLDER   state-test files (default: evm-benchmarks in the test data)\n"
    "  --blocks SOURCE     benchmark fixtures, a file, a folder or an archive (default:\n"
    "                      eest/benchmark.tar.xz in the test data)\n"
    "  --only TABLE        programs, or blocks\n"
    "  --evmone PATH       a driver of evmone's baseline interpreter: evmone-programs\n"
    "  --revm PATH         a driver of revm: revm-programs\n"
    "  --revm-blocks PATH  a driver of revm that reads benchmark fixtures: revm-blocks\n"
    "  --rounds N          rounds over all programs and engines (default 5)\n"
    "  --seconds S         at least this long per input and round (default 0.05)\n"
    "  --count             also instructions by callgrind (minutes; needs valgrind)\n"
    "  --repeat N          runs of a block (default 3)\n"
    "  --max-mgas N        leaves out cases with larger blocks (default 60)\n"
    "  --json              one object per line on stdout, and nothing else there\n"
    "\n"
    "The test data is looked for in $PEL_TESTDATA, then in ../shared/testdata. PEL_CPU=x86-64-v2\n"
    "measures the code for processors without MULX.\n"
    "\n"
    "Examples:\n"
    "  pel bench evm --only programs --rounds 3\n"
    "  pel bench evm --evmone ./evmone-programs --revm ./revm-programs --count\n"
    "  pel bench evm --only blocks --max-mgas 5 --revm-blocks ./revm-blocks\n";

struct Options {
  std::string programs, blocks, evmone, revm, only;
  int rounds = 5;
  double seconds = 0.05;
  bool count = false;
  bool json = false;
  bool measure = false;  // one engine's lines for the files named
  std::vector<std::string> files;
  EvmBlockOptions block_options;
};

double to_number(const std::string& text, const std::string& option, double low, double high) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= low && value <= high)) {
    throw Error(option, "'" + text + "' is not a number in its range", "see pel bench evm --help");
  }
  return value;
}

fs::path test_data() {
  if (const char* folder = std::getenv("PEL_TESTDATA")) return folder;
  return "../shared/testdata";
}

// True if the word is an option without a value.
bool parse_flag(const std::string& word, Options& options) {
  if (word == "--count") return options.count = true;
  if (word == "--json") return options.json = true;
  if (word == "--measure") return options.measure = true;
  return false;
}

void parse_value(const std::string& word, const std::string& value, Options& options) {
  const auto integer = [&](double high) {
    return static_cast<int>(to_number(value, word, 1, high));
  };
  if (word == "--programs") {
    options.programs = value;
  } else if (word == "--blocks") {
    options.blocks = value;
  } else if (word == "--evmone") {
    options.evmone = value;
  } else if (word == "--revm") {
    options.revm = value;
  } else if (word == "--revm-blocks") {
    options.block_options.revm = value;
  } else if (word == "--only") {
    if (value != "programs" && value != "blocks")
      throw Error(word, "'" + value + "' is neither programs nor blocks");
    options.only = value;
  } else if (word == "--rounds") {
    options.rounds = integer(1000);
  } else if (word == "--repeat") {
    options.block_options.repeat = integer(100000);
  } else if (word == "--max-mgas") {
    options.block_options.max_mgas = integer(1'000'000);
  } else if (word == "--seconds") {
    options.seconds = to_number(value, word, 0, 3600);
  } else {
    throw Error("pel bench evm", "unknown option '" + word + " " + value + "'",
                "see pel bench evm --help");
  }
}

Options parse(const std::vector<std::string>& words) {
  Options options;
  options.programs = (test_data() / "evm-benchmarks").string();
  options.blocks = (test_data() / "eest" / "benchmark.tar.xz").string();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (parse_flag(words[i], options)) continue;
    if (options.measure && !words[i].starts_with("--")) {
      options.files.push_back(words[i]);
      continue;
    }
    if (i + 1 >= words.size()) {
      throw Error(words[i], "unknown, or needs a value", "see pel bench evm --help");
    }
    parse_value(words[i], words[i + 1], options);
    ++i;
  }
  return options;
}

void print_measured(const Options& options) {
  EvmProgramOptions program_options;
  program_options.repeat = options.block_options.repeat;
  program_options.seconds = options.seconds;
  for (const std::string& file : options.files) {
    for (const auto& row : run_evm_programs(file, program_options)) {
      const json line{{"program", row.program},
                      {"input", row.input},
                      {"engine", "pel"},
                      {"status", row.status},
                      {"gas", row.gas},
                      {"total_ns_min", row.ns_min},
                      {"total_ns_median", row.ns_median},
                      {"runs", row.runs}};
      std::puts(line.dump().c_str());
    }
  }
}

std::vector<fs::path> program_files(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (error)
    throw Error(folder.string(), error.message(),
                "where is the test data? set PEL_TESTDATA, or name a folder with --programs");
  if (files.empty()) throw Error(folder.string(), "has no .json file");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<EvmTable> engines(const Options& options, const std::string& own_path) {
  std::vector<EvmTable> all;
  all.emplace_back(pel_driver(own_path));
  if (!options.evmone.empty()) all.emplace_back(evmone_driver(options.evmone));
  if (!options.revm.empty()) all.emplace_back(revm_driver(options.revm));
  return all;
}

// One program's line. The ratio is to the fastest of the others; 0 where there is none.
double print_program(const std::string& program, const std::vector<EvmTable>& tables,
                     const std::map<std::string, std::vector<double>>& counts, bool as_json) {
  json line{{"table", "programs"}, {"program", program}};
  std::string text = program + std::string(program.size() < 26 ? 26 - program.size() : 1, ' ');
  char buffer[64];
  double best = 0;
  double own = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto programs = tables[i].programs();
    const auto found = programs.find(program);
    if (found == programs.end()) throw Error(tables[i].name(), "has no row for " + program);
    const EvmTimes& times = found->second;
    if (i == 0) own = times.ns_min;
    if (i > 0) best = best == 0 ? times.ns_min : std::min(best, times.ns_min);
    line[tables[i].name() + "_us_min"] = times.ns_min / 1e3;
    line[tables[i].name() + "_us_median"] = times.ns_median / 1e3;
    line["gas"] = times.gas;
    std::snprintf(buffer, sizeof buffer, " %10.1f %10.1f", times.ns_min / 1e3,
                  times.ns_median / 1e3);
    text += buffer;
    if (const auto count = counts.find(program); count != counts.end()) {
      line[tables[i].name() + "_minstr"] = count->second[i];
      std::snprintf(buffer, sizeof buffer, " %8.2f", count->second[i]);
      text += buffer;
    }
  }
  if (best > 0) {
    line["ratio"] = own / best;
    std::snprintf(buffer, sizeof buffer, " %7.2f", own / best);
    text += buffer;
  }
  std::puts(as_json ? line.dump().c_str() : text.c_str());
  std::fflush(stdout);
  return best > 0 ? own / best : 0;
}

void run_programs(const Options& options, const std::string& own_path) {
  const std::vector<fs::path> files = program_files(options.programs);
  std::vector<EvmTable> tables = engines(options, own_path);
  for (int round = 0; round < options.rounds; ++round) {
    for (const fs::path& file : files) {
      for (EvmTable& table : tables) table.run(file, options.seconds);
    }
  }
  std::map<std::string, std::vector<double>> counts;
  if (options.count) {
    for (const fs::path& file : files) {
      for (const EvmTable& table : tables) {
        counts[file.stem().string()].push_back(table.count_instructions(file));
      }
    }
  }
  if (!options.json) {
    std::printf("%-26s", "program");
    for (const EvmTable& table : tables) {
      std::printf(" %7s us %10s", table.name().c_str(), "median");
      if (options.count) std::printf(" %8s", "Minstr");
    }
    std::puts(tables.size() > 1 ? "   ratio" : "");
  }
  double sum = 0;
  int rows = 0;
  for (const auto& [program, times] : tables[0].programs()) {
    const double ratio = print_program(program, tables, counts, options.json);
    if (ratio > 0) sum += std::log(ratio);
    ++rows;
  }
  if (tables.size() > 1 && rows > 0 && !options.json) {
    std::printf("geometric mean of %d programs: %.3f of the best other\n", rows,
                std::exp(sum / rows));
  }
}

void print_block_row(const EvmBlockRow& row, const Options& options) {
  if (options.json) {
    json line{{"table", "blocks"},
              {"file", row.file},
              {"precompile", row.precompile},
              {"cases", row.cases},
              {"gas", row.gas},
              {"seconds_min", row.seconds_min},
              {"seconds_median", row.seconds_median},
              {"mgas_per_s", row.mgas() / row.seconds_min}};
    if (row.revm_seconds_min > 0) {
      line["revm_seconds_min"] = row.revm_seconds_min;
      line["revm_seconds_median"] = row.revm_seconds_median;
      line["ratio"] = row.seconds_min / row.revm_seconds_min;
    }
    std::puts(line.dump().c_str());
  } else {
    std::printf("%-52s %5d %9.1f %9.2f %9.2f %8.0f", row.file.c_str(), row.cases, row.mgas(),
                row.seconds_min * 1e3, row.seconds_median * 1e3, row.mgas() / row.seconds_min);
    if (row.revm_seconds_min > 0)
      std::printf(" %9.2f %9.2f %8.0f %6.2f", row.revm_seconds_min * 1e3,
                  row.revm_seconds_median * 1e3, row.mgas() / row.revm_seconds_min,
                  row.seconds_min / row.revm_seconds_min);
    std::putchar('\n');
  }
  std::fflush(stdout);
}

void print_mean(const std::vector<EvmBlockRow>& rows) {
  double sum = 0;
  for (const EvmBlockRow& row : rows) sum += std::log(row.seconds_min / row.revm_seconds_min);
  if (!rows.empty())
    std::printf("geometric mean of %zu files: %.3f of revm\n", rows.size(),
                std::exp(sum / static_cast<double>(rows.size())));
}

void run_blocks(const Options& options) {
  const bool beside = !options.block_options.revm.empty();
  std::vector<EvmBlockRow> plain;
  std::vector<EvmBlockRow> precompiles;
  if (!options.json) {
    std::printf("%-52s %5s %9s %9s %9s %8s", "block file", "cases", "Mgas", "pel ms", "median",
                "Mgas/s");
    std::puts(beside ? "   revm ms    median   Mgas/s  ratio" : "");
  }
  run_evm_blocks(options.blocks, options.block_options, [&](const EvmBlockRow& row) {
    (row.precompile ? precompiles : plain).push_back(row);
    if (!row.precompile || options.json) print_block_row(row, options);
  });
  if (options.json) return;
  if (beside) print_mean(plain);
  if (!precompiles.empty()) std::puts("precompiled contracts' work:");
  for (const EvmBlockRow& row : precompiles) print_block_row(row, options);
  if (beside) print_mean(precompiles);
}

int run(const std::string& own_path, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
  }
  const Options options = parse(words);
  if (options.measure) {
    end_with_parent();
    print_measured(options);
    return 0;
  }
  end_with_a_line();
  if (options.only != "blocks") run_programs(options, own_path);
  if (options.only.empty() && !options.json) std::putchar('\n');
  if (options.only != "programs") run_blocks(options);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw Error("standard output", "cannot be written");
  return 0;
}

}  // namespace
}  // namespace pel::bench

int main(int argc, char** argv) {
  try {
    return pel::bench::run(pel::bench::own_path(argv[0]),
                           std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pel: %s\n", error.what());
    return 2;
  }
}
