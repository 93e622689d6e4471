// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/scratch_folder.hpp"

namespace pel::test {

// A folder that plays the root of a machine; gone with the object.
class FakeRoot {
 public:
  FakeRoot& put(const std::string& file, const std::string& text) {
    const std::filesystem::path whole = path() + file;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text << '\n';
    return *this;
  }

  // `n` online cores, all allowed.
  FakeRoot& cores(int n) {
    const std::string list = n == 1 ? "0" : "0-" + std::to_string(n - 1);
    put("/sys/devices/system/cpu/online", list);
    return put("/proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t" + list);
  }

  // Version 2 alone, mounted as on current distributions; the process in `group`.
  FakeRoot& cgroup_v2(const std::string& group) {
    put("/proc/self/cgroup", "0::" + group);
    return put("/proc/self/mountinfo",
               "24 1 0:22 / /sys rw - sysfs sysfs rw\n"
               "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate");
  }

  // Version 1: cpu with cpuacct, cpuset and memory apart.
  FakeRoot& cgroup_v1(const std::string& group) {
    put("/proc/self/cgroup", "9:cpuset:" + group + "\n4:memory:" + group +
                                 "\n2:cpu,cpuacct:" + group + "\n1:name=systemd:/\n0::/");
    return put("/proc/self/mountinfo",
               "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
               "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
               "34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
  }

  std::string path() const { return folder_.path().string(); }

 private:
  ScratchFolder folder_;
};

}  // namespace pel::test
