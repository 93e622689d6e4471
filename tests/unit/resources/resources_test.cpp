// SPDX-License-Identifier: Apache-2.0
#include "pel/resources.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "runtime/resources/usable_cores.hpp"
#include "tests/unit/resources/fake_root.hpp"

namespace {

using pel::Resources;
using pel::test::FakeRoot;

TEST(Resources, EmptyRootGivesOneCoreAndNoError) {
  FakeRoot root;
  const Resources r = pel::read_resources(root.path());
  EXPECT_EQ(r.usable_cores, 1);
  EXPECT_EQ(r.memory_total, 0u);
  EXPECT_FALSE(r.cpu_pressure.known);
  EXPECT_TRUE(r.notes.empty());
}

TEST(Resources, AffinityBoundsCores) {
  FakeRoot root;
  root.cores(8).put("/proc/self/status", "Cpus_allowed_list:\t2,5-6");
  const Resources r = pel::read_resources(root.path());
  EXPECT_EQ(r.usable_cores, 3);
  EXPECT_EQ(r.online_cores, 8);
  EXPECT_EQ(r.allowed_cores, (std::vector<int>{2, 5, 6}));
}

TEST(Resources, AffinityIsThatOfTheThread) {
  FakeRoot root;
  root.cores(8).put("/proc/thread-self/status", "Cpus_allowed_list:\t7");
  EXPECT_EQ(pel::read_resources(root.path()).usable_cores, 1);
}

TEST(Resources, CoresOfThreadsAreThoseThatAnyOfThemMayUse) {
  FakeRoot root;
  root.cores(8).cgroup_v2("/job");
  root.put("/proc/self/task/11/status", "Cpus_allowed_list:\t0-1");
  root.put("/proc/self/task/12/status", "Cpus_allowed_list:\t1,5");
  root.put("/proc/self/task/13/status", "Cpus_allowed_list:\tnone");
  const auto usable = [&](const std::vector<int>& threads) {
    return pel::resources::count_cores(root.path(), threads).usable;
  };
  EXPECT_EQ(usable({11}), 2);
  EXPECT_EQ(usable({11, 12}), 3);
  EXPECT_EQ(usable({13, 99, 12}), 2) << "malformed, and ended meanwhile";
  EXPECT_EQ(usable({}), 8);
  EXPECT_EQ(usable({99}), 8);
  root.put("/sys/fs/cgroup/job/cpu.max", "200000 100000");
  EXPECT_EQ(usable({11, 12}), 2);
  EXPECT_EQ(pel::resources::count_cores(root.path(), {}).online, 8);
}

TEST(Resources, MalformedAffinityFallsBackToOnlineCores) {
  FakeRoot root;
  root.cores(4).put("/proc/self/status", "Cpus_allowed_list:\t9-2");
  const Resources r = pel::read_resources(root.path());
  EXPECT_EQ(r.usable_cores, 4);
  ASSERT_EQ(r.notes.size(), 1u);
  EXPECT_NE(r.notes[0].find("/proc/self/status"), std::string::npos);
}

TEST(Resources, QuotaBoundsCores) {
  struct Row {
    const char* quota;
    int cores;
  };
  for (const Row& row : {Row{"10000 100000", 1}, Row{"100000 100000", 1}, Row{"120000 100000", 1},
                         Row{"125000 100000", 2}, Row{"150000 100000", 2}, Row{"200000 100000", 2},
                         Row{"399999 100000", 4}, Row{"99900000 100000", 4}, Row{"max", 4}}) {
    FakeRoot root;
    root.cores(4).cgroup_v2("/").put("/sys/fs/cgroup/cpu.max", row.quota);
    EXPECT_EQ(pel::read_resources(root.path()).usable_cores, row.cores) << row.quota;
  }
}

TEST(Resources, CpusetBoundsCores) {
  FakeRoot root;
  root.cores(8).cgroup_v2("/").put("/sys/fs/cgroup/cpuset.cpus.effective", "6-9");
  EXPECT_EQ(pel::read_resources(root.path()).usable_cores, 2);
}

TEST(Resources, RefreshSeesChangedLimits) {
  FakeRoot root;
  root.cores(8).cgroup_v2("/").put("/sys/fs/cgroup/cpu.max", "400000 100000");
  root.put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 800 kB");
  Resources r = pel::read_resources(root.path());
  EXPECT_EQ(r.usable_cores, 4);
  EXPECT_EQ(r.memory_available, 800u * 1024);
  root.put("/sys/fs/cgroup/cpu.max", "200000 100000");
  root.put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 300 kB");
  root.put("/proc/pressure/cpu", "some avg10=12.50 avg60=0.00 avg300=0.00 total=1");
  r.refresh();
  EXPECT_EQ(r.usable_cores, 2);
  EXPECT_EQ(r.memory_available, 300u * 1024);
  EXPECT_TRUE(r.cpu_pressure.known);
  EXPECT_DOUBLE_EQ(r.cpu_pressure.some_percent, 12.5);
}

TEST(Resources, MemoryLimitBoundsWhatIsAvailable) {
  FakeRoot root;
  root.cores(1).cgroup_v2("/").put("/proc/meminfo", "MemTotal: 9000 kB\nMemAvailable: 8000 kB");
  root.put("/sys/fs/cgroup/memory.max", "1024000").put("/sys/fs/cgroup/memory.current", "24000");
  const Resources r = pel::read_resources(root.path());
  EXPECT_EQ(r.memory_limit, 1024000u);
  EXPECT_EQ(r.memory_available, 1000000u);
}

TEST(Resources, ProcessorCachesAndNodes) {
  FakeRoot root;
  root.cores(4).put("/proc/cpuinfo",
                    "processor\t: 0\nmodel name\t: Test CPU 9\nflags\t\t: lm sse2 cx16 lahf_lm "
                    "popcnt sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm movbe xsave");
  const std::string cache = "/sys/devices/system/cpu/cpu0/cache";
  root.put(cache + "/index0/level", "1").put(cache + "/index0/size", "48K");
  root.put(cache + "/index0/type", "Data").put(cache + "/index0/shared_cpu_list", "0,2");
  root.put(cache + "/index1/level", "x").put(cache + "/index1/size", "48K");
  root.put(cache + "/index2/level", "3").put(cache + "/index2/size", "32768K");
  root.put(cache + "/uevent", "");
  const std::string node = "/sys/devices/system/node/node";
  root.put(node + "0/cpulist", "0-1").put(node + "0/meminfo", "Node 0 MemTotal:   64 kB");
  root.put(node + "10/cpulist", "2-9").put(node + "2/cpulist", "junk");
  const Resources r = pel::read_resources(root.path());
  EXPECT_EQ(r.cpu_model, "Test CPU 9");
  EXPECT_EQ(r.x86_level, 3);
  ASSERT_EQ(r.caches.size(), 2u);
  EXPECT_EQ(r.caches[0].bytes, 48u << 10);
  EXPECT_EQ(r.caches[0].shared_by, 2);
  EXPECT_EQ(r.caches[1].bytes, 32u << 20);
  ASSERT_EQ(r.numa.size(), 2u);
  EXPECT_EQ(r.numa[0].memory_bytes, 64u * 1024);
  EXPECT_EQ(r.numa[1].id, 10);
  EXPECT_EQ(r.numa[1].cores, (std::vector<int>{2, 3}));
}

TEST(Resources, PressureEnergyAndGpus) {
  FakeRoot root;
  root.put("/proc/pressure/memory",
           "some avg10=1.00 avg60=2.00 avg300=3 total=4\n"
           "full avg10=0.50 avg60=2.00 avg300=3 total=4");
  root.put("/proc/pressure/io", "some avg10=lots\nnonsense");
  root.put("/sys/class/powercap/intel-rapl:0/name", "package-0");
  root.put("/sys/class/powercap/intel-rapl:0/energy_uj", "123");
  root.put("/sys/class/powercap/intel-rapl/enabled", "1");
  root.put("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200");
  root.put("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de");
  root.put("/sys/bus/pci/devices/0000:01:00.0/device", "0x2335");
  root.put("/sys/bus/pci/devices/0000:02:00.0/class", "0x020000");
  root.put("/usr/bin/mpirun", "#!");
  const Resources r = pel::read_resources(root.path());
  EXPECT_TRUE(r.memory_pressure.known);
  EXPECT_DOUBLE_EQ(r.memory_pressure.full_percent, 0.5);
  EXPECT_FALSE(r.io_pressure.known);
  ASSERT_EQ(r.energy.size(), 1u);
  EXPECT_EQ(r.energy[0].name, "package-0");
  ASSERT_EQ(r.gpus.size(), 1u);
  EXPECT_EQ(r.gpus[0].name, "NVIDIA 0x2335");
  EXPECT_EQ(r.gpus[0].driver, "");
  EXPECT_EQ(r.engines, std::vector<std::string>{"mpirun"});
}

TEST(Resources, NvidiaDriverNamesItsGpus) {
  FakeRoot root;
  root.put("/proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA X1\nIRQ: 5");
  const Resources r = pel::read_resources(root.path());
  ASSERT_EQ(r.gpus.size(), 1u);
  EXPECT_EQ(r.gpus[0].name, "NVIDIA X1");
  EXPECT_EQ(r.gpus[0].driver, "nvidia");
}

// This machine, as it is.
TEST(Resources, RealRootAgreesWithTheKernel) {
  const Resources r = pel::read_resources();
  cpu_set_t set;
  ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_EQ(static_cast<int>(r.allowed_cores.size()), CPU_COUNT(&set));
  EXPECT_GE(r.usable_cores, 1);
  EXPECT_LE(r.usable_cores, static_cast<int>(r.allowed_cores.size()));
  EXPECT_GT(r.memory_total, 0u);
  EXPECT_GE(r.memory_total, r.memory_available);
  EXPECT_EQ(pel::usable_cores(), r.usable_cores);
}

TEST(Resources, UsableCoresFollowsAffinityWithinASecond) {
  cpu_set_t before, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  if (CPU_COUNT(&before) < 2) GTEST_SKIP() << "one core";
  static_cast<void>(pel::usable_cores());
  CPU_ZERO(&one);
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &before)) {
      CPU_SET(core, &one);
      break;
    }
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1050));
  EXPECT_EQ(pel::usable_cores(), 1);
  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1050));
  EXPECT_EQ(pel::usable_cores(), pel::read_resources().usable_cores);
}

TEST(Resources, RefreshIsCheap) {
  Resources r = pel::read_resources();
  const std::clock_t start = std::clock();  // processor time
  for (int i = 0; i < 20; ++i) r.refresh();
  const double ms = static_cast<double>(std::clock() - start) * 1e3 / CLOCKS_PER_SEC;
  EXPECT_LT(ms / 20, 5) << "ms for one refresh";
}

}  // namespace
