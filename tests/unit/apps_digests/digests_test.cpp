// SPDX-License-Identifier: Apache-2.0
// The bytes of every workload: equal for any number of workers, any schedule and any level of CPU
// features, equal to docs/digests.txt, and moved by another seed or size.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "tests/unit/apps_digests/small_sizes.hpp"
#include "tests/unit/cli/process.hpp"

namespace pel::test {
namespace {

// The published digest of a workload at a size with seed 1, empty if there is none.
std::string published(const std::string& name, std::uint64_t size) {
  std::ifstream file(PEL_DIGESTS);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word, digest;
    std::uint64_t of_size = 0, seed = 0;
    if (words >> word >> of_size >> seed >> digest && word == name && of_size == size &&
        seed == 1) {
      return digest;
    }
  }
  return {};
}

class Digests : public testing::TestWithParam<std::pair<const char*, std::uint64_t>> {
 protected:
  Digests() {  // in place of fetched input, which may not be there
    setenv("PEL_GENOME_DATA", "/nonexistent", 1);
    setenv("PEL_RISK_DATA", "/nonexistent", 1);
  }
  std::string name() const { return GetParam().first; }
  std::uint64_t size() const { return GetParam().second; }
};

TEST_P(Digests, NoWorkersAndNoScheduleMoveThem) {
  const auto workload = loaded_workload(name(), size());
  const auto plain = workload->run_plain().bytes;
  for (const int workers : {0, 1, 2, 3, 8}) {
    EXPECT_EQ(bytes_with(*workload, {.workers = workers, .oversubscribe = true}), plain) << workers;
  }
  using Kind = Schedule::Kind;
  for (const Kind kind : {Kind::kReversed, Kind::kShuffled, Kind::kDelayed}) {
    for (const std::uint64_t seed : {1, 2}) {
      const ExecutorOptions options{.workers = 3,
                                    .seed = seed,
                                    .schedule = {.kind = kind, .seed = seed},
                                    .oversubscribe = true};
      EXPECT_EQ(bytes_with(*workload, options), plain) << int(kind) << " seed " << seed;
    }
  }
}

TEST_P(Digests, SeedAndSizeMoveThem) {
  const auto bytes = loaded_workload(name(), size())->run_plain().bytes;
  EXPECT_NE(loaded_workload(name(), size(), 2)->run_plain().bytes, bytes);
  EXPECT_NE(loaded_workload(name(), size() + 1)->run_plain().bytes, bytes);
  EXPECT_EQ(loaded_workload(name(), size())->run_plain().bytes, bytes);
}

TEST_P(Digests, AreThePublishedOnesAtTheSizeOfTheTour) {
  setenv("PEL_GENOME_DATA", PEL_DATA_FOLDER "/genome", 1);  // real input where it was fetched
  setenv("PEL_RISK_DATA", PEL_DATA_FOLDER "/risk", 1);
  for (const WorkloadInfo& info : workloads()) {
    if (info.name != name()) continue;
    const auto workload = loaded_workload(name(), info.tour_size);
    const std::string as =
        workload->stand_in().empty() ? name() : name() + "-" + workload->stand_in();
    ASSERT_NE(published(as, info.tour_size), "") << as << " " << info.tour_size;
    EXPECT_EQ(base::sha256_hex(bytes_with(*workload, 2)), published(as, info.tour_size)) << as;
    EXPECT_NE(published(name(), info.full_size), "") << "no digest of the full size";
  }
}

INSTANTIATE_TEST_SUITE_P(Workloads, Digests, testing::ValuesIn(kSmallSizes),
                         [](const auto& param) { return std::string(param.param.first); });

struct Probed {
  std::string workloads, libm;
};
Probed probe(const std::vector<std::string>& environment) {
  const Ended ended = run_process({.arguments = {PEL_PROBE}, .environment = environment});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const std::size_t at = ended.out.find("libm ");
  return {ended.out.substr(0, at), ended.out.substr(std::min(at, ended.out.size()))};
}

// pel picks variants of its own by the CPU's features, as does the C library; neither may show.
TEST(CpuLevels, DoNotMoveDigests) {
  const Probed all = probe({});
  EXPECT_EQ(std::count(all.workloads.begin(), all.workloads.end(), '\n'), 5) << all.workloads;
  for (const char* level : {"x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    const Probed limited = probe({std::string("PEL_CPU=") + level});
    EXPECT_EQ(limited.workloads, all.workloads) << level;
  }
  bool libm_moved = false;
  for (const char* mask : {"-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ", "-AVX512F,-AVX2,-FMA,-FMA4",
                           "-AVX512F,-AVX2,-AVX,-FMA,-FMA4,-BMI2,-SSE4_2,-SSE4_1,-ERMS"}) {
    const Probed masked = probe({std::string("GLIBC_TUNABLES=glibc.cpu.hwcaps=") + mask});
    EXPECT_EQ(masked.workloads, all.workloads) << mask;
    libm_moved = libm_moved || masked.libm != all.libm;
  }
  if (!libm_moved) GTEST_SKIP() << "the C library's own results did not move: masks without effect";
}

}  // namespace
}  // namespace pel::test
