// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/outputs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "pel/error.hpp"

namespace pel::runtime {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const OutputFile& file, const std::string& reason) {
  throw Error(file.option, "cannot write " + file.path + ": " + reason);
}

// Root passes every permission check on paper, so the folder is asked by making a file in it: one
// without a name, of which a kill leaves nothing, where the file system has such files.
void check_folder(const OutputFile& file, const fs::path& folder) {
  const int unnamed = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (unnamed >= 0) {
    close(unnamed);
    return;
  }
  std::string name = (folder / ".pel-XXXXXX").string();
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) refuse(file, std::strerror(errno));
  close(descriptor);
  unlink(name.c_str());
}

void check_one(const OutputFile& file) {
  std::error_code error;
  const fs::path path = file.path;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) refuse(file, "it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status)) {  // a device or a pipe
    if (access(file.path.c_str(), W_OK) != 0) refuse(file, std::strerror(errno));
    return;
  }
  if (fs::exists(status) && access(file.path.c_str(), W_OK) != 0) {
    refuse(file, std::strerror(errno));
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) refuse(file, "no folder " + folder.string());
  check_folder(file, folder);
}

}  // namespace

void check_writable(const std::vector<OutputFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].path.empty()) continue;
    check_one(files[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (files[j].path.empty()) continue;
      if (fs::weakly_canonical(files[i].path) == fs::weakly_canonical(files[j].path)) {
        refuse(files[i], files[j].option + " names it too");
      }
    }
  }
}

}  // namespace pel::runtime
