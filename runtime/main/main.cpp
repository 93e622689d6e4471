// SPDX-License-Identifier: Apache-2.0
// pel::main: command line, executor, outputs, exit code.
#include "pel/main.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>
#include <optional>
#include <utility>

#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/observe.hpp"
#include "pel/resources.hpp"
#include "runtime/main/interrupt.hpp"
#include "runtime/main/memory_bound.hpp"
#include "runtime/main/options.hpp"
#include "runtime/main/outputs.hpp"
#include "runtime/main/state.hpp"
#include "runtime/main/verify.hpp"
#include "runtime/main/verify_process.hpp"
#include "runtime/main/verify_recorder.hpp"

namespace pel {
namespace {

using runtime::Interrupt;
using runtime::Options;
using runtime::Verdict;
using runtime::VerifyAssignment;
using runtime::VerifyRecorder;
using runtime::VerifyReport;
using runtime::VerifySetting;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void compute(const std::function<void(Run&)>& program, Run::State& state,
             const ExecutorOptions& options, const CancelToken& token) {
  Executor executor(options);
  state.workers = executor.workers();
  Run run(state);
  executor.run([&] { with_cancel(token, [&] { program(run); }); });
  state.progress.finish();
  if (!state.options.metrics.empty()) state.metrics = metrics_text(executor);
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

// One of the runs of --verify: nothing is written, everything that pel sees is digested.
int run_assigned(const VerifyAssignment& assignment, const std::function<void(Run&)>& program,
                 Run::State& state) {
  state.repeating = true;
  ExecutorOptions executor;
  executor.workers = assignment.plan().workers;
  executor.schedule = assignment.plan().schedule;
  executor.seed = executor.schedule.seed;
  executor.oversubscribe = true;
  VerifyReport report;
  std::string error;
  const auto start = std::chrono::steady_clock::now();
  {
    VerifyRecorder recorder(assignment.plan());
    try {
      compute(program, state, executor, CancelToken());
    } catch (const std::exception& thrown) {
      error = thrown.what();
    }
    report = recorder.take_report();
  }
  report.seconds = seconds_since(start);
  report.error = state.failed ? "the program found its result wrong" : error;
  report.output_digest = Run(state).digest();
  assignment.report(report);
  return 0;
}

// False when a run differed; the finding has then been told.
bool verify_first(Run::State& state, Verdict& verdict) {
  Run run(state);
  const int workers = state.options.workers < 0 ? usable_cores() : state.options.workers;
  const VerifySetting setting{runtime::run_in_process,
                              [&](std::string_view line) { run.say(line); }};
  verdict = runtime::verify(setting, workers, state.options.seed);
  if (!verdict.equal) {
    run.fail("verify: " + verdict.finding);
    return false;
  }
  run.say("verify: the same bits in " + std::to_string(verdict.runs) +
          " runs (an update that no schedule loses is for -fsanitize=thread to find)");
  state.verified = true;
  state.serial_seconds = verdict.serial_seconds;
  return true;
}

// Nothing of this is begun before the computation has succeeded.
void write_outputs(Run::State& state, std::optional<Trace>& trace) {
  const Options& options = state.options;
  Run run(state);
  if (!options.out.empty()) {
    write_output(options.out, state.output);
    run.say("wrote " + options.out + " (" + std::to_string(state.output.size()) + " bytes)");
  }
  if (trace) {
    trace->stop();
    run.say("wrote " + options.trace + " (open it at ui.perfetto.dev)");
  }
  if (!options.metrics.empty()) {
    write_output(options.metrics, {state.metrics.begin(), state.metrics.end()});
    run.say("wrote " + options.metrics);
  }
}

int run_and_write(const std::function<void(Run&)>& program, Run::State& state) {
  const Options& options = state.options;
  CancelSource cancel;
  const Interrupt interrupt(state.info.name, options.deadline_s, [&] {
    runtime::stop_process();
    cancel.cancel();
  });
  Verdict verdict;
  if (options.verify && !verify_first(state, verdict)) return 1;
  ExecutorOptions executor;
  executor.workers = options.workers;
  executor.seed = options.seed;
  std::optional<Trace> trace;
  if (!options.trace.empty()) trace.emplace(options.trace);
  const auto start = std::chrono::steady_clock::now();
  compute(program, state, executor, cancel.token());
  const double seconds = seconds_since(start);
  if (Interrupt::stopping()) throw Cancelled("stopped");
  Run run(state);
  if (state.verified && run.digest() != verdict.output_digest) {
    run.fail("the run after --verify gave other bytes than the serial run");
  }
  if (state.failed && !state.info.out_is_report) return 1;
  write_outputs(state, trace);
  if (options.json && !state.printed_rows) print_common_row(state, seconds);
  return state.failed ? 1 : 0;
}

int run_program(int argc, char** argv, const std::function<void(Run&)>& program,
                const ProgramInfo& info) {
  const Options options = runtime::parse_options(argc, argv, info);
  if (options.help) {
    std::fputs(runtime::help_text(info).c_str(), stdout);
    return 0;
  }
  if (info.bound_memory) {
    runtime::bound_memory(options.workers < 0 ? usable_cores() : options.workers);
  }
  Run::State state(info, options, info.name);
  if (const auto assignment = VerifyAssignment::take()) {
    return run_assigned(*assignment, program, state);
  }
  runtime::check_writable(
      {{"--out", options.out}, {"--trace", options.trace}, {"--metrics", options.metrics}});
  refuse_overwriting_input(options);
  return run_and_write(program, state);
}

// What was printed must have arrived: a full disk behind `>` is an error like one behind --out.
bool flushed() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

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
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is a full disk: an error, with its line
  try {
    const int code = run_program(argc, argv, program, info);
    if (!flushed()) throw Error("standard output", "cannot be written to");
    return code;
  } catch (const Cancelled& error) {
    if (Interrupt::interrupted()) {
      return complain(info, "stopped; nothing was written", Interrupt::exit_code());
    }
    const bool late = Interrupt::deadline_passed();
    return complain(info, late ? "deadline passed; nothing was written" : error.what(), 1);
  } catch (const Error& error) {
    return complain(info, error.what(), 2);
  } catch (const std::filesystem::filesystem_error& error) {
    return complain(info, error.what(), 2);
  } catch (const std::bad_alloc&) {
    return complain(info, "memory: the computation needs more than this machine gives", 2);
  } catch (const std::exception& error) {
    return complain(info, error.what(), 1);
  }
}

}  // namespace pel
