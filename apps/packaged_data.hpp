// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>

namespace pel::apps {

// The folder that holds all of `files`: $VARIABLE where that is set, else data/NAME,
// build/data/NAME or share/pel/NAME in a folder above the program (where tools/fetch-*.sh and
// packages put them).
inline std::optional<std::filesystem::path> find_packaged_data(
    const char* variable, const std::string& name, std::initializer_list<const char*> files) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto complete = [&](const fs::path& folder) {
    return std::ranges::all_of(files,
                               [&](const char* file) { return fs::exists(folder / file, error); });
  };
  if (const char* given = std::getenv(variable)) {
    if (complete(given)) return given;
    return std::nullopt;
  }
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  for (fs::path folder = program.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    for (const char* below : {"data", "build/data", "share/pel"}) {
      if (complete(folder / below / name)) return folder / below / name;
    }
    if (folder == folder.parent_path()) break;
  }
  return std::nullopt;
}

}  // namespace pel::apps
