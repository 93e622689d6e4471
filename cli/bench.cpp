// SPDX-License-Identifier: Apache-2.0
// `pel bench`: hands over to pel-bench, a program of its own because it links the peers, and
// `pel bench evm` to pel-evm-bench, which needs the ledger.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "cli/command.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

constexpr const char* kSummary = "ratios against plain loops and installed peers";
constexpr const char* kAdvice =
    "in the source folder, ./run bench builds it with the peers that are installed";

std::filesystem::path own_folder() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path(".") : path.parent_path();
}

// Beside the installed program, or in `build_folder` of the build tree.
std::filesystem::path find_bench(const std::string& name, const std::string& build_folder) {
  const std::filesystem::path folder = own_folder();
  for (const auto& place : {folder / name, folder.parent_path() / build_folder / name}) {
    if (::access(place.c_str(), X_OK) == 0) return place;
  }
  throw Error(name, "is not beside pel", kAdvice);
}

// Where the program is there, it has a help of its own.
int help_without_it(const Error& missing) {
  std::printf(
      "pel bench: %s\n\nusage: pel bench [GROUP] [options]\n\n"
      "A program of its own, which is not there: %s\n",
      kSummary, missing.what());
  return 0;
}

int run_bench(int argc, char** argv) {
  const bool evm = argc > 1 && std::strcmp(argv[1], "evm") == 0;
  std::string program;
  try {
    program = evm ? find_bench("pel-evm-bench", "bench/evm") : find_bench("pel-bench", "bench");
  } catch (const Error& missing) {
    const bool help = std::any_of(
        argv + 1, argv + argc, [](const char* word) { return std::strcmp(word, "--help") == 0; });
    if (!help) throw;
    return help_without_it(missing);
  }
  if (evm) ++argv;  // its arguments follow the group
  argv[0] = const_cast<char*>(program.c_str());
  ::execv(program.c_str(), argv);
  throw Error(program, std::string("cannot be started: ") + std::strerror(errno));
}

const bool registered = register_command({"bench", kSummary, 60, run_bench});

}  // namespace
}  // namespace pel::cli
