// SPDX-License-Identifier: Apache-2.0
#pragma once

// Workloads: named computations that `pel list` shows, `pel run` runs and `pel tour` checks.
// A workload registers itself from its own source file:
//
//   static const bool registered = pel::register_workload({.name = "render", ...});

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pel {

class Progress;  // pel/observe.hpp

struct WorkloadConfig {
  std::vector<std::filesystem::path> files;  // the user's; empty: bundled or generated input
  std::uint64_t size = 0;                    // in the workload's own unit; 0: the default
  bool tour = false;                         // the default size is the tour's, not the full one
  std::uint64_t seed = 1;
};

struct WorkloadResult {
  std::vector<std::uint8_t> bytes;  // exactly what --out writes; the digest is their SHA-256
  std::string summary;              // one short line of words and figures for people
};

struct WorkloadCheck {
  std::string against;  // what the result was compared with: "closed form (Black-Scholes)"
  bool passed = false;
  std::string detail;
};

// One computation on one input. load() comes first, once; the others may then be called any number
// of times, in any order, by one thread at a time.
class Workload {
 public:
  virtual ~Workload() = default;

  // Reads or generates the input; not part of any timing. Throws pel::Error on bad input, its place
  // being "file" or "file:line".
  virtual void load(const WorkloadConfig& config) = 0;

  // What was loaded, as a phrase: "scene bunny.obj, 960x540, 16 samples a pixel".
  virtual std::string input() const = 0;

  // Empty, or a word for the input that stands in for the default one, which this machine lacks:
  // its digests are published under "NAME-WORD".
  virtual std::string stand_in() const { return {}; }

  // Runs on pel in the current executor. Sets the total of `progress` and adds up to exactly it.
  virtual WorkloadResult run(Progress& progress) = 0;

  // The same source on plain serial loops; the same bytes.
  virtual WorkloadResult run_plain() = 0;

  // Holds a result against something that is not pel.
  virtual WorkloadCheck check(const WorkloadResult& result) = 0;

  // A fragment for the tour's page, self-contained: inline <svg>, or <img src="data:...">. By
  // default the summary in a paragraph.
  virtual std::string html(const WorkloadResult& result) const;
};

struct WorkloadInfo {
  std::string name;       // what the user types: lower-case letters, digits and '-'
  std::string summary;    // one line
  std::string reads;      // format of the user's file: "OBJ"
  std::string writes;     // format of --out: "PNG"
  std::string extension;  // of what --out writes, without the dot: "png"
  std::string size_unit;  // what size counts: "samples a pixel"
  std::uint64_t tour_size = 0;
  std::uint64_t full_size = 0;
  std::uint64_t max_size = 0;  // what memory and time can hold; a larger --size is refused
  std::function<std::unique_ptr<Workload>()> make;
};

// Adds a workload; true, so that it can initialise a namespace-scope constant. A name that is taken
// or malformed, or no make function, is a programming error and aborts. Not thread-safe: call it
// during static initialisation or before the first use of workloads().
bool register_workload(WorkloadInfo info);

// All registered workloads, sorted by name.
const std::vector<WorkloadInfo>& workloads();

}  // namespace pel
