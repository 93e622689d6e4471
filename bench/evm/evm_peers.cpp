// SPDX-License-Identifier: Apache-2.0
#include "bench/evm/evm_peers.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "pel/error.hpp"

namespace pel::bench {

namespace {

using nlohmann::json;

std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// What a command prints; throws if it fails.
std::string output_of(const std::string& command) {
  // No shell stays between the two, so that the kernel can end them together (end_with_parent).
  std::FILE* pipe = ::popen(("exec " + command).c_str(), "r");
  if (pipe == nullptr) throw Error(command, "cannot be started");
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  if (const int status = ::pclose(pipe); status != 0) {
    throw Error(command, WIFEXITED(status)
                             ? "ended with exit code " + std::to_string(WEXITSTATUS(status))
                             : "was ended by signal " + std::to_string(WTERMSIG(status)));
  }
  return text;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// A file in memory that programs started from here can open by its path, as long as this object
// lives.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : file_(::memfd_create("pel-bench", 0)) {
    if (file_ < 0) throw Error("pel bench evm", "no file in memory can be made");
    while (!text.empty()) {
      const ssize_t written = ::write(file_, text.data(), text.size());
      if (written <= 0) throw Error("pel bench evm", "a file in memory cannot be written");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

// Calls `take` with each line of JSON that a driver printed.
template <class Take>
void each_row(const std::string& driver, const std::string& text, Take&& take) {
  try {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      take(json::parse(text.substr(at, end - at)));
      at = end + 1;
    }
  } catch (const json::exception& error) {
    throw Error(driver, std::string("does not print rows: ") + error.what());
  }
}

std::string input_name(const json& line) {
  const json input = line.value("input", json());
  return input.is_string() ? input.get<std::string>() : input.dump();
}

}  // namespace

EvmDriver pel_driver(const std::string& own_path) {
  return {"pel", own_path, "--measure", "total_ns_min", "total_ns_median"};
}
EvmDriver evmone_driver(const std::string& path) {
  return {"evmone", path, "--only total", "total_ns_min", "total_ns_median"};
}
EvmDriver revm_driver(const std::string& path) { return {"revm", path, "", "ns_min", "ns_median"}; }

EvmTimes run_block_driver(const std::string& path, const std::string& fixture,
                          const BlockDriverOptions& options) {
  const MemoryFile file(fixture);
  const std::string text = output_of(
      shell_quoted(path) + " --repeat " + std::to_string(options.repeat) + " --max-mgas " +
      std::to_string(options.max_mgas) + " " + shell_quoted(file.path()) + " 2>/dev/null");
  EvmTimes times;
  each_row(path, text, [&](const json& line) {
    if (!line.at("gas_ok").get<bool>())
      throw Error(path, "another amount of gas than the header's: " + line.dump());
    times.ns_min += line.at("seconds_min").get<double>() * 1e9;
    times.ns_median += line.at("seconds_median").get<double>() * 1e9;
    times.gas += line.at("gas").get<double>();
  });
  return times;
}

void EvmTable::run(const std::filesystem::path& file, double seconds) {
  const std::string text =
      output_of(shell_quoted(driver_.path) + " --seconds " + std::to_string(seconds) +
                " --repeat 3 " + driver_.more + " " + shell_quoted(file.string()) + " 2>/dev/null");
  each_row(driver_.path, text, [&](const json& line) {
    Input& input = inputs_[line.at("program").get<std::string>()][input_name(line)];
    const double best = line.at(driver_.min_field).get<double>();
    input.ns_min = input.ns_min == 0 ? best : std::min(input.ns_min, best);
    input.ns_medians.push_back(line.at(driver_.median_field).get<double>());
    input.gas = line.at("gas").get<double>();
  });
}

double EvmTable::count_instructions(const std::filesystem::path& file) const {
  const auto collected = [&](int repeat) {
    const std::string command = "valgrind --tool=callgrind --callgrind-out-file=/dev/null " +
                                shell_quoted(driver_.path) + " --seconds 0 --repeat " +
                                std::to_string(repeat) + " " + driver_.more + " " +
                                shell_quoted(file.string()) + " 2>&1 >/dev/null";
    try {
      const std::string text = output_of(command);
      const std::size_t at = text.find("Collected : ");
      return at == std::string::npos ? 0.0 : std::strtod(text.c_str() + at + 12, nullptr);
    } catch (const Error&) {
      return 0.0;  // no valgrind, or instructions that it does not know
    }
  };
  const double few = collected(2);
  return few == 0 ? 0 : (collected(4) - few) / 2e6;
}

std::map<std::string, EvmTimes> EvmTable::programs() const {
  std::map<std::string, EvmTimes> all;
  for (const auto& [program, inputs] : inputs_) {
    for (const auto& [name, input] : inputs) {
      all[program].ns_min += input.ns_min;
      all[program].ns_median += median(input.ns_medians);
      all[program].gas += input.gas;
    }
  }
  return all;
}

}  // namespace pel::bench
