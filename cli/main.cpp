// SPDX-License-Identifier: Apache-2.0
// The `pel` program: finds the command and hands it the rest of the command line.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "pel/error.hpp"
#include "pel/version.hpp"

namespace {

using pel::cli::Command;
using pel::cli::commands;

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

void print_help(std::FILE* file) {
  std::fprintf(file,
               "pel %s: write it in order, run it in parallel, get the same bits\n\n"
               "usage: pel COMMAND [options]\n\ncommands:\n",
               pel::version());
  for (const Command& command : commands()) {
    std::fprintf(file, "  %-12s %s\n", command.name.c_str(), command.summary.c_str());
  }
  std::fputs(
      "\n`pel COMMAND --help` describes a command.\n"
      "exit codes: 0 done and equal, 1 a result was wrong, 2 bad usage or input, 130 Ctrl-C\n",
      file);
}

int unknown_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  const auto nearest = pel::base::nearest_word(name, names);
  std::fprintf(stderr, "pel: %s: unknown command (%s)\n", name.c_str(),
               nearest ? ("did you mean '" + *nearest + "'?").c_str() : "see pel --help");
  return 2;
}

int run_command(const Command& command, int argc, char** argv) {
  try {
    return command.run(argc, argv);
  } catch (const pel::Error& error) {
    std::fprintf(stderr, "pel %s: %s\n", command.name.c_str(), error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pel %s: %s\n", command.name.c_str(), error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    print_help(stderr);
    return 2;
  }
  std::string name = argv[1];
  if (name == "--version") name = "version";
  if (name == "--help" || name == "-h" || (name == "help" && argc == 2)) {
    print_help(stdout);
    return 0;
  }
  if (name == "help") {  // `pel help run` is `pel run --help`
    const Command* command = find_command(argv[2]);
    if (!command) return unknown_command(argv[2]);
    char help[] = "--help";
    char* arguments[] = {argv[2], help, nullptr};
    return run_command(*command, 2, arguments);
  }
  const Command* command = find_command(name);
  return command ? run_command(*command, argc - 1, argv + 1) : unknown_command(name);
}
