// SPDX-License-Identifier: Apache-2.0
#include "pel/resources.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <numeric>

#include "runtime/resources/cgroup.hpp"
#include "runtime/resources/machine.hpp"
#include "runtime/resources/usable_cores.hpp"

namespace pel {
namespace {

using resources::SystemFiles;

constexpr std::int64_t kKeepNs = 1'000'000'000;
constexpr double kRoundUpFrom = 0.25;

// Without /proc: the kernel's answer for the real system, every online core for another root.
std::vector<int> affinity_without_proc(const Resources& known) {
  std::vector<int> cores;
  cpu_set_t set;
  if (known.root == "/" && ::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) cores.push_back(core);
    }
  } else {
    cores.resize(static_cast<std::size_t>(known.online_cores));
    std::iota(cores.begin(), cores.end(), 0);
  }
  return cores;
}

// Into `cores`: those that one of the threads of this process may use.
void add_affinity_of(const SystemFiles& files, int thread, std::vector<int>* cores) {
  const auto status = files.read("/proc/self/task/" + std::to_string(thread) + "/status");
  const auto text = status ? resources::field(*status, "Cpus_allowed_list") : std::nullopt;
  const auto list = text ? resources::parse_list(*text) : std::nullopt;
  if (!list) return;
  std::vector<int> both;
  std::set_union(cores->begin(), cores->end(), list->begin(), list->end(),
                 std::back_inserter(both));
  *cores = std::move(both);
}

std::vector<int> read_affinity(const SystemFiles& files, Resources& into) {
  for (const char* path : {"/proc/thread-self/status", "/proc/self/status"}) {
    const auto status = files.read(path);
    if (!status) continue;
    const auto text = resources::field(*status, "Cpus_allowed_list");
    if (!text) continue;
    auto list = resources::parse_list(*text);
    if (list && !list->empty()) return std::move(*list);
    into.notes.push_back(std::string("cannot understand ") + path);
  }
  return affinity_without_proc(into);
}

int cores_of_quota(double quota) {
  const double whole = static_cast<double>(static_cast<std::int64_t>(std::min(quota, 1e6)));
  return static_cast<int>(whole) + (quota - whole >= kRoundUpFrom ? 1 : 0);
}

// With into.allowed_cores known: what control groups leave of them.
void read_grants(const SystemFiles& files, Resources& into) {
  const resources::CgroupLimits limits = resources::read_cgroup_limits(files, into.notes);
  if (limits.cores) {
    std::vector<int> both;
    std::set_intersection(into.allowed_cores.begin(), into.allowed_cores.end(),
                          limits.cores->begin(), limits.cores->end(), std::back_inserter(both));
    if (!both.empty()) into.allowed_cores = std::move(both);
  }
  into.quota_cores = limits.quota_cores;
  into.quota_from = limits.quota_from;
  into.throttled_percent = limits.throttled_percent;
  into.memory_limit = limits.memory_limit;
  into.memory_limit_from = limits.memory_limit_from;
  into.memory_available = std::min(into.memory_available, limits.memory_left);
  into.usable_cores = static_cast<int>(into.allowed_cores.size());
  if (into.quota_cores > 0) {
    into.usable_cores = std::min(into.usable_cores, cores_of_quota(into.quota_cores));
  }
  into.usable_cores = std::max(into.usable_cores, 1);
}

void read_limits(const SystemFiles& files, Resources& into) {
  into.notes.clear();
  into.allowed_cores = read_affinity(files, into);
  resources::read_memory(files, into);
  read_grants(files, into);
  std::sort(into.notes.begin(), into.notes.end());
  into.notes.erase(std::unique(into.notes.begin(), into.notes.end()), into.notes.end());
}

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

namespace resources {

CoreCount count_cores(const std::string& root, const std::vector<int>& threads) {
  Resources fresh;
  fresh.root = root;
  const SystemFiles files(root);
  const auto online = parse_list(files.read("/sys/devices/system/cpu/online").value_or(""));
  if (online && !online->empty()) fresh.online_cores = static_cast<int>(online->size());
  const auto all = static_cast<std::size_t>(fresh.online_cores);
  for (std::size_t i = 0; i < threads.size() && fresh.allowed_cores.size() < all; ++i) {
    add_affinity_of(files, threads[i], &fresh.allowed_cores);
  }
  if (fresh.allowed_cores.empty()) fresh.allowed_cores = read_affinity(files, fresh);
  read_grants(files, fresh);
  return {fresh.usable_cores, fresh.online_cores};
}

}  // namespace resources

void Resources::refresh() {
  const SystemFiles files(root);
  read_limits(files, *this);
  resources::read_pressure(files, *this);
}

Resources read_resources(const std::string& root) {
  Resources result;
  result.root = root.empty() ? "/" : root;
  const SystemFiles files(result.root);
  resources::read_processor(files, result);
  result.refresh();
  resources::read_caches(files, result);
  resources::read_numa(files, result);
  resources::read_energy(files, result);
  resources::read_gpus(files, result);
  resources::read_engines(files, result);
  return result;
}

int usable_cores() {
  // Racing readers read twice; each stores a fresh answer.
  static std::atomic<int> cores{0};
  static std::atomic<std::int64_t> read_at_ns{0};
  const std::int64_t now = now_ns();
  const int known = cores.load(std::memory_order_acquire);
  if (known > 0 && now - read_at_ns.load(std::memory_order_relaxed) < kKeepNs) return known;
  Resources fresh;
  const SystemFiles files(fresh.root);
  resources::read_processor(files, fresh);
  read_limits(files, fresh);
  read_at_ns.store(now, std::memory_order_relaxed);
  cores.store(fresh.usable_cores, std::memory_order_release);
  return fresh.usable_cores;
}

}  // namespace pel
