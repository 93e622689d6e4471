// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace pel::cli {

// One command of the `pel` program. `run` gets the command line from the command's own name on
// (argv[0] is "replay"), does its own --help, and returns the exit code; a pel::Error that it
// throws becomes one line on stderr and exit code 2.
struct Command {
  std::string name;
  std::string summary;  // one line, for `pel --help`
  int place = 100;      // order in `pel --help`: smaller comes first, then by name
  std::function<int(int argc, char** argv)> run;
};

// Call it at namespace scope: static const bool registered = pel::cli::register_command({...});
bool register_command(Command command);

const std::vector<Command>& commands();  // in the order of `pel --help`

}  // namespace pel::cli
