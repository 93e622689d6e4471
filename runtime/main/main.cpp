// SPDX-License-Identifier: Apache-2.0
// pel::main: command line, executor, outputs, exit code.
#include "pel/main.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <new>
#include <utility>

#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "runtime/main/interrupt.hpp"
#include "runtime/main/options.hpp"
#include "runtime/main/outputs.hpp"
#include "runtime/main/state.hpp"

namespace pel {
namespace {

using runtime::Interrupt;
using runtime::Options;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

ExecutorOptions executor_options(const Options& options) {
  ExecutorOptions executor;
  executor.workers = options.workers;
  executor.seed = options.seed;
  return executor;
}

void compute(const std::function<void(Run&)>& program, Run::State& state) {
  Executor executor(executor_options(state.options));
  state.workers = executor.workers();
  Run run(state);
  executor.run([&] { program(run); });
  state.progress.finish();
}

// A file is replaced under protection from signals, so that Ctrl-C waits for it; a pipe or a
// device may block for ever and must stay interruptible.
void write_output(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    base::write_file(path, bytes);
  } else {
    const Interrupt::Protected section;
    base::write_file(path, bytes);
  }
}

void refuse_overwriting_input(const Options& options) {
  for (const std::string& output : {options.out, options.trace, options.metrics}) {
    for (const std::string& argument : options.arguments) {
      std::error_code error;
      if (!output.empty() && std::filesystem::equivalent(output, argument, error)) {
        throw Error(output, "is an input and would be overwritten");
      }
    }
  }
}

void print_common_row(Run::State& state, double seconds) {
  Run run(state);
  const double serial = state.options.workers == 0 ? seconds : state.serial_seconds;
  Row row;
  row.text("name", state.info.name).integer("seed", state.options.seed);
  row.integer("workers", state.workers).text("level", "run").number("seconds", seconds);
  row.number("serial_seconds", serial).text("digest", run.digest());
  if (state.verified) {
    row.boolean("equal", true);
  } else {
    row.null("equal");
  }
  run.print(row);
}

int run_program(int argc, char** argv, const std::function<void(Run&)>& program,
                const ProgramInfo& info) {
  const Options options = runtime::parse_options(argc, argv, info);
  if (options.help) {
    std::fputs(runtime::help_text(info).c_str(), stdout);
    return 0;
  }
  runtime::check_writable({{"--out", options.out},
                           {"--trace", options.trace},
                           {"--metrics", options.metrics}});
  refuse_overwriting_input(options);
  CancelSource cancel;
  const Interrupt interrupt(info.name, options.deadline_s, [&] { cancel.cancel(); });
  Run::State state(info, options, info.name);
  const auto start = std::chrono::steady_clock::now();
  compute(program, state);
  const double seconds = seconds_since(start);
  if (Interrupt::interrupted() || Interrupt::deadline_passed()) throw Cancelled("stopped");
  if (state.failed) return 1;
  if (!options.out.empty()) {
    write_output(options.out, state.output);
    Run(state).say("wrote " + options.out + " (" + std::to_string(state.output.size()) + " bytes)");
  }
  if (options.json && !state.printed_rows) print_common_row(state, seconds);
  return 0;
}

int complain(const ProgramInfo& info, const std::string& what, int code) {
  Progress::clear_terminal();
  std::fprintf(stderr, "%s: %s\n", info.name.c_str(), what.c_str());
  return code;
}

}  // namespace

int main(int argc, char** argv, const std::function<void(Run&)>& program, ProgramInfo info) {
  if (info.name.empty()) {
    info.name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "program";
  }
  try {
    return run_program(argc, argv, program, info);
  } catch (const Cancelled& error) {
    if (Interrupt::interrupted()) {
      return complain(info, "stopped; nothing was written", Interrupt::exit_code());
    }
    const bool late = Interrupt::deadline_passed();
    return complain(info, late ? "deadline passed; nothing was written" : error.what(), 1);
  } catch (const Error& error) {
    return complain(info, error.what(), 2);
  } catch (const std::bad_alloc&) {
    return complain(info, "memory: the computation needs more than this machine gives", 2);
  } catch (const std::exception& error) {
    return complain(info, error.what(), 1);
  }
}

}  // namespace pel
