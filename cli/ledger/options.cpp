// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/options.hpp"

#include "pel/error.hpp"

namespace pel::cli {

ledger::ChainConfig fork_option(const Run& run, const std::string& option,
                                const std::string& fallback) {
  const std::string name = run.text(option, fallback);
  auto config = ledger::ChainConfig::from_network(name);
  if (!config)
    throw Error(option, "unknown fork \"" + name + "\"", "Frontier ... Osaka, or AToBAtTime15k");
  return *std::move(config);
}

ledger::U256 number_option(const Run& run, const std::string& option, const std::string& fallback) {
  const std::string text = run.text(option, fallback);
  try {
    return ledger::parse_number(text);
  } catch (const Error& error) {
    throw Error(option, "\"" + text + "\" is not a number of at most 256 bits");
  }
}

int command_main(int argc, char** argv, const ProgramInfo& info,
                 const std::function<int(Run&)>& program) {
  int code = 0;
  const int outer = pel::main(
      argc, argv, [&](Run& run) { code = program(run); }, info);
  return outer != 0 ? outer : code;
}

std::vector<std::string> hidden_options(std::initializer_list<const char*> more) {
  std::vector<std::string> all = {"--trace", "--verify", "--metrics", "--deadline"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace pel::cli
