// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/genome.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "apps/genome/simulate.hpp"
#include "apps/genome/vcf.hpp"
#include "apps/plain_loops.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/workload.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/workload.hpp"

namespace pel::apps::genome {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Workload> make_genome(std::uint64_t size, std::uint64_t seed = 1) {
  return test::loaded_workload("genome", size, seed);
}
std::unique_ptr<Workload> make_genome(const WorkloadConfig& config) {
  return test::loaded_workload("genome", config);
}

// Without the phage reads, so that the tests need no data.
class GenomeTest : public testing::Test {
 protected:
  GenomeTest() { setenv("PEL_GENOME_DATA", "/nonexistent", 1); }

  std::vector<std::uint8_t> bytes(std::uint64_t size, std::uint64_t seed) {
    return make_genome(size, seed)->run_plain().bytes;
  }
};

TEST_F(GenomeTest, SameBytesForAnyWorkers) {
  const auto genome = make_genome(6'000);
  const auto plain = genome->run_plain();
  EXPECT_NE(plain.summary.find("variants"), std::string::npos);
  for (const int workers : {0, 1, 2, 3, 8}) {
    EXPECT_EQ(test::bytes_with(*genome, workers), plain.bytes) << workers;
  }
  EXPECT_TRUE(genome->check(plain).passed) << genome->check(plain).detail;
  EXPECT_TRUE(genome->html(plain).starts_with("<svg"));
}

TEST_F(GenomeTest, AnotherSeedOrSizeMovesTheBytes) {
  const auto base = bytes(2'000, 1);
  EXPECT_EQ(bytes(2'000, 1), base);
  EXPECT_NE(bytes(2'000, 2), base);
  EXPECT_NE(bytes(2'100, 1), base);
}

TEST_F(GenomeTest, SmallestSizes) {
  for (const std::uint64_t size : {1, 2, 10}) EXPECT_FALSE(bytes(size, 1).empty());
}

TEST_F(GenomeTest, CheckSeesAWrongResult) {
  const auto genome = make_genome(6'000);
  auto result = genome->run_plain();
  std::string text(result.bytes.begin(), result.bytes.end());
  // Loses the first six calls.
  std::size_t at = text.find("\nsimulated\t") + 1;
  std::size_t end = at;
  for (int i = 0; i < 6; ++i) end = text.find('\n', end) + 1;
  text.erase(at, end - at);
  result.bytes.assign(text.begin(), text.end());
  EXPECT_FALSE(genome->check(result).passed);
}

void expect_accurate(int ploidy, double substitutions, double indels) {
  SimulationOptions simulation;
  simulation.reads = 20'000;
  simulation.ploidy = ploidy;
  simulation.seed = 3;
  const Simulation s = simulate<PlainLoops>(simulation);
  CallOptions options;
  options.ploidy = ploidy;
  const auto calls =
      call_variants<PlainLoops>(s.reference, s.reads, options, [](std::uint64_t) {}).calls;
  const auto called = parse_vcf(format_vcf(s.reference, calls, options), s.reference, "calls");
  ASSERT_GT(s.truth.size(), 90u);
  EXPECT_TRUE(spelled_as_reference(s.reference, s.truth));
  for (const bool indel : {false, true}) {
    const Accuracy accuracy = compare(s.truth, called, indel);
    EXPECT_GE(accuracy.recall(), indel ? indels : substitutions) << indel;
    EXPECT_GE(accuracy.precision(), indel ? indels : substitutions) << indel;
  }
}
TEST(GenomeAccuracy, Haploid) { expect_accurate(1, 98, 95); }
TEST(GenomeAccuracy, Diploid) { expect_accurate(2, 96, 90); }

TEST(Simulate, SameForAnyWorkers) {
  const SimulationOptions options{.reads = 3'000};
  const Simulation plain = simulate<PlainLoops>(options);
  for (const int workers : {1, 3}) {
    Executor executor({.workers = workers});
    const Simulation other = executor.run([&] { return simulate<PelLoops>(options); });
    EXPECT_EQ(other.reference.bases, plain.reference.bases);
    EXPECT_EQ(other.reads.bases, plain.reads.bases);
    EXPECT_EQ(other.reads.qualities, plain.reads.qualities);
    EXPECT_EQ(other.truth, plain.truth);
  }
}

class GenomeFilesTest : public GenomeTest {
 protected:
  GenomeFilesTest() {
    const Simulation s = simulate<PlainLoops>({.reads = 3'000, .seed = 9});
    std::ofstream fasta(folder_ / "r.fa"), fastq(folder_ / "r.fq");
    fasta << ">chr\n";
    for (const std::uint8_t code : s.reference.bases) fasta << kLetters[code];
    fasta << "\n";
    for (std::size_t i = 0; i < s.reads.size(); ++i) {
      fastq << "@r" << i << "\n";
      for (const std::uint8_t code : s.reads.bases_of(i)) fastq << kLetters[code];
      fastq << "\n+\n";
      for (const std::uint8_t q : s.reads.qualities_of(i)) fastq << static_cast<char>('!' + q);
      fastq << "\n";
    }
  }

  std::string error_of(const std::vector<fs::path>& files) {
    try {
      WorkloadConfig config;
      config.files = files;
      make_genome(config);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }
  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(GenomeFilesTest, ReadsTheUsersFiles) {
  WorkloadConfig config;
  config.files = {folder_ / "r.fa", folder_ / "r.fq", "ploidy=2"};
  const auto genome = make_genome(config);
  EXPECT_EQ(genome->input(), "r.fa + r.fq, 15000 bases, 3000 reads, diploid");
  const auto result = genome->run_plain();
  const auto check = genome->check(result);
  EXPECT_TRUE(check.passed);
  EXPECT_EQ(check.against, "letters of the FASTA");
  // Its own calls as the truth: all found.
  std::ofstream(folder_ / "t.vcf")
      .write(reinterpret_cast<const char*>(result.bytes.data()),
             static_cast<std::streamsize>(result.bytes.size()));
  config.files.push_back(folder_ / "t.vcf");
  const auto judged = make_genome(config);
  EXPECT_TRUE(judged->check(result).passed);
  EXPECT_EQ(judged->check(result).against, "truth in t.vcf");
}

TEST_F(GenomeFilesTest, SizeSamplesTheReads) {
  WorkloadConfig config;
  config.files = {folder_ / "r.fa", folder_ / "r.fq"};
  config.size = 500;
  const auto genome = make_genome(config);
  EXPECT_EQ(genome->input(), "r.fa + r.fq, 15000 bases, 500 reads, haploid");
}

TEST_F(GenomeFilesTest, RefusesWhatDoesNotFit) {
  std::ofstream(folder_ / "junk") << "hello\n";
  EXPECT_NE(error_of({folder_ / "r.fa"}).find("no reads given"), std::string::npos);
  EXPECT_NE(error_of({folder_ / "r.fq"}).find("no reference given"), std::string::npos);
  EXPECT_NE(error_of({folder_ / "r.fa", folder_ / "r.fa"}).find("second FASTA"), std::string::npos);
  EXPECT_NE(error_of({folder_ / "junk"}).find("junk:1: neither FASTA"), std::string::npos);
  EXPECT_NE(error_of({folder_ / "r.fa", folder_ / "r.fq", "ploidy=3"}).find("ploidy is 1 or 2"),
            std::string::npos);
  EXPECT_NE(error_of({"colour=red"}).find("no such setting"), std::string::npos);
}

}  // namespace
}  // namespace pel::apps::genome
