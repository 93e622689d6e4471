// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pel/error.hpp"

namespace pel::cli {

// One text file out of a folder, an archive or the file system.
struct FixtureFile {
  std::string name;  // path, for a member of an archive ARCHIVE/MEMBER
  std::string text;
};

struct FixtureSource {
  std::filesystem::path path;             // a file, a folder or an archive
  std::uint64_t member_limit = 1U << 29;  // bytes one file may unpack to
};

// Calls `sink` for each .json file below the folder (sorted), in the archive (.tar, also packed by
// xz, gzip, bzip2 or zstd; in archive order), or for the one file (plain or packed). What cannot be
// read goes to `failed`, as an error that names the path; the other files still follow, but for
// those behind a broken place in an archive.
using FixtureFailed = std::function<void(const Error&)>;
void read_fixture_files(const FixtureSource& source, const std::function<void(FixtureFile&&)>& sink,
                        const FixtureFailed& failed);
// The same, but throws at the first that cannot be read.
void read_fixture_files(const FixtureSource& source,
                        const std::function<void(FixtureFile&&)>& sink);

// The whole content of one file, unpacked if it is packed.
std::string read_packed_file(const std::filesystem::path& path, std::uint64_t limit = 1ULL << 31);

// The text packed by gzip, the same bytes for the same text.
std::string gzip(std::string_view text);

// True for a name that ends in .json, .json.gz or .json.xz.
bool is_json_name(const std::string& name);

}  // namespace pel::cli
