// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/system_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>

namespace pel::resources {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr int kMaxListed = 65535;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

SystemFiles::SystemFiles(std::string root) : root_(std::move(root)) {
  while (!root_.empty() && root_.back() == '/') root_.pop_back();
}

std::optional<std::string> SystemFiles::read(const std::string& path) const {
  const int fd = ::open((root_ + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  std::string text;
  char buffer[4096];
  ssize_t n = 0;
  while (text.size() < kMaxBytes) {
    n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  if (n < 0) return std::nullopt;
  while (!text.empty() && is_space(text.back())) text.pop_back();
  return text;
}

std::vector<std::string> SystemFiles::list(const std::string& path) const {
  std::vector<std::string> names;
  DIR* folder = ::opendir((root_ + path).c_str());
  if (folder == nullptr) return names;
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

bool SystemFiles::exists(const std::string& path) const {
  return ::access((root_ + path).c_str(), F_OK) == 0;
}

bool SystemFiles::readable(const std::string& path) const {
  return ::access((root_ + path).c_str(), R_OK) == 0;
}

std::string SystemFiles::link_name(const std::string& path) const {
  char target[PATH_MAX];
  const ssize_t n = ::readlink((root_ + path).c_str(), target, sizeof target);
  if (n <= 0) return {};
  const std::string_view text(target, static_cast<std::size_t>(n));
  return std::string(text.substr(text.find_last_of('/') + 1));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.empty()) return parts;
    std::size_t end = 0;
    while (end < text.size() && !is_space(text[end])) ++end;
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= 0 && value < 1e15)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  unsigned shift = 0;
  if (!text.empty()) {
    switch (text.back()) {
      case 'K':
        shift = 10;
        break;
      case 'M':
        shift = 20;
        break;
      case 'G':
        shift = 30;
        break;
      default:
        break;
    }
  }
  if (shift != 0) text.remove_suffix(1);
  const auto value = parse_number(text);
  if (!value || *value > UINT64_MAX >> shift) return std::nullopt;
  return *value << shift;
}

std::optional<std::vector<int>> parse_list(std::string_view text) {
  std::vector<int> values;
  if (trim(text).empty()) return values;
  for (const std::string_view part : split(trim(text), ',')) {
    const std::vector<std::string_view> ends = split(part, '-');
    const auto first = parse_number(ends.front()), last = parse_number(ends.back());
    if (ends.size() > 2 || !first || !last || *first > *last || *last > kMaxListed) {
      return std::nullopt;
    }
    for (std::uint64_t v = *first; v <= *last; ++v) values.push_back(static_cast<int>(v));
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::optional<std::string_view> field(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(key)) continue;
    const std::string_view rest = trim(line.substr(key.size()));
    if (rest.starts_with(':')) return trim(rest.substr(1));
  }
  return std::nullopt;
}

}  // namespace pel::resources
