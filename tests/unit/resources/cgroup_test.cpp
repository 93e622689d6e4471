// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/cgroup.hpp"

#include <gtest/gtest.h>

#include "tests/unit/resources/fake_root.hpp"

namespace {

using pel::resources::CgroupLimits;
using pel::test::FakeRoot;

struct Answer {
  CgroupLimits limits;
  std::vector<std::string> notes;
};

Answer read(const FakeRoot& root) {
  Answer answer;
  answer.limits = read_cgroup_limits(pel::resources::SystemFiles(root.path()), answer.notes);
  return answer;
}

const std::string kV2 = "/sys/fs/cgroup";

TEST(CgroupV2, NoFilesNoLimits) {
  FakeRoot root;
  root.cgroup_v2("/").put(kV2 + "/cgroup.procs", "1");
  const Answer answer = read(root);
  EXPECT_EQ(answer.limits.quota_cores, 0);
  EXPECT_EQ(answer.limits.memory_limit, 0u);
  EXPECT_FALSE(answer.limits.cores.has_value());
  EXPECT_TRUE(answer.notes.empty());
}

TEST(CgroupV2, QuotaOfTheOwnGroup) {
  FakeRoot root;
  root.cgroup_v2("/app").put(kV2 + "/app/cpu.max", "150000 100000");
  root.put(kV2 + "/app/cpu.stat", "usage_usec 5\nnr_periods 200\nnr_throttled 50\n");
  const Answer answer = read(root);
  EXPECT_DOUBLE_EQ(answer.limits.quota_cores, 1.5);
  EXPECT_EQ(answer.limits.quota_from, kV2 + "/app/cpu.max");
  EXPECT_DOUBLE_EQ(answer.limits.throttled_percent, 25);
}

TEST(CgroupV2, TightestQuotaOnTheWayUpCounts) {
  FakeRoot root;
  root.cgroup_v2("/slice/unit/inner")
      .put(kV2 + "/slice/unit/inner/cpu.max", "max 100000")
      .put(kV2 + "/slice/unit/cpu.max", "800000 100000")
      .put(kV2 + "/slice/cpu.max", "300000 100000");
  const Answer answer = read(root);
  EXPECT_DOUBLE_EQ(answer.limits.quota_cores, 3);
  EXPECT_EQ(answer.limits.quota_from, kV2 + "/slice/cpu.max");
}

TEST(CgroupV2, PathOfTheHostFallsBackToWhatIsThere) {
  FakeRoot root;  // a container without a cgroup namespace
  root.cgroup_v2("/docker/0123abcd").put(kV2 + "/cpu.max", "50000 100000");
  EXPECT_DOUBLE_EQ(read(root).limits.quota_cores, 0.5);
}

TEST(CgroupV2, PathAboveTheNamespaceIsNotFollowed) {
  FakeRoot root;
  root.cgroup_v2("/../../other").put(kV2 + "/cpu.max", "200000 100000");
  root.put("/sys/other/cpu.max", "1000 100000");
  EXPECT_DOUBLE_EQ(read(root).limits.quota_cores, 2);
}

TEST(CgroupV2, CpusetsIntersect) {
  FakeRoot root;
  root.cgroup_v2("/a/b")
      .put(kV2 + "/a/cpuset.cpus.effective", "0-5")
      .put(kV2 + "/a/b/cpuset.cpus.effective", "4-7");
  EXPECT_EQ(read(root).limits.cores, (std::vector<int>{4, 5}));
}

TEST(CgroupV2, MemoryLimitsAndWhatIsLeft) {
  FakeRoot root;
  root.cgroup_v2("/a/b")
      .put(kV2 + "/a/memory.max", "1000000")
      .put(kV2 + "/a/memory.current", "900000")
      .put(kV2 + "/a/b/memory.max", "max")
      .put(kV2 + "/a/b/memory.high", "600000")
      .put(kV2 + "/a/b/memory.current", "100000");
  const CgroupLimits limits = read(root).limits;
  EXPECT_EQ(limits.memory_limit, 600000u);
  EXPECT_EQ(limits.memory_limit_from, kV2 + "/a/b/memory.high");
  EXPECT_EQ(limits.memory_left, 100000u) << "the parent has less left";
}

TEST(CgroupV2, UseAboveTheLimitLeavesNothing) {
  FakeRoot root;
  root.cgroup_v2("/").put(kV2 + "/memory.max", "10").put(kV2 + "/memory.current", "20");
  EXPECT_EQ(read(root).limits.memory_left, 0u);
}

TEST(CgroupV2, MalformedFilesAreNamedAndIgnored) {
  for (const char* text : {"", "100000 0", "x 100000", "1 2 3", "0 100000", "-5 100000", "9 -1"}) {
    FakeRoot root;
    root.cgroup_v2("/").put(kV2 + "/cpu.max", text);
    const Answer answer = read(root);
    EXPECT_EQ(answer.limits.quota_cores, 0) << text;
    ASSERT_EQ(answer.notes.size(), 1u) << text;
    EXPECT_NE(answer.notes[0].find("cpu.max"), std::string::npos);
  }
  FakeRoot root;
  root.cgroup_v2("/").put(kV2 + "/cpuset.cpus.effective", "0-").put(kV2 + "/memory.max", "lots");
  const Answer answer = read(root);
  EXPECT_FALSE(answer.limits.cores.has_value());
  EXPECT_EQ(answer.limits.memory_limit, 0u);
  EXPECT_EQ(answer.notes.size(), 2u);
}

TEST(CgroupV1, QuotaCpusetAndMemory) {
  FakeRoot root;
  const std::string base = "/sys/fs/cgroup";
  root.cgroup_v1("/job")
      .put(base + "/cpu,cpuacct/job/cpu.cfs_quota_us", "250000")
      .put(base + "/cpu,cpuacct/job/cpu.cfs_period_us", "100000")
      .put(base + "/cpu,cpuacct/cpu.cfs_quota_us", "-1")
      .put(base + "/cpu,cpuacct/job/cpu.stat", "nr_periods 10\nnr_throttled 1\nthrottled_time 5")
      .put(base + "/cpuset/job/cpuset.cpus", "1,3")
      .put(base + "/memory/job/memory.limit_in_bytes", "4096000")
      .put(base + "/memory/job/memory.usage_in_bytes", "1000")
      .put(base + "/memory/memory.limit_in_bytes", "9223372036854771712");
  const Answer answer = read(root);
  EXPECT_DOUBLE_EQ(answer.limits.quota_cores, 2.5);
  EXPECT_DOUBLE_EQ(answer.limits.throttled_percent, 10);
  EXPECT_EQ(answer.limits.cores, (std::vector<int>{1, 3}));
  EXPECT_EQ(answer.limits.memory_limit, 4096000u);
  EXPECT_EQ(answer.limits.memory_left, 4095000u);
  EXPECT_TRUE(answer.notes.empty());
}

TEST(CgroupV1, MalformedQuotaIsNamed) {
  for (const char* quota : {"many", "0", "-2", ""}) {
    FakeRoot root;
    root.cgroup_v1("/").put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", quota);
    root.put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
    const Answer answer = read(root);
    EXPECT_EQ(answer.limits.quota_cores, 0) << quota;
    EXPECT_EQ(answer.notes.size(), 1u) << quota;
  }
}

TEST(CgroupMixed, TightestOfBothVersions) {
  FakeRoot root;
  root.put("/proc/self/cgroup", "3:cpu:/one\n0::/two");
  root.put("/proc/self/mountinfo",
           "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
           "33 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw");
  root.put("/sys/fs/cgroup/cpu/one/cpu.cfs_quota_us", "400000");
  root.put("/sys/fs/cgroup/cpu/one/cpu.cfs_period_us", "100000");
  root.put("/sys/fs/cgroup/unified/two/cpu.max", "700000 100000");
  EXPECT_DOUBLE_EQ(read(root).limits.quota_cores, 4);
}

TEST(CgroupMounts, RootInsideTheHierarchyAndBlanksInPaths) {
  FakeRoot root;  // as in a container that sees its own part of the tree
  root.put("/proc/self/cgroup", "0::/docker/abc/inner:1");
  root.put("/proc/self/mountinfo",
           "30 24 0:26 /docker/abc /sys/fs/c\\040group rw - cgroup2 cgroup2 rw");
  root.put("/sys/fs/c group/inner:1/cpu.max", "100000 100000");
  root.put("/sys/fs/c group/cpu.max", "300000 100000");
  const CgroupLimits limits = read(root).limits;
  EXPECT_DOUBLE_EQ(limits.quota_cores, 1);
  EXPECT_EQ(limits.quota_from, "/sys/fs/c group/inner:1/cpu.max");
}

TEST(CgroupMounts, BrokenLinesAreSkipped) {
  FakeRoot root;
  root.put("/proc/self/cgroup", "nonsense\n0::/");
  root.put("/proc/self/mountinfo",
           "1 2\n- - -\n\nx y z / /p - cgroup2\n"
           "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 c rw");
  root.put("/sys/fs/cgroup/cpu.max", "200000 100000");
  const Answer answer = read(root);
  EXPECT_DOUBLE_EQ(answer.limits.quota_cores, 2);
  EXPECT_EQ(answer.notes.size(), 1u);
}

}  // namespace
