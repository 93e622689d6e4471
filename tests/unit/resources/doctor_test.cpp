// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pel/resources.hpp"
#include "tests/unit/resources/fake_root.hpp"

namespace {

using pel::Resources;

Resources limited_machine() {
  Resources r;
  r.usable_cores = 2;
  r.online_cores = 16;
  r.allowed_cores = {0, 1, 2, 3, 8};
  r.quota_cores = 1.5;
  r.quota_from = "/sys/fs/cgroup/cpu.max";
  r.throttled_percent = 12.5;
  r.cpu_model = "Test \"9\"";
  r.x86_level = 3;
  r.cpu_features = {"avx2", "fma"};
  r.numa = {{0, {0, 1, 2, 3}, 1 << 30}, {1, {8}, 0}};
  r.caches = {{1, "Data", 48 << 10, 1}, {3, "Unified", 32 << 20, 8}};
  r.memory_total = 8ull << 30;
  r.memory_available = 3ull << 29;
  r.memory_limit = 2ull << 30;
  r.memory_limit_from = "/sys/fs/cgroup/memory.max";
  r.cpu_pressure = {true, 42.5, 0};
  r.energy = {{"package-0", "/sys/class/powercap/intel-rapl:0/energy_uj", false}};
  r.gpus = {{"NVIDIA X1", "nvidia"}};
  r.engines = {"mpirun"};
  r.notes = {"cannot understand /x"};
  return r;
}

TEST(Doctor, TextNamesEveryLimit) {
  EXPECT_EQ(pel::doctor_text(limited_machine()),
            "cores     2 usable (5 allowed: 0-3,8; 16 online)\n"
            "quota     1.5 cores by /sys/fs/cgroup/cpu.max, 12.5 % of its periods throttled\n"
            "cpu       Test \"9\", x86-64-v3, avx2 fma\n"
            "caches    L1d 48 KiB, L3 32 MiB for 8\n"
            "numa      2 nodes: 0 with cores 0-3, 1.0 GiB; 1 with cores 8\n"
            "memory    1.5 GiB available of 8.0 GiB, limit 2.0 GiB by /sys/fs/cgroup/memory.max\n"
            "pressure  cpu 42.5 %, memory unknown, io unknown; load 0.00\n"
            "energy    package-0 (not readable)\n"
            "gpu       NVIDIA X1 (nvidia); not used by this version\n"
            "engines   mpirun\n"
            "note      cannot understand /x\n"
            "advice    affinity or a cpuset hides 11 of 16 cores: see taskset, or the container's "
            "--cpuset-cpus\n"
            "advice    a cgroup grants 1.5 of 5 cores: raise /sys/fs/cgroup/cpu.max, or the "
            "container's --cpus\n"
            "advice    the quota stopped this group in 12.5 % of its periods: latencies will jump\n"
            "advice    other work is running on these cores: timings will be noisy\n"
            "advice    several memory nodes: numactl --interleave=all suits loops over shared "
            "data\n"
            "advice    energy counters need read permission: chmod a+r "
            "/sys/class/powercap/intel-rapl:0/energy_uj\n");
}

TEST(Doctor, TextOfAnUnlimitedMachine) {
  pel::test::FakeRoot root;
  root.cores(4).put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 800 kB");
  const std::string text = pel::doctor_text(pel::read_resources(root.path()));
  EXPECT_NE(text.find("cores     4 usable (4 allowed: 0-3; 4 online)\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("quota     none\n"), std::string::npos);
  EXPECT_NE(text.find("advice    nothing here limits a run\n"), std::string::npos);
}

TEST(Doctor, JsonIsOneLineAndComplete) {
  const std::string text = pel::doctor_json(limited_machine());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["usable_cores"], 2);
  EXPECT_EQ(json["quota_cores"], 1.5);
  EXPECT_EQ(json["cpu_model"], "Test \"9\"");
  EXPECT_EQ(json["memory_total"], 8ull << 30);
  EXPECT_EQ(json["numa"][0]["cores"], (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(json["caches"][1]["shared_by"], 8);
  EXPECT_EQ(json["cpu_pressure"]["some_percent"], 42.5);
  EXPECT_TRUE(json["memory_pressure"].is_null());
  EXPECT_EQ(json["energy"][0]["readable"], false);
  EXPECT_EQ(json["gpus"][0]["driver"], "nvidia");
  EXPECT_EQ(json["advice"].size(), 6u);
}

TEST(Doctor, JsonOfEmptyAndRealMachinesParses) {
  EXPECT_TRUE(nlohmann::json::parse(pel::doctor_json(Resources{})).is_object());
  EXPECT_TRUE(nlohmann::json::parse(pel::doctor_json(pel::read_resources())).is_object());
}

TEST(Doctor, JsonEscapesControlCharacters) {
  Resources r;
  r.cpu_model = "a\tb\x01\\";
  EXPECT_EQ(nlohmann::json::parse(pel::doctor_json(r))["cpu_model"], r.cpu_model);
}

}  // namespace
