// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/cgroup.hpp"

#include <algorithm>

namespace pel::resources {
namespace {

// Version 1 says "no limit" by a page-rounded number near 2^63.
constexpr std::uint64_t kNoMemoryLimit = std::uint64_t{1} << 60;

struct Mount {
  std::string root;                      // the part of the hierarchy that is mounted
  std::string point;                     // where
  std::vector<std::string> controllers;  // empty: version 2
};

// mountinfo writes blanks, tabs, newlines and backslashes in paths as \040 and the like.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t k) {
      return i + k < text.size() && text[i + k] >= '0' && text[i + k] <= '7';
    };
    if (text[i] == '\\' && digit(1) && digit(2) && digit(3)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// Lines of /proc/self/mountinfo: id parent device root point options [tags...] - type source super.
std::vector<Mount> cgroup_mounts(const SystemFiles& files) {
  std::vector<Mount> mounts;
  const auto text = files.read("/proc/self/mountinfo");
  if (!text) return mounts;
  for (const std::string_view line : split(*text, '\n')) {
    const std::vector<std::string_view> parts = words(line);
    const auto dash = std::find(parts.begin(), parts.end(), "-");
    if (parts.size() < 5 || parts.end() - dash < 4) continue;
    Mount mount{unescape(parts[3]), unescape(parts[4]), {}};
    if (dash[1] == "cgroup") {
      for (const std::string_view option : split(dash[3], ',')) {
        mount.controllers.emplace_back(option);
      }
    } else if (dash[1] != "cgroup2") {
      continue;
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

// The folders from the process's own group up to the mount point. A container may see a path of
// the host that is not there: missing folders are skipped on the way up.
std::vector<std::string> folders_upwards(const SystemFiles& files, const Mount& mount,
                                         std::string_view path) {
  std::string inner(path);
  if (mount.root != "/") {
    const bool inside = path.starts_with(mount.root) &&
                        (path.size() == mount.root.size() || path[mount.root.size()] == '/');
    inner = inside ? std::string(path.substr(mount.root.size())) : "";
  }
  if (inner.find("/..") != std::string::npos) inner.clear();
  while (!inner.empty() && inner.back() == '/') inner.pop_back();
  std::vector<std::string> folders;
  for (;;) {
    if (files.exists(mount.point + inner)) folders.push_back(mount.point + inner);
    if (inner.empty()) return folders;
    inner.erase(inner.find_last_of('/'));
  }
}

class Reader {
 public:
  Reader(const SystemFiles& files, std::vector<std::string>& notes)
      : files_(files), notes_(notes) {}

  void read(const Mount& mount, std::string_view path) {
    const auto has = [&](std::string_view name) {
      return mount.controllers.empty() ||
             std::find(mount.controllers.begin(), mount.controllers.end(), name) !=
                 mount.controllers.end();
    };
    const bool v2 = mount.controllers.empty();
    for (const std::string& folder : folders_upwards(files_, mount, path)) {
      if (has("cpu")) v2 ? quota_v2(folder) : quota_v1(folder);
      if (has("cpuset")) cores(folder + (v2 ? "/cpuset.cpus.effective" : "/cpuset.effective_cpus"));
      if (has("cpuset") && !v2) cores(folder + "/cpuset.cpus");
      if (has("memory")) memory(folder, v2);
    }
  }

  CgroupLimits limits;

 private:
  void malformed(const std::string& path) { notes_.push_back("cannot understand " + path); }

  // "max 100000" or "150000 100000", in microseconds.
  void quota_v2(const std::string& folder) {
    const std::string path = folder + "/cpu.max";
    const auto text = files_.read(path);
    if (!text) return;
    const std::vector<std::string_view> parts = words(*text);
    if (parts.empty() || parts.size() > 2) return malformed(path);
    const auto period = parts.size() == 2 ? parse_number(parts[1]) : 100000;
    if (!period || *period == 0) return malformed(path);
    if (parts[0] == "max") return;
    const auto quota = parse_number(parts[0]);
    if (!quota || *quota == 0) return malformed(path);
    tighten_quota(*quota, *period, path, folder);
  }

  void quota_v1(const std::string& folder) {
    const std::string path = folder + "/cpu.cfs_quota_us";
    const auto text = files_.read(path);
    if (!text || *text == "-1") return;
    const auto period_text = files_.read(folder + "/cpu.cfs_period_us");
    const auto quota = parse_number(*text);
    const auto period = period_text ? parse_number(*period_text) : 100000;
    if (!quota || *quota == 0 || !period || *period == 0) return malformed(path);
    tighten_quota(*quota, *period, path, folder);
  }

  void tighten_quota(std::uint64_t quota, std::uint64_t period, const std::string& path,
                     const std::string& folder) {
    const double granted = static_cast<double>(quota) / static_cast<double>(period);
    if (limits.quota_cores != 0 && limits.quota_cores <= granted) return;
    limits.quota_cores = granted;
    limits.quota_from = path;
    limits.throttled_percent = 0;
    std::uint64_t periods = 0, throttled = 0;
    const auto stat = files_.read(folder + "/cpu.stat");
    if (!stat) return;
    for (const std::string_view line : split(*stat, '\n')) {
      const std::vector<std::string_view> parts = words(line);
      if (parts.size() != 2) continue;
      if (parts[0] == "nr_periods") periods = parse_number(parts[1]).value_or(0);
      if (parts[0] == "nr_throttled") throttled = parse_number(parts[1]).value_or(0);
    }
    if (periods > 0) {
      limits.throttled_percent =
          100 * static_cast<double>(std::min(throttled, periods)) / static_cast<double>(periods);
    }
  }

  void cores(const std::string& path) {
    const auto text = files_.read(path);
    if (!text || text->empty()) return;
    auto list = parse_list(*text);
    if (!list) return malformed(path);
    if (!limits.cores) {
      limits.cores = std::move(list);
      return;
    }
    std::vector<int> both;
    std::set_intersection(limits.cores->begin(), limits.cores->end(), list->begin(), list->end(),
                          std::back_inserter(both));
    limits.cores = std::move(both);
  }

  void memory(const std::string& folder, bool v2) {
    const std::string use_path = folder + (v2 ? "/memory.current" : "/memory.usage_in_bytes");
    for (const char* name : {"/memory.max", "/memory.high", "/memory.limit_in_bytes"}) {
      const std::string path = folder + name;
      const auto text = files_.read(path);
      if (!text || *text == "max") continue;
      const auto limit = parse_number(*text);
      if (!limit) {
        malformed(path);
      } else if (*limit < kNoMemoryLimit) {
        const auto use = parse_number(files_.read(use_path).value_or("0")).value_or(0);
        tighten_memory(*limit, use, path);
      }
    }
  }

  void tighten_memory(std::uint64_t limit, std::uint64_t use, const std::string& path) {
    limits.memory_left = std::min(limits.memory_left, limit > use ? limit - use : 0);
    if (limits.memory_limit_from.empty() || limit < limits.memory_limit) {
      limits.memory_limit = limit;
      limits.memory_limit_from = path;
    }
  }

  const SystemFiles& files_;
  std::vector<std::string>& notes_;
};

bool same_hierarchy(const Mount& mount, std::string_view controllers) {
  if (mount.controllers.empty() || controllers.empty()) {
    return mount.controllers.empty() && controllers.empty();
  }
  for (const std::string_view name : split(controllers, ',')) {
    if (std::find(mount.controllers.begin(), mount.controllers.end(), name) !=
        mount.controllers.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace

CgroupLimits read_cgroup_limits(const SystemFiles& files, std::vector<std::string>& notes) {
  Reader reader(files, notes);
  const auto groups = files.read("/proc/self/cgroup");
  if (!groups || groups->empty()) return reader.limits;
  const std::vector<Mount> mounts = cgroup_mounts(files);
  // Lines "id:controllers:path"; version 2 has no controllers; the path may hold colons.
  for (const std::string_view line : split(*groups, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) {
      notes.push_back("cannot understand /proc/self/cgroup");
      continue;
    }
    for (const Mount& mount : mounts) {
      if (same_hierarchy(mount, line.substr(first + 1, second - first - 1))) {
        reader.read(mount, line.substr(second + 1));
      }
    }
  }
  return reader.limits;
}

}  // namespace pel::resources
