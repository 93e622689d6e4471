// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pel {

// One kind of cache of the first allowed core.
struct CpuCache {
  int level = 0;
  std::string type;  // "Data", "Instruction", "Unified"
  std::uint64_t bytes = 0;
  int shared_by = 1;  // cores that share one such cache
};

struct NumaNode {
  int id = 0;
  std::vector<int> cores;  // those this process may use
  std::uint64_t memory_bytes = 0;
};

// Pressure stall information (PSI): the share of the last 10 s, in percent, in which some tasks or
// all tasks waited for the resource.
struct Pressure {
  bool known = false;
  double some_percent = 0;
  double full_percent = 0;
};

struct EnergyCounter {
  std::string name;  // "package-0", "dram", ...
  std::string path;  // file that counts microjoules
  bool readable = false;
};

struct Gpu {
  std::string name;
  std::string driver;  // empty: none is bound
};

// What the machine and its administrators give to this process. Everything is read from /proc and
// /sys below a root that tests replace; what is missing or malformed is left at its default and
// named in `notes`. A value: copies are independent, one copy is used by one thread at a time.
struct Resources {
  // CPU. usable_cores = min(allowed cores, quota), at least 1; a quota counts as a core more from a
  // quarter of a core on: two throttled workers do more than one.
  int usable_cores = 1;
  int online_cores = 1;
  std::vector<int> allowed_cores;  // CPU affinity and cpusets of the calling thread
  double quota_cores = 0;          // CPU time a second that cgroups grant; 0: no limit
  std::string quota_from;          // the file that sets the tightest quota
  double throttled_percent = 0;    // of that group's periods so far, those that hit the quota
  std::string cpu_model;
  int x86_level = 0;                      // 1 ... 4 as in x86-64-v1 ... v4; 0: another architecture
  std::vector<std::string> cpu_features;  // those that matter here: "avx2", "sha_ni", ...
  double load_1min = 0;                   // runnable tasks on the machine, one-minute mean

  std::vector<NumaNode> numa;
  std::vector<CpuCache> caches;

  // Memory, in bytes. available: what can be had now without swapping, within the limit.
  std::uint64_t memory_total = 0;
  std::uint64_t memory_available = 0;
  std::uint64_t memory_limit = 0;  // of the tightest cgroup; 0: no limit
  std::string memory_limit_from;

  Pressure cpu_pressure, memory_pressure, io_pressure;
  std::vector<EnergyCounter> energy;
  std::vector<Gpu> gpus;
  std::vector<std::string> engines;  // distributed engines found on the usual paths
  std::vector<std::string> notes;    // what could not be understood, one line each

  std::string root = "/";

  // Reads again what changes while a process runs: affinity, quotas, load, memory, pressure.
  // A dozen small files, well below a millisecond.
  void refresh();
};

// Everything about the machine, below `root`. Never throws for what it finds there.
Resources read_resources(const std::string& root = "/");

// How many threads this process may usefully run at once: read_resources().usable_cores, kept for
// a second, so that changed quotas and affinities are seen while the process runs. Affinity is
// that of the calling thread at the time of reading. May be called by any number of threads.
int usable_cores();

// What `pel doctor` prints: for people, with a line of advice per limit found, and as one JSON
// object on one line.
std::string doctor_text(const Resources& resources);
std::string doctor_json(const Resources& resources);

}  // namespace pel
