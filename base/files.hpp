// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pel::base {

// The bytes of a whole file. Throws pel::Error naming the path if it cannot be opened or read, or
// holds more than `limit` bytes.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::uint64_t limit = std::uint64_t{1} << 40);
std::string read_text(const std::filesystem::path& path,
                      std::uint64_t limit = std::uint64_t{1} << 40);

// Replaces `path` by `bytes`, whole or not at all: writes a file without a name in the same folder,
// flushes it to the disk and then names it (through a second name where `path` is there already),
// so that a kill leaves nothing behind. A file system without such files gets a temporary one
// beside `path`. Writes straight through where `path` is a device or a pipe. Throws pel::Error
// naming the path (unwritable folder, full disk) and leaves no temporary file behind.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace pel::base
