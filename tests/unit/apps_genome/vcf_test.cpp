// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/vcf.hpp"

#include <gtest/gtest.h>

#include "apps/genome/input.hpp"
#include "pel/error.hpp"

namespace pel::apps::genome {
namespace {

const Reference kReference = parse_fasta(">x\nGGCACACAT\n>y\nACGT\n", "r.fa");

TEST(Normalized, ShortestAndLeftmost) {
  // GGCACACAT less one CA, however it is written.
  const Variant expected{1, "GCA", "G"};
  EXPECT_EQ(normalized(kReference, {6, "CA", ""}), expected);
  EXPECT_EQ(normalized(kReference, {1, "GCACA", "GCA"}), expected);
  EXPECT_EQ(normalized(kReference, {5, "ACAT", "AT"}), expected);
  EXPECT_EQ(normalized(kReference, {0, "GGC", "GGT"}), (Variant{2, "C", "T"}));
  EXPECT_EQ(normalized(kReference, {7, "A", "ACA"}), (Variant{1, "G", "GCA"}));
}

TEST(Vcf, WritesAndReadsBack) {
  Call call;
  call.position = kReference.contigs[1].begin + 1;
  call.reference = "C";
  call.alternatives = {"T"};
  call.quality = 12'345;
  call.genotype_quality = 99;
  call.depth = 12;
  call.genotype = {1, 1};
  call.allele_depths = {0, 12};
  call.genotype_costs = {130, 0};
  Call filtered = call;
  ++filtered.position;
  filtered.reference.assign(1, 'G');
  filtered.filter = kLowQual | kLowDepth;
  const std::string text = format_vcf(kReference, {call, filtered}, {});
  EXPECT_NE(text.find("\ny\t2\t.\tC\tT\t123.4\tPASS\tDP=12\tGT:GQ:DP:AD:PL\t1:99:12:0,12:130,0\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\ny\t3\t.\tG\tT\t123.4\tLowQual;LowDepth\t"), std::string::npos);
  const auto variants = parse_vcf(text, kReference, "v");
  ASSERT_EQ(variants.size(), 1u);
  EXPECT_EQ(variants[0], (Variant{call.position, "C", "T"}));
  EXPECT_TRUE(spelled_as_reference(kReference, variants));
  EXPECT_FALSE(spelled_as_reference(kReference, {{call.position, "G", "T"}}));
}

TEST(Vcf, NamesTheBadLine) {
  const auto error_of = [](const std::string& text) {
    try {
      parse_vcf(text, kReference, "v");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string head = "##fileformat=VCFv4.2\n#CHROM\n";
  EXPECT_EQ(error_of(""), "v:0: the file is empty");
  EXPECT_EQ(error_of("x\n"), "v:1: not a VCF file");
  EXPECT_EQ(error_of(head + "x\t1\n"), "v:3: fewer than 8 columns");
  EXPECT_EQ(error_of(head + "z\t1\t.\tA\tC\t9\tPASS\t.\n"), "v:3: unknown contig");
  EXPECT_EQ(error_of(head + "x\t10\t.\tA\tC\t9\tPASS\t.\n"),
            "v:3: POS is not a position of the contig");
  EXPECT_EQ(error_of(head + "x\t1\t.\tA\t<DEL>\t9\tPASS\t.\n"), "v:3: REF or ALT is not bases");
  EXPECT_EQ(error_of(head + "x\t1\t.\tA"), "v:3: the last line is cut");
}

TEST(Compare, CountsEachKindApart) {
  const std::vector<Variant> truth{{1, "A", "C"}, {2, "A", "G"}, {3, "AC", "A"}};
  const std::vector<Variant> called{{1, "A", "C"}, {2, "A", "T"}, {3, "AC", "A"}, {9, "A", "AT"}};
  const Accuracy substitutions = compare(truth, called, false),
                 indels = compare(truth, called, true);
  EXPECT_EQ(substitutions.expected, 2u);
  EXPECT_EQ(substitutions.called, 2u);
  EXPECT_EQ(substitutions.matched, 1u);
  EXPECT_EQ(indels.matched, 1u);
  EXPECT_DOUBLE_EQ(indels.precision(), 50);
  EXPECT_DOUBLE_EQ(indels.recall(), 100);
}

}  // namespace
}  // namespace pel::apps::genome
