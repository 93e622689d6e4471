// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "pel/error.hpp"

namespace pel::apps {

// The operands of `pel run WORKLOAD a.csv group=region top=5`: what has an '=' and is no file is a
// setting of the workload, the rest are files.
struct Operands {
  std::vector<std::filesystem::path> files;
  std::vector<std::pair<std::string, std::string>> settings;  // name, value; in order
};

inline Operands split_operands(const std::vector<std::filesystem::path>& arguments) {
  Operands operands;
  for (const std::filesystem::path& argument : arguments) {
    const std::string text = argument.string();
    const std::size_t equals = text.find('=');
    std::error_code error;
    if (equals == std::string::npos || std::filesystem::exists(argument, error)) {
      operands.files.push_back(argument);
    } else {
      if (equals == 0) throw Error(text, "a setting without a name", "write name=value");
      operands.settings.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return operands;
}

}  // namespace pel::apps
