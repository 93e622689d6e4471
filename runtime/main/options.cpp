// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>

#include "base/cpu.hpp"
#include "base/text.hpp"
#include "pel/error.hpp"

namespace pel::runtime {
namespace {

const std::vector<Option>& common_options() {
  static const std::vector<Option> all = {
      {"--workers", "N", "threads that run tasks at once, this one included; 0: no thread at all"},
      {"--serial", "", "the same as --workers 0"},
      {"--verify", "",
       "first run it many ways and compare: 0, 1, 2, 3 and 2N workers, reversed,\n"
       "shuffled and delayed schedules; names the loop whose bits move"},
      {"--seed", "N", "seed of all randomness (default 1)"},
      {"--out", "FILE", "write the result there"},
      {"--trace", "FILE", "write what ran when, for ui.perfetto.dev or chrome://tracing"},
      {"--metrics", "FILE", "write the counters of the run as Prometheus text"},
      {"--deadline", "SECONDS", "give up, with exit code 1, once the run has taken this long"},
      {"--json", "", "one JSON object per line on stdout; words go to stderr"},
      {"--help", "", "this text"},
  };
  return all;
}

std::vector<Option> options_of(const ProgramInfo& info) {
  std::vector<Option> all = info.options;
  for (const Option& option : common_options()) {
    const auto& hidden = info.hidden;
    if (std::find(hidden.begin(), hidden.end(), option.name) != hidden.end()) continue;
    all.push_back(option);
    if (option.name == "--out" && !info.default_out.empty()) {
      all.back().help += " (default " + info.default_out + ")";
    }
  }
  return all;
}

[[noreturn]] void unknown_option(const std::string& given, const std::vector<Option>& options) {
  const std::string name = given.substr(0, given.find('='));
  std::vector<std::string> names;
  for (const Option& option : options) names.push_back(option.name);
  const auto nearest = base::nearest_word(name, names);
  throw Error(name, "unknown option", nearest ? "did you mean " + *nearest + "?" : "see --help");
}

// What a CLI11 message complains about, in our words: every line starts with its place.
[[noreturn]] void misused_option(const std::string& message, const std::vector<Option>& options) {
  for (const Option& option : options) {
    const bool named = message.find(option.name) != std::string::npos ||
                       message.starts_with(option.name.substr(2) + " ");
    if (!named) continue;
    throw Error(option.name, option.value.empty() ? "takes no value" : "takes exactly one value",
                "see --help");
  }
  throw Error("command line", message, "see --help");
}

struct RawOptions {
  std::map<std::string, std::string, std::less<>> values;  // switches map to ""
  std::vector<std::string> arguments;
};

// Lets CLI11 take the words apart; every value stays text, so that messages about values are ours.
RawOptions take_apart(int argc, char** argv, const ProgramInfo& info) {
  const std::vector<Option> options = options_of(info);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, std::string> values;
  for (const Option& option : options) {
    const std::string names = option.name == "--help" ? "-h,--help" : option.name;
    if (option.value.empty()) {
      app.add_flag(names)->disable_flag_override();
    } else {
      app.add_option(names, values[option.name]);
    }
  }
  RawOptions raw;
  app.add_option("arguments", raw.arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    misused_option(error.what(), options);
  }
  for (const std::string& word : app.remaining()) unknown_option(word, options);
  for (const Option& option : options) {
    if (app.count(option.name) > 0) raw.values[option.name] = values[option.name];
  }
  return raw;
}

int workers_from(const std::string& place, const std::string& text) {
  return static_cast<int>(number_between(place, text, 0, kMaxWorkers));
}

double seconds_from(const std::string& place, const std::string& text) {
  const auto value = base::parse_double(text);
  if (!value || *value <= 0 || *value > 1e9) {
    throw Error(place, "'" + text + "' is not a number of seconds above 0");
  }
  return *value;
}

// The variables stand for options: a program that hides those does not look at them.
void apply_environment(Options& options, const ProgramInfo& info) {
  base::check_cpu_variable();
  const auto hidden = [&](const char* option) {
    return std::find(info.hidden.begin(), info.hidden.end(), option) != info.hidden.end();
  };
  const char* verify = std::getenv("PEL_VERIFY");
  if (verify && *verify && !hidden("--verify")) {
    const std::string value = verify;
    if (value != "0" && value != "1") throw Error("PEL_VERIFY", "'" + value + "' is not 0 or 1");
    options.verify = options.verify || value == "1";
  }
  const char* workers = std::getenv("PEL_WORKERS");
  if (workers && *workers && !hidden("--workers"))
    options.workers = workers_from("PEL_WORKERS", workers);
}

std::string named_file(const std::string& option, const std::string& path) {
  if (path.empty()) throw Error(option, "the file name is empty");
  return path;
}

void apply(Options& options, const std::string& name, const std::string& value) {
  if (name == "--workers") {
    options.workers = workers_from(name, value);
  } else if (name == "--serial") {
    options.workers = 0;
  } else if (name == "--verify") {
    options.verify = true;
  } else if (name == "--seed") {
    options.seed = number_between(name, value, 0, UINT64_MAX);
  } else if (name == "--out") {
    options.out = named_file(name, value);
  } else if (name == "--trace") {
    options.trace = named_file(name, value);
  } else if (name == "--metrics") {
    options.metrics = named_file(name, value);
  } else if (name == "--deadline") {
    options.deadline_s = seconds_from(name, value);
  } else if (name == "--json") {
    options.json = true;
  } else {
    options.help = true;
  }
}

bool is_own(const ProgramInfo& info, const std::string& name) {
  return std::any_of(info.options.begin(), info.options.end(),
                     [&](const Option& option) { return option.name == name; });
}

std::string option_lines(const std::vector<Option>& options) {
  std::string text;
  for (const Option& option : options) {
    std::string left = "  " + option.name + (option.value.empty() ? "" : " " + option.value);
    left.resize(std::max<std::size_t>(left.size() + 1, 22), ' ');
    text += left;
    for (const char c : option.help) {
      text += c;
      if (c == '\n') text += std::string(22, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::uint64_t number_between(const std::string& place, const std::string& text, std::uint64_t least,
                             std::uint64_t most) {
  const auto value = base::parse_u64(text);
  if (!value || *value < least || *value > most) {
    const std::string range = " from " + std::to_string(least) + " to " +
                              (most == UINT64_MAX ? "2^64 - 1" : std::to_string(most));
    throw Error(place, "'" + text + "' is not a whole number" + range);
  }
  return *value;
}

Options parse_options(int argc, char** argv, const ProgramInfo& info) {
  const RawOptions raw = take_apart(argc, argv, info);
  Options options;
  options.arguments = raw.arguments;
  if (raw.values.contains("--help")) {
    options.help = true;
    return options;
  }
  options.out = info.default_out;
  const bool sized = raw.values.contains("--workers") || raw.values.contains("--serial");
  if (raw.values.contains("--workers") && raw.values.contains("--serial")) {
    throw Error("--serial", "cannot be combined with --workers");
  }
  apply_environment(options, info);
  if (sized) options.workers = -1;
  for (const auto& [name, value] : raw.values) {
    if (is_own(info, name)) {
      options.own[name] = value;
    } else {
      apply(options, name, value);
    }
  }
  if (info.arguments.empty() && !options.arguments.empty()) {
    throw Error(options.arguments.front(), "unexpected argument", "see --help");
  }
  return options;
}

std::string help_text(const ProgramInfo& info) {
  std::string text = info.name;
  if (!info.summary.empty()) text += ": " + info.summary;
  text += "\n\nusage: " + info.name;
  text += info.arguments.empty() ? " [options]\n" : " " + info.arguments + " [options]\n";
  if (!info.description.empty()) text += "\n" + info.description + "\n";
  if (!info.options.empty()) text += "\noptions:\n" + option_lines(info.options);
  ProgramInfo common = info;
  common.options.clear();
  text += info.options.empty() ? "\noptions:\n" : "\noptions of every program:\n";
  text += option_lines(options_of(common));
  text +=
      "\nexit codes:\n"
      "  0     done, and everything compared was equal\n"
      "  1     a result was wrong or the computation failed\n"
      "  2     bad usage or bad input: one line on stderr says where and why\n"
      "  130   stopped by Ctrl-C; nothing half-written is left\n";
  if (!info.examples.empty()) {
    text += "\nexamples:\n";
    for (const std::string& example : info.examples) text += "  " + example + "\n";
  }
  return text;
}

}  // namespace pel::runtime
