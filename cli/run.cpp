// SPDX-License-Identifier: Apache-2.0
// `pel run WORKLOAD [FILE...]`: one workload on pel, the same source on plain loops, and a check
// against something that is not pel.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "pel/error.hpp"
#include "pel/main.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::cli {
namespace {

const WorkloadInfo& find_workload(const std::string& name) {
  std::vector<std::string> names;
  for (const WorkloadInfo& workload : workloads()) {
    if (workload.name == name) return workload;
    names.push_back(workload.name);
  }
  const auto nearest = base::nearest_word(name, names);
  throw Error(name, "unknown workload",
              nearest ? "did you mean '" + *nearest + "'?" : "see pel list");
}

WorkloadConfig config_of(const Run& run, const WorkloadInfo& workload) {
  WorkloadConfig config;
  config.seed = run.seed();
  config.tour = run.has("--tour");
  config.size = run.number("--size", 1, workload.max_size, 0);
  const auto& arguments = run.arguments();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::error_code error;
    const std::filesystem::path path = arguments[i];
    if (!std::filesystem::exists(path, error)) {
      // name=value is a setting of the workload, which judges it itself.
      if (path.string().find('=') == std::string::npos) throw Error(path.string(), "no such file");
    }
    if (std::filesystem::is_directory(path, error)) throw Error(path.string(), "is a folder");
    config.files.push_back(path);
  }
  return config;
}

// The size that a result stands for: what was asked, else the default in force.
std::uint64_t size_in_force(const WorkloadConfig& config, const WorkloadInfo& workload) {
  if (config.size != 0) return config.size;
  return config.tour ? workload.tour_size : workload.full_size;
}

template <class F>
double seconds_of(F&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Measured {
  WorkloadResult result;
  WorkloadCheck check;
  std::string digest;
  double seconds = 0;
  double serial_seconds = 0;  // of plain loops; negative: not run
  bool equal = true;
};

Measured measure(Run& run, Workload& workload) {
  Measured measured;
  run.progress().reset();
  measured.seconds = seconds_of([&] { measured.result = workload.run(run.progress()); });
  run.progress().finish();
  measured.digest = base::sha256_hex(measured.result.bytes);
  measured.serial_seconds = -1;
  if (!run.has("--skip-serial")) {
    WorkloadResult plain;
    measured.serial_seconds = seconds_of([&] { plain = workload.run_plain(); });
    measured.equal = plain.bytes == measured.result.bytes;
  }
  measured.check = workload.check(measured.result);
  return measured;
}

Row row_of(const Run& run, const WorkloadInfo& workload, const WorkloadConfig& config,
           const Measured& measured) {
  Row row;
  row.text("name", workload.name).integer("size", size_in_force(config, workload));
  row.integer("seed", config.seed).integer("workers", run.workers()).text("level", "build");
  row.number("seconds", measured.seconds);
  if (measured.serial_seconds < 0) {
    row.null("serial_seconds").text("digest", measured.digest).null("equal");
  } else {
    row.number("serial_seconds", measured.serial_seconds).text("digest", measured.digest);
    row.boolean("equal", measured.equal);
  }
  row.boolean("verified", run.verified());
  row.text("check", measured.check.against).boolean("check_passed", measured.check.passed);
  row.text("summary", measured.result.summary);
  return row;
}

std::string text_of(const char* format, double a, double b, int n) {
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, format, a, b, n);
  return buffer;
}

void report(Run& run, const Measured& measured) {
  run.say(text_of("  pel    %9.3f s   %.0f workers", measured.seconds, run.workers(), 0));
  if (measured.serial_seconds >= 0) {
    run.say(text_of("  plain  %9.3f s   speed-up %.2f", measured.serial_seconds,
                    measured.serial_seconds / measured.seconds, 0));
    run.say(std::string("  bits   ") + (measured.equal ? "equal" : "DIFFERENT"));
  }
  run.say("  check  " + std::string(measured.check.passed ? "passed" : "FAILED") + " against " +
          measured.check.against + ": " + measured.check.detail);
  run.say("  result " + measured.result.summary);
  run.say("  sha256 " + measured.digest);
}

// Faults are told once each, after the row, and make the exit code 1.
void judge(Run& run, const WorkloadInfo& workload, const Measured& measured) {
  if (!measured.equal) run.fail(workload.name + ": plain loops gave other bytes");
  if (!measured.check.passed) {
    run.fail(workload.name + ": check against " + measured.check.against +
             " failed: " + measured.check.detail);
  }
}

void run_workload(Run& run) {
  if (run.arguments().empty()) {
    throw Error("WORKLOAD", "missing", "see pel list");
  }
  const WorkloadInfo& info = find_workload(run.arguments().front());
  const WorkloadConfig config = config_of(run, info);
  const std::uint64_t repeats = run.number("--repeat", 1, 1'000'000, 1);
  const std::unique_ptr<Workload> workload = info.make();
  workload->load(config);
  if (run.repeating()) {
    run.output(workload->run(run.progress()).bytes);
    return;
  }
  run.say(info.name + ": " + workload->input());
  for (std::uint64_t i = 0; i < repeats; ++i) {
    Measured measured = measure(run, *workload);
    if (run.json()) run.print(row_of(run, info, config, measured));
    if (!run.json()) report(run, measured);
    judge(run, info, measured);
    if (i + 1 == repeats) run.output(std::move(measured.result.bytes));
  }
}

int run_command(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel run";
  info.summary = "one workload, on its own input or on your file";
  info.arguments = "WORKLOAD [FILE...]";
  info.description =
      "Runs the workload on pel, then the same source on plain serial loops, compares the bytes "
      "of\n"
      "the two and checks the result against something that is not pel. --out writes the result "
      "in\n"
      "the format of its field. `pel list` names the workloads and their formats.";
  info.options = {
      {"--size", "N", "amount of work in the workload's own unit (pel list)"},
      {"--tour", "", "the small default size, that of pel tour"},
      {"--repeat", "N", "run it N times: N rows"},
      {"--skip-serial", "", "do not run the plain loops: for long runs"},
  };
  info.bound_memory = true;
  info.examples = {"pel run render --out picture.png", "pel run render model.obj --out model.png",
                   "pel run risk --workers 4 --verify --json"};
  return pel::main(argc, argv, run_workload, info);
}

const bool registered =
    register_command({"run", "one workload, on its own input or on your file", 20, run_command});

}  // namespace
}  // namespace pel::cli
