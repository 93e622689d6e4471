// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pel::resources {

// The small files of /proc and /sys below a root. Missing and unreadable files are nullopt.
class SystemFiles {
 public:
  explicit SystemFiles(std::string root);

  // At most 1 MiB of the file, without trailing white space.
  std::optional<std::string> read(const std::string& path) const;
  // Names in a folder, sorted; empty if it is not there.
  std::vector<std::string> list(const std::string& path) const;
  bool exists(const std::string& path) const;
  bool readable(const std::string& path) const;
  // The last component of what a symbolic link points to; empty if it is none.
  std::string link_name(const std::string& path) const;

 private:
  std::string root_;  // without a slash at its end
};

std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty parts
std::vector<std::string_view> words(std::string_view text);  // parts between white space

// The whole text as a number; nullopt for anything else, signs and overflow included.
std::optional<std::uint64_t> parse_number(std::string_view text);
std::optional<double> parse_real(std::string_view text);
// "32768K" as bytes; suffixes K, M, G.
std::optional<std::uint64_t> parse_size(std::string_view text);
// "0-3,8,10-11" in ascending order, as the kernel prints CPU and node lists; nullopt if malformed
// or naming a number above 65535. "" is the empty list.
std::optional<std::vector<int>> parse_list(std::string_view text);
// The value after "KEY:" at the start of a line, trimmed.
std::optional<std::string_view> field(std::string_view text, std::string_view key);

}  // namespace pel::resources
