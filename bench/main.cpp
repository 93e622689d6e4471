// SPDX-License-Identifier: Apache-2.0
// pel-bench: measures pel against its peers, a process for each peer and number of workers, so that
// no peer's waiting threads disturb another row. `pel bench` starts it.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <regex>
#include <thread>

#include "bench/ending.hpp"
#include "bench/own_path.hpp"
#include "bench/rows.hpp"
#include "bench/runtime/scaling.hpp"
#include "pel/error.hpp"
#include "pel/resources.hpp"

namespace pel::bench {
namespace {

constexpr const char* kHelp =
    "Usage: pel bench [GROUP...] [options]\n"
    "\n"
    "Measures pel against plain loops and the peers that are built in, in turns in one run: "
    "ratios\n"
    "(pel / peer, below 1 pel is faster), medians over interleaved pairs.\n"
    "\n"
    "Groups:\n"
    "  forkjoin   fib, skynet, nqueens, integrate, matmul, UTS T1 (ns; fib: ns per call)\n"
    "  loops      reduce, scan, sort, histogram, group_by, filter; 10^3 to 10^8 elements\n"
    "  latency    waking a parked worker, against a bare futex wake\n"
    "  limits     processor time (ns) of 10 s idle, against 10 ms; 16 workers against as many as "
    "cores\n"
    "  memory     bytes above idle of ten million spawned tasks, of a chain of a million, each in "
    "a\n"
    "             new process, in steps of some pages a thread\n"
    "  speculation  payments over 2 to 10,000 accounts, as read-modify-write and as additions, "
    "with\n"
    "             0, 1 or 10 us of work each, against the plain loop over a hash table; greedy\n"
    "             graph algorithms, against their serial loops\n"
    "  price      pel against pel with the promise off\n"
    "  workloads  the workloads at the tour's size, as many runs as workers: against plain "
    "loops,\n"
    "             and against copies of the plain program side by side\n"
    "  scaling    1, 2, 4 ... workers on fixed and on growing work, and a plot\n"
    "Default: all of these. By itself:\n"
    "  evm        EVM programs and the official benchmark blocks; see pel bench evm --help\n"
    "\n"
    "Options:\n"
    "  --workers LIST   numbers of workers, separated by commas (default: 1 and all cores)\n"
    "  --pairs N        interleaved pairs a row (default 15; fewer where a run takes long)\n"
    "  --full           also the large sizes (fib 40, 10^8 elements): an hour\n"
    "  --filter REGEX   only benches whose name matches\n"
    "  --sizes LIST     only rows of these sizes\n"
    "  --peers LIST     only rows against these peers\n"
    "  --json           one object per line on stdout, and nothing else there\n"
    "  --plot FILE      where `scaling` draws (default: pel-scaling.svg)\n"
    "  --help           this text\n";

struct Options {
  std::vector<std::string> groups;
  std::vector<int> workers;
  int pairs = 15;
  bool full = false;
  bool json = false;
  std::string filter = ".*";
  std::vector<std::uint64_t> sizes;  // empty: all
  std::vector<std::string> peers;    // empty: all
  std::string plot = "pel-scaling.svg";
};

int to_int(const std::string& text, const std::string& option, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    throw Error(option, "'" + text + "' is not a number from " + std::to_string(low) + " to " +
                            std::to_string(high));
  }
  return value;
}

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    words.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return words;
}

template <class T>
bool is_chosen(const std::vector<T>& chosen, const T& value) {
  return chosen.empty() || std::find(chosen.begin(), chosen.end(), value) != chosen.end();
}

std::string checked_regex(const std::string& text) {
  try {
    std::regex{text};
  } catch (const std::regex_error& error) {
    throw Error("--filter", "'" + text + "' is not a regular expression: " + error.what());
  }
  return text;
}

// Whether the plot can be written is asked before the minutes that it takes to have one.
std::string checked_plot(const std::string& text) {
  namespace fs = std::filesystem;
  const fs::path path = text, folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  if (text.empty()) throw Error("--plot", "the file name is empty");
  if (fs::is_directory(path, error)) throw Error("--plot", text + " is a folder");
  if (::access(folder.c_str(), W_OK) != 0)
    throw Error("--plot", "cannot write " + text + ": " + std::strerror(errno));
  return text;
}

Options parse(const std::vector<std::string>& arguments) {
  const std::vector<std::string> known = {"forkjoin",  "loops",   "latency",
                                          "limits",    "memory",  "price",
                                          "workloads", "scaling", "speculation"};
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const auto value = [&] {
      if (i + 1 >= arguments.size()) throw Error(word, "needs a value", "see pel bench --help");
      return arguments[++i];
    };
    if (word == "--workers") {
      for (const std::string& n : split_list(value())) {
        options.workers.push_back(to_int(n, word, 1, 1024));
      }
    } else if (word == "--sizes") {
      for (const std::string& n : split_list(value())) {
        options.sizes.push_back(static_cast<std::uint64_t>(to_int(n, word, 1, 2'000'000'000)));
      }
    } else if (word == "--peers") {
      options.peers = split_list(value());
    } else if (word == "--pairs") {
      options.pairs = to_int(value(), word, 3, 1000);
    } else if (word == "--filter") {
      options.filter = checked_regex(value());
    } else if (word == "--plot") {
      options.plot = checked_plot(value());
    } else if (word == "--full") {
      options.full = true;
    } else if (word == "--json") {
      options.json = true;
    } else if (std::find(known.begin(), known.end(), word) != known.end()) {
      options.groups.push_back(word);
    } else {
      throw Error("pel bench", "unknown group or option '" + word + "'", "see pel bench --help");
    }
  }
  if (options.groups.empty()) options.groups = known;
  if (options.workers.empty()) {
    options.workers = {1};
    if (usable_cores() > 1) options.workers.push_back(usable_cores());
  }
  return options;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// Runs `pel-bench --measure ...` for some rows of one peer; hands each line to `take`.
template <class Take>
int in_own_process(const std::string& program, const std::string& rows, int workers, int pairs,
                   Take take) {
  const std::string n = std::to_string(workers);
  // No shell stays between the two, so that the kernel can end them together (end_with_parent).
  const std::string command = "exec env PEL_WORKERS=" + n + " PARLAY_NUM_THREADS=" + n +
                              " OMP_NUM_THREADS=" + n + " " + quoted(program) + " --measure " + n +
                              " " + std::to_string(pairs) + " " + rows;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw Error("pel bench", "cannot start " + program);
  char line[1024];
  while (std::fgets(line, sizeof line, pipe) != nullptr) take(std::string(line));
  return ::pclose(pipe);
}

int measure(const std::vector<std::string>& arguments) {
  const int workers = to_int(arguments.at(1), "--measure", 1, 1024);
  const int pairs = to_int(arguments.at(2), "--measure", 3, 1000);
  const std::vector<RowSpec> specs = row_specs();
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    const auto index = static_cast<std::size_t>(to_int(arguments[i], "--measure", 0, 1 << 20));
    std::cout << to_json(measure_pair(specs.at(index), workers, pairs)) << std::endl;
  }
  return 0;
}

double field(const std::string& line, const std::string& name) {
  const std::size_t at = line.find("\"" + name + "\":");
  return at == std::string::npos ? 0 : std::strtod(line.c_str() + at + name.size() + 3, nullptr);
}

void print_header() {
  std::printf("%-18s %11s %7s %-10s %12s %12s %7s %5s\n", "bench", "size", "workers", "peer",
              "pel ns", "peer ns", "ratio", "load");
}

void print_line(const std::string& line, const RowSpec& spec) {
  std::printf("%-18s %11llu %7.0f %-10s %12.5g %12.5g %7.3f %5.1f\n", spec.bench,
              static_cast<unsigned long long>(spec.size), field(line, "workers"), spec.peer,
              field(line, "pel_ns"), field(line, "peer_ns"), field(line, "ratio"),
              field(line, "load"));
}

// Returns how many rows of the list are missing.
int run_rows(const std::string& program, const Options& options) {
  const std::regex filter(options.filter);
  const std::vector<RowSpec> specs = row_specs();
  const std::vector<std::string> built = peers_built_in();
  int missing = 0;
  bool header = options.json;
  for (const int workers : options.workers) {
    for (const std::string& peer : built) {
      std::string rows;
      std::vector<std::size_t> wanted;
      for (std::size_t i = 0; i < specs.size(); ++i) {
        const RowSpec& spec = specs[i];
        const bool in_group = std::find(options.groups.begin(), options.groups.end(), spec.group) !=
                              options.groups.end();
        if (spec.peer != peer || !in_group || (spec.full && !options.full)) continue;
        if (!std::regex_search(spec.bench, filter)) continue;
        if (!is_chosen(options.sizes, spec.size) || !is_chosen(options.peers, peer)) continue;
        rows += std::to_string(i) + " ";
        wanted.push_back(i);
      }
      if (wanted.empty()) continue;
      std::size_t seen = 0;
      if (!header) print_header();
      header = true;
      in_own_process(program, rows, workers, options.pairs, [&](const std::string& line) {
        if (seen >= wanted.size()) return;
        if (options.json) {
          std::fputs(line.c_str(), stdout);
        } else {
          print_line(line, specs[wanted[seen]]);
        }
        std::fflush(stdout);
        ++seen;
      });
      for (; seen < wanted.size(); ++seen, ++missing) {
        std::fprintf(stderr, "pel bench: row %s %llu against %s is missing\n",
                     specs[wanted[seen]].bench,
                     static_cast<unsigned long long>(specs[wanted[seen]].size), peer.c_str());
      }
    }
  }
  return missing;
}

int run(const std::string& program, const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "--measure") {
    end_with_parent();
    return measure(arguments);
  }
  for (const std::string& word : arguments) {
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
  }
  const Options options = parse(arguments);
  end_with_a_line();
  const int missing = run_rows(program, options);
  if (std::find(options.groups.begin(), options.groups.end(), "scaling") != options.groups.end()) {
    run_scaling({.max_workers = usable_cores(), .json = options.json, .plot = options.plot});
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw Error("standard output", "cannot be written to");
  return missing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pel::bench

int main(int argc, char** argv) {
  try {
    return pel::bench::run(pel::bench::own_path(argv[0]),
                           std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pel: %s\n", error.what());
    return 2;
  }
}
