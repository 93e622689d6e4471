// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <string>

namespace pel::bench {

// The file of this program, which starts itself for each row.
inline std::string own_path(const char* argv0) {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : std::string(argv0);
}

}  // namespace pel::bench
