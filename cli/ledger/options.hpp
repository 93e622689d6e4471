// SPDX-License-Identifier: Apache-2.0
#pragma once

// Options that several of the ledger's commands have.

#include <functional>
#include <string>

#include "pel/ledger/chain.hpp"
#include "pel/main.hpp"

namespace pel::cli {

// The rules that `option` names as the fixtures do; throws pel::Error naming the option.
ledger::ChainConfig fork_option(const Run& run, const std::string& option,
                                const std::string& fallback);

// A number of at most 256 bits, decimal or after 0x.
ledger::U256 number_option(const Run& run, const std::string& option, const std::string& fallback);

// pel::main of a command whose own exit code `program` returns; pel::main's comes first.
int command_main(int argc, char** argv, const ProgramInfo& info,
                 const std::function<int(Run&)>& program);

// The common options that make no sense for a command that checks or converts files.
std::vector<std::string> hidden_options(std::initializer_list<const char*> more = {});

}  // namespace pel::cli
