// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/scratch_folder.hpp"

namespace pel::test {

struct Ended {
  int code = -1;  // exit code; 128 + N when killed by signal N
  std::string out;
  std::string err;
};

struct Start {
  std::vector<std::string> arguments = {};      // the program first
  std::vector<std::string> environment = {};    // "NAME=VALUE", added
  std::string folder = {};                      // to run in; empty: this one
  int signal_after_ms = -1;                     // sends SIGINT this long after it is caught
  std::function<void()> before_signal = [] {};  // called just before
};

// Runs a program to its end with empty standard input and no terminal.
Ended run_process(const Start& start);

int line_count(const std::string& text);

}  // namespace pel::test
