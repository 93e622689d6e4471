// SPDX-License-Identifier: Apache-2.0
#pragma once

// The command line of a program that computes with pel:
//
//   int main(int argc, char** argv) {
//     return pel::main(argc, argv, [](pel::Run& run) { run.output(compute(run.seed())); });
//   }
//
// gives --workers N --serial --verify --seed N --out FILE --trace FILE --json --metrics FILE
// --deadline SECONDS --help, a clear line on stderr for every bad input, Ctrl-C that leaves nothing
// half-written, and exit codes: 0 done (and equal), 1 a result was wrong or the computation failed,
// 2 bad usage or input, 130 Ctrl-C. Link pel::main.

#include <concepts>
#include <cstdint>
#include <functional>
#include <ranges>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pel {

class Progress;  // pel/observe.hpp

// One more option of a program, beside those that every program has.
struct Option {
  std::string name;   // "--size"
  std::string value;  // what follows it, in words: "N"; empty: a switch
  std::string help;   // one line
};

struct ProgramInfo {
  std::string name;                   // empty: the file name of argv[0]
  std::string summary;                // one line
  std::string arguments;              // synopsis: "WORKLOAD [FILE...]"; empty: takes none
  std::string description;            // paragraphs, as they are to be printed
  std::vector<Option> options;        // the program's own
  std::vector<std::string> examples;  // command lines
  std::vector<std::string> hidden;    // common options that make no sense here: "--out"
  std::string default_out;            // where --out goes when it is not given; empty: nowhere
  bool out_is_report = false;         // --out is written even if the result was wrong
  // Needing more memory than the machine or its control group gives is an error, exit code 2, not
  // death by the kernel. Not for programs that allocate much more than they use.
  bool bound_memory = false;
};

// One JSON object on one line, keys in the order they were added.
class Row {
 public:
  Row& text(std::string_view key, std::string_view value);
  Row& boolean(std::string_view key, bool value);
  Row& number(std::string_view key,
              double value);  // shortest form that reads back; null if not finite
  template <std::integral T>
  Row& integer(std::string_view key, T value) {
    if constexpr (std::is_signed_v<T>) {
      return append(key, std::to_string(static_cast<long long>(value)));
    } else {
      return append(key, std::to_string(static_cast<unsigned long long>(value)));
    }
  }
  Row& null(std::string_view key);
  Row& raw(std::string_view key, std::string_view json);  // must be JSON itself

  std::string json() const;  // "{...}", no newline

 private:
  Row& append(std::string_view key, std::string_view json);
  std::string body_;
};

// What the command line asked for, and where the program puts its results. Used by the thread that
// runs the program's function; progress() may be added to by any number of threads.
class Run {
 public:
  struct State;
  explicit Run(State& state) : state_(state) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const std::vector<std::string>& arguments() const;

  // Options of ProgramInfo. has(): was it given? text(): its value, or `fallback`. number(): its
  // value as a whole number; throws pel::Error naming the option if it is none from least to most.
  bool has(std::string_view option) const;
  std::string text(std::string_view option, std::string_view fallback = {}) const;
  std::uint64_t number(std::string_view option, std::uint64_t least, std::uint64_t most,
                       std::uint64_t fallback) const;

  std::uint64_t seed() const;  // --seed, 1 by default
  int workers() const;         // of the executor that runs this
  bool json() const;           // words go to stderr, rows to stdout
  bool verified() const;       // --verify has run, and every run gave the same bits
  bool repeating() const;      // this is one of the runs of --verify: only the output counts
  Progress& progress();

  // Appends to the program's result: what --out writes, the digest names and --verify compares.
  // Numbers are appended as they lie in memory.
  void output(std::vector<std::uint8_t> bytes);
  void output(std::string_view text) { append(text.data(), text.size()); }
  template <std::ranges::contiguous_range R>
    requires(std::is_arithmetic_v<std::ranges::range_value_t<R>> &&
             !std::is_convertible_v<const R&, std::string_view>)  // char[]: up to its 0 alone
  void output(const R& values) {
    append(std::ranges::data(values),
           std::ranges::size(values) * sizeof(std::ranges::range_value_t<R>));
  }

  void say(std::string_view line);         // a line of words on stdout (--json: on stderr)
  void print(const Row& row);              // one line of JSON on stdout, in place of the common row
  void print_json(std::string_view json);  // the same, of what is JSON on one line already
  void fail(std::string_view reason);      // the result is wrong: a line on stderr, exit code 1
  std::string digest() const;              // SHA-256 of the output so far, 64 hexadecimal digits

 private:
  void append(const void* data, std::size_t bytes);
  State& state_;
};

// Parses the command line, runs `program` in an executor of the size asked for, writes the outputs
// and returns the exit code. Call it once, from main().
int main(int argc, char** argv, const std::function<void(Run&)>& program, ProgramInfo info = {});

// What --verify can compare by its bytes. Padding counts, so zero the padding of structs that have
// any; what holds pointers is excluded as far as the type shows it.
template <class T>
concept Watchable = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>;

void watch_bytes(const void* data, std::size_t bytes, std::source_location where);

// Names a value (a number, a plain struct, a vector, array or span of them) that --verify compares
// at this point, beside the results of loops and the output. Costs one branch unless the program
// is being verified. May be called from any task.
template <class T>
  requires(Watchable<T> && !std::ranges::range<T>)
void watch(const T& value, std::source_location where = std::source_location::current()) {
  watch_bytes(&value, sizeof value, where);
}

template <std::ranges::contiguous_range R>
  requires Watchable<std::ranges::range_value_t<R>>
void watch(const R& values, std::source_location where = std::source_location::current()) {
  watch_bytes(std::ranges::data(values),
              std::ranges::size(values) * sizeof(std::ranges::range_value_t<R>), where);
}

}  // namespace pel
