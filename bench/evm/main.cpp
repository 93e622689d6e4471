// SPDX-License-Identifier: Apache-2.0
// pel-evm-bench [--repeat N] [--seconds S] [--level v1|v3] FILE...

#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string_view>

#include "bench/evm/evm_programs.hpp"

int main(int argc, char** argv) try {
  pel::bench::EvmProgramOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const bool has_value = i + 1 < argc;
    if (arg == "--repeat" && has_value) {
      options.repeat = std::stoi(argv[++i]);
    } else if (arg == "--seconds" && has_value) {
      options.seconds = std::stod(argv[++i]);
    } else if (arg == "--level" && has_value) {
      options.level = argv[++i];
    } else {
      for (const auto& row : pel::bench::run_evm_programs(arg, options)) {
        const nlohmann::json line{{"program", row.program},
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
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "pel-evm-bench: %s\n", e.what());
  return 2;
}
