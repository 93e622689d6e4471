// SPDX-License-Identifier: Apache-2.0
#include "bench/measure.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "pel/error.hpp"

namespace pel::bench {
namespace {

const Contender& find(const std::string& bench, const std::string& name) {
  for (const Contender& contender : contenders()) {
    if (contender.bench == bench && contender.name == name) return contender;
  }
  throw Error("bench " + bench, "contender " + name + " is not built in",
              "see bench/README.md for the paths of peers");
}

// One side of a row.
struct Side {
  Body body;
  bool measures_itself = false;
  std::uint64_t runs = 1;
};

// One sample: ns per run over all runs of the side, or what the body measured.
double sample(const Side& side) {
  if (side.measures_itself) return static_cast<double>(side.body());
  const std::uint64_t start = now_ns();
  for (std::uint64_t i = 0; i < side.runs; ++i) keep(side.body());
  return static_cast<double>(now_ns() - start) / static_cast<double>(side.runs);
}

std::int64_t processor_ns() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * 1'000'000'000 + used.tv_nsec;
}

// Threads of the side that is not measured go to rest before the other one's turn: OpenMP's look
// for work for 8 ms where a pause takes 27 ns, on the processor that the other side needs.
void rest(int workers) {
  constexpr int kMostTurns = 10;
  for (int turn = 0; workers > 1 && turn < kMostTurns; ++turn) {
    const std::int64_t before = processor_ns();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (processor_ns() - before < 200'000) return;
  }
}

}  // namespace

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values[values.size() / 2];
}

double load_average() {
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  return load;
}

namespace {

Side prepare(const RowSpec& spec, const char* name, int workers) {
  const Contender& contender = find(spec.bench, name);
  return {contender.prepare(spec.size, workers), contender.measures_itself};
}

// Enough runs for a sample of a few milliseconds; returns the time of one run.
double calibrate(Side& side) {
  constexpr double kSampleNs = 3e6;
  if (side.measures_itself) return 0;
  const double run_ns = sample(side);
  side.runs = static_cast<std::uint64_t>(std::clamp(kSampleNs / std::max(run_ns, 1.0), 1.0, 1e6));
  return run_ns;
}

void compare(const RowSpec& spec, std::uint64_t expected, std::uint64_t got) {
  if (expected == got) return;
  throw Error(
      std::string("bench ") + spec.bench + " " + std::to_string(spec.size),
      "pel gives " + std::to_string(expected) + ", " + spec.peer + " gives " + std::to_string(got));
}

}  // namespace

Row measure_pair(const RowSpec& spec, int workers, int pairs) {
  Row row{.bench = spec.bench, .size = spec.size, .workers = workers, .peer = spec.peer};
  row.load = load_average();
  // The two may share inputs and change them, so each makes its value from new ones. pel's threads
  // are started before the peer is prepared: a peer may bind the calling thread to a processor.
  const auto value = [](Side side) { return side.measures_itself ? 0 : side.body(); };
  const std::uint64_t expected = value(prepare(spec, "pel", workers));
  Side ours = prepare(spec, "pel", workers);
  Side theirs = prepare(spec, spec.peer, workers);
  compare(spec, expected, value(theirs));
  const double longest_ns = std::max(calibrate(ours), calibrate(theirs));
  const bool long_idle = row.bench == "idle_ns";
  row.pairs = longest_ns > 5e8 || long_idle ? std::max(3, pairs / 5) : pairs;
  std::vector<double> pel_ns;
  std::vector<double> peer_ns;
  std::vector<double> ratios;
  for (int i = 0; i < row.pairs; ++i) {
    if (i % 2 == 0) pel_ns.push_back(sample(ours));
    rest(workers);
    peer_ns.push_back(sample(theirs));
    rest(workers);
    if (i % 2 != 0) pel_ns.push_back(sample(ours));
    ratios.push_back(pel_ns.back() / peer_ns.back());
  }
  const double unit = units(row.bench, row.size);
  row.pel_ns = median(pel_ns) / unit;
  row.peer_ns = median(peer_ns) / unit;
  row.pel_min_ns = *std::min_element(pel_ns.begin(), pel_ns.end()) / unit;
  row.peer_min_ns = *std::min_element(peer_ns.begin(), peer_ns.end()) / unit;
  row.ratio = median(ratios);
  return row;
}

std::string to_json(const Row& row) {
  char text[512];
  std::snprintf(text, sizeof text,
                "{\"bench\":\"%s\",\"size\":%llu,\"workers\":%d,\"peer\":\"%s\",\"pel_ns\":%.4g,"
                "\"peer_ns\":%.4g,\"ratio\":%.4f,\"load\":%.2f,\"pel_min_ns\":%.4g,"
                "\"peer_min_ns\":%.4g,\"pairs\":%d}",
                row.bench.c_str(), static_cast<unsigned long long>(row.size), row.workers,
                row.peer.c_str(), row.pel_ns, row.peer_ns, row.ratio, row.load, row.pel_min_ns,
                row.peer_min_ns, row.pairs);
  return text;
}

}  // namespace pel::bench
