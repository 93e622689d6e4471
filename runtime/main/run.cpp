// SPDX-License-Identifier: Apache-2.0
// pel::Run: what the program's function sees.
#include <cstdio>
#include <utility>

#include "base/sha256.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/error.hpp"
#include "runtime/main/state.hpp"

namespace pel {

const std::vector<std::string>& Run::arguments() const { return state_.options.arguments; }

bool Run::has(std::string_view option) const { return state_.options.own.contains(option); }

std::string Run::text(std::string_view option, std::string_view fallback) const {
  const auto found = state_.options.own.find(option);
  return found == state_.options.own.end() ? std::string(fallback) : found->second;
}

std::uint64_t Run::number(std::string_view option, std::uint64_t least, std::uint64_t most,
                          std::uint64_t fallback) const {
  const auto found = state_.options.own.find(option);
  if (found == state_.options.own.end()) return fallback;
  return runtime::number_between(found->first, found->second, least, most);
}

std::uint64_t Run::seed() const { return state_.options.seed; }
int Run::workers() const { return state_.workers; }
bool Run::json() const { return state_.options.json; }
bool Run::verified() const { return state_.verified; }
bool Run::repeating() const { return state_.repeating; }
Progress& Run::progress() { return state_.progress; }

void Run::output(std::vector<std::uint8_t> bytes) {
  if (state_.output.empty()) {
    state_.output = std::move(bytes);
  } else {
    append(bytes.data(), bytes.size());
  }
}

void Run::append(const void* data, std::size_t bytes) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  state_.output.insert(state_.output.end(), first, first + bytes);
}

void Run::say(std::string_view line) {
  if (state_.repeating) return;
  Progress::clear_terminal();
  std::FILE* file = state_.options.json ? stderr : stdout;
  std::fprintf(file, "%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(file);
}

void Run::print(const Row& row) { print_json(row.json()); }

void Run::print_json(std::string_view json) {
  state_.printed_rows = true;
  if (state_.repeating) return;
  Progress::clear_terminal();
  std::printf("%.*s\n", static_cast<int>(json.size()), json.data());
  std::fflush(stdout);
}

void Run::fail(std::string_view reason) {
  state_.failed = true;
  if (state_.repeating) return;
  Progress::clear_terminal();
  std::fprintf(stderr, "%s: %.*s\n", state_.info.name.c_str(), static_cast<int>(reason.size()),
               reason.data());
}

std::string Run::digest() const { return base::sha256_hex(state_.output); }

}  // namespace pel
