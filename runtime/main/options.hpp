// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pel/main.hpp"

namespace pel::runtime {

constexpr int kMaxWorkers = 1024;

// The command line of a program, checked as far as it can be without doing anything.
struct Options {
  int workers = -1;  // -1: as many as this process may use
  std::uint64_t seed = 1;
  bool verify = false;
  bool json = false;
  bool help = false;
  std::string out, trace, metrics;  // empty: not asked for
  double deadline_s = 0;            // 0: none
  std::vector<std::string> arguments;
  std::map<std::string, std::string, std::less<>> own;  // ProgramInfo's options that were given
};

// Throws pel::Error that names the option. PEL_VERIFY=1 stands for --verify and PEL_WORKERS=N for
// --workers N where that is not given.
Options parse_options(int argc, char** argv, const ProgramInfo& info);

// What --help prints: synopsis, description, options, exit codes, examples.
std::string help_text(const ProgramInfo& info);

// A whole number from least to most, or a pel::Error at `place`.
std::uint64_t number_between(const std::string& place, const std::string& text, std::uint64_t least,
                             std::uint64_t most);

}  // namespace pel::runtime
