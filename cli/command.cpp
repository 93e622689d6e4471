// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "pel/detail/base/check.hpp"

namespace pel::cli {
namespace {

std::vector<Command>& registry() {
  static std::vector<Command> all;
  return all;
}

}  // namespace

bool register_command(Command command) {
  auto& all = registry();
  PEL_CHECK(std::none_of(all.begin(), all.end(),
                         [&](const Command& other) { return other.name == command.name; }));
  const auto place =
      std::upper_bound(all.begin(), all.end(), command, [](const Command& a, const Command& b) {
        return std::tie(a.place, a.name) < std::tie(b.place, b.name);
      });
  all.insert(place, std::move(command));
  return true;
}

const std::vector<Command>& commands() { return registry(); }

}  // namespace pel::cli
