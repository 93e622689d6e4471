// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pel::runtime {

// A file that the command line names for writing: the option and the path.
struct OutputFile {
  std::string option;
  std::string path;
};

// Finds out before any work whether these files can be written, without touching them: throws
// pel::Error naming the option for a folder, a missing or unwritable parent, a file that may not be
// written, or two options that name one file.
void check_writable(const std::vector<OutputFile>& files);

}  // namespace pel::runtime
