// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/call.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "apps/genome/genome.hpp"
#include "apps/genome/vcf.hpp"
#include "apps/plain_loops.hpp"
#include "pel/random.hpp"

namespace pel::apps::genome {
namespace {

// A random contig of 600 bases and reads over its middle, made by hand.
class CallTest : public testing::Test {
 protected:
  CallTest() {
    const Philox random(11);
    std::vector<std::uint8_t> bases(600);
    for (std::size_t i = 0; i < bases.size(); ++i) {
      bases[i] = static_cast<std::uint8_t>(random.bits(i) & 3);
    }
    reference_.add("chr", bases);
  }
  // `count` reads of `sample` from bases [at, at + 100), alternating strands.
  void add_reads(const std::vector<std::uint8_t>& sample, std::size_t at, int count,
                 std::uint8_t quality = 30) {
    for (int i = 0; i < count; ++i) {
      const std::size_t from = at + static_cast<std::size_t>(i % 7);
      std::vector<std::uint8_t> read(sample.begin() + long(from),
                                     sample.begin() + long(from) + 100);
      if (i % 2 == 1) {
        std::reverse(read.begin(), read.end());
        for (auto& code : read) code = complement(code);
      }
      reads_.bases.insert(reads_.bases.end(), read.begin(), read.end());
      reads_.qualities.resize(reads_.bases.size(), quality);
      reads_.offsets.push_back(reads_.bases.size());
    }
  }
  std::vector<Call> call(int ploidy) {
    options_.ploidy = ploidy;
    return call_variants<PlainLoops>(reference_, reads_, options_, [](std::uint64_t) {}).calls;
  }
  std::vector<std::uint8_t> changed(std::size_t at) const {
    auto sample = reference_.bases;
    sample[at] = static_cast<std::uint8_t>((sample[at] + 1) & 3);
    return sample;
  }
  Reference reference_;
  Reads reads_;
  CallOptions options_;
};

TEST_F(CallTest, NothingToCall) {
  add_reads(reference_.bases, 200, 20);
  EXPECT_TRUE(call(1).empty());
  EXPECT_TRUE(call(2).empty());
}

TEST_F(CallTest, HaploidSubstitution) {
  add_reads(changed(250), 200, 20);
  const auto calls = call(1);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].position, 250u);
  EXPECT_EQ(calls[0].filter, kPass);
  EXPECT_EQ(calls[0].depth, 20u);
  EXPECT_EQ(calls[0].allele_depths, (std::vector<std::uint32_t>{0, 20}));
  EXPECT_EQ(calls[0].genotype[0], 1);
}

// The likelihoods against their definition in floating point.
TEST_F(CallTest, DiploidCostsFollowTheModel) {
  add_reads(changed(250), 200, 9, 30);
  add_reads(reference_.bases, 200, 11, 20);
  const auto calls = call(2);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].genotype, (std::array<std::uint8_t, 2>{0, 1}));
  EXPECT_EQ(calls[0].allele_depths, (std::vector<std::uint32_t>{11, 9}));
  const double e30 = 1e-3, e20 = 1e-2;
  const double reference = -10 * (9 * std::log10(e30 / 3) + 11 * std::log10(1 - e20));
  const double mixed =
      -10 * (9 * std::log10((1 - e30) / 2 + e30 / 6) + 11 * std::log10((1 - e20) / 2 + e20 / 6));
  const double other = -10 * (9 * std::log10(1 - e30) + 11 * std::log10(e20 / 3));
  ASSERT_EQ(calls[0].genotype_costs.size(), 3u);
  EXPECT_NEAR(calls[0].genotype_costs[0], reference - mixed, 1.2);
  EXPECT_EQ(calls[0].genotype_costs[1], 0u);
  EXPECT_NEAR(calls[0].genotype_costs[2], other - mixed, 1.2);
  EXPECT_NEAR(calls[0].quality / 100.0, reference - mixed - 34.77, 0.3);
}

TEST_F(CallTest, IndelsAreLeftmost) {
  auto sample = reference_.bases;
  // A run of five equal bases loses its last two: the call sits before the run.
  for (std::size_t i = 300; i < 305; ++i) reference_.bases[i] = 0;
  reference_.bases[299] = 1;
  reference_.bases[305] = 2;
  sample = reference_.bases;
  sample.erase(sample.begin() + 303, sample.begin() + 305);
  add_reads(sample, 250, 20);
  const auto calls = call(1);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].position, 299u);
  EXPECT_EQ(calls[0].reference, "CAA");
  EXPECT_EQ(calls[0].alternatives[0], "C");
  EXPECT_EQ(calls[0].filter, kPass);
}

// Alignments by hand that put a gap at the right end of a repeat, where the aligner never would:
// the caller itself moves it leftmost.
TEST_F(CallTest, GapsMoveLeftFromWhereverTheAlignmentHasThem) {
  for (std::size_t i = 300; i < 305; ++i) reference_.bases[i] = 0;
  reference_.bases[299] = 1;
  reference_.bases[305] = 2;
  struct Case {
    OperationKind kind;
    std::uint32_t before, after;
    const char *reference, *alternative;
  };
  for (const Case& c : {Case{kDeleted, 53, 47, "CAA", "C"}, Case{kInserted, 55, 43, "C", "CAA"}}) {
    auto sample = reference_.bases;
    if (c.kind == kDeleted) sample.erase(sample.begin() + 303, sample.begin() + 305);
    if (c.kind == kInserted) sample.insert(sample.begin() + 305, {0, 0});
    reads_ = {};
    AlignedReads aligned;
    aligned.batches.resize(1);
    aligned.batches[0].operations = {c.before << 2 | kAligned, 2u << 2 | c.kind,
                                     c.after << 2 | kAligned};
    for (std::uint64_t i = 0; i < 20; ++i) {
      std::vector<std::uint8_t> read(sample.begin() + 250, sample.begin() + 350);
      if (i % 2 == 1) {
        std::reverse(read.begin(), read.end());
        for (auto& code : read) code = complement(code);
      }
      reads_.bases.insert(reads_.bases.end(), read.begin(), read.end());
      reads_.qualities.resize(reads_.bases.size(), 30);
      reads_.offsets.push_back(reads_.bases.size());
      Alignment alignment;
      alignment.begin = 250;
      alignment.end = c.kind == kDeleted ? 352 : 348;
      alignment.operations = 3;
      alignment.read_end = 100;
      alignment.quality = 60;
      alignment.reversed = i % 2 == 1;
      alignment.mapped = true;
      aligned.batches[0].alignments.push_back(alignment);
      aligned.order.push_back(std::uint64_t{alignment.begin} << 32 | i);
      aligned.longest = alignment.end - alignment.begin;
    }
    const auto calls = Caller(reference_, reads_, aligned, options_).tile(0, 600).calls;
    ASSERT_EQ(calls.size(), 1u) << c.alternative;
    EXPECT_EQ(calls[0].position, 299u) << c.alternative;
    EXPECT_EQ(calls[0].reference, c.reference);
    EXPECT_EQ(calls[0].alternatives[0], c.alternative);
  }
}

TEST_F(CallTest, HeterozygousInsertion) {
  auto sample = reference_.bases;
  const auto other = static_cast<std::uint8_t>((sample[300] + 2) & 3);
  sample.insert(sample.begin() + 300, {other, other, other});
  add_reads(sample, 250, 12);
  add_reads(reference_.bases, 250, 12);
  const auto calls = call(2);
  ASSERT_GE(calls.size(), 1u);
  EXPECT_TRUE(calls[0].is_indel());
  EXPECT_EQ(calls[0].genotype, (std::array<std::uint8_t, 2>{0, 1}));
  EXPECT_EQ(calls[0].depth, 24u);
}

TEST_F(CallTest, FiltersDepthAndStrand) {
  add_reads(changed(250), 200, 3);
  const auto shallow = call(1);
  ASSERT_EQ(shallow.size(), 1u);
  EXPECT_TRUE(shallow[0].filter & kLowDepth);
  for (int i = 0; i < 12; ++i) add_reads(changed(420), 380, 1);  // all forward
  const auto calls = call(1);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_TRUE(calls[1].filter & kStrandBias);
}

TEST(FilterBesideIndels, MarksTheDoubtfulNeighbour) {
  Call indel, near, far;
  indel.position = 100;
  indel.reference = "AC";
  indel.alternatives = {"A"};
  near.position = 103;
  far.position = 120;
  for (Call* call : {&near, &far}) {
    call->reference = "A";
    call->alternatives = {"C"};
    call->depth = 20;
    call->allele_depths = {12, 8};
  }
  std::vector<Call> calls{indel, near, far};
  filter_beside_indels(calls);
  EXPECT_EQ(calls[1].filter, kSnpGap);
  EXPECT_EQ(calls[2].filter, kPass);
}

}  // namespace
}  // namespace pel::apps::genome
