// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/input.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "pel/error.hpp"
#include "tests/support/scratch_folder.hpp"

namespace pel::apps::genome {
namespace {

// what() of the pel::Error that f throws; empty if none.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}
std::string fasta_error(std::string_view text) {
  return error_of([&] { parse_fasta(text, "r.fa"); });
}
std::string fastq_error(std::string_view text) {
  Reads reads;
  return error_of([&] { parse_fastq(text, "r.fq", reads); });
}

TEST(Fasta, ReadsContigsInOrder) {
  const Reference r = parse_fasta(">one first contig\r\nACgt\r\nN\r\n>two\nTT\n", "r.fa");
  ASSERT_EQ(r.contigs.size(), 2u);
  EXPECT_EQ(r.contigs[0].name, "one");
  EXPECT_EQ(r.contigs[0].length, 5u);
  EXPECT_EQ(r.contigs[1].begin, 5 + kContigGap);
  EXPECT_EQ(r.length(), 7u);
  EXPECT_EQ(r.bases[3], 3);
  EXPECT_EQ(r.bases[4], kUnknown);
  EXPECT_EQ(r.bases[r.contigs[1].begin], 3);
  EXPECT_EQ(r.contig_of(4), 0u);
  EXPECT_EQ(r.contig_of(r.contigs[1].begin), 1u);
}

TEST(Fasta, NamesTheBadLine) {
  EXPECT_EQ(fasta_error(""), "r.fa:1: the file is empty");
  EXPECT_EQ(fasta_error("ACGT\n"), "r.fa:1: not FASTA: the first line lacks '>'");
  EXPECT_EQ(fasta_error(">a\nAC\nA!C\n"), "r.fa:3: '!' where a base should be");
  EXPECT_EQ(fasta_error(std::string_view(">a\nA\0C\n", 7)),
            "r.fa:2: byte 0 where a base should be");
  EXPECT_EQ(fasta_error(">a\n>b\nA\n"), "r.fa:2: contig a has no bases");
  EXPECT_EQ(fasta_error(">a\nA\n>a\nC\n"), "r.fa:3: contig a comes twice");
  EXPECT_EQ(fasta_error(">\nA\n"), "r.fa:1: a contig without a name");
  EXPECT_EQ(fasta_error(">a\nA\n>b\n"), "r.fa:3: contig b has no bases");
}

TEST(Fastq, ReadsRecords) {
  Reads reads;
  parse_fastq("@a x\nACGN\n+\n!I~#\n@b\r\nT\r\n+b\r\n5\r\n", "r.fq", reads);
  ASSERT_EQ(reads.size(), 2u);
  EXPECT_EQ(reads.length(0), 4u);
  EXPECT_EQ(reads.bases_of(0)[3], kUnknown);
  EXPECT_EQ(reads.qualities_of(0)[1], 40);
  EXPECT_EQ(reads.qualities_of(1)[0], 20);
}

TEST(Fastq, NamesTheBadLine) {
  EXPECT_EQ(fastq_error(""), "r.fq:1: the file is empty");
  EXPECT_EQ(fastq_error("ACGT\n"), "r.fq:1: not FASTQ: a record should begin with '@' here");
  EXPECT_EQ(fastq_error("@a\nAC\n+\nI\n"), "r.fq:4: 1 qualities for 2 bases");
  EXPECT_EQ(fastq_error("@a\nAC\n+\n"), "r.fq:3: the file is cut: qualities missing");
  EXPECT_EQ(fastq_error("@a\nAC\n"), "r.fq:2: the file is cut: '+' line missing");
  EXPECT_EQ(fastq_error("@a\n\n+\n\n"), "r.fq:2: a read without bases");
  EXPECT_EQ(fastq_error("@a\nAC\nII\n+\n"), "r.fq:3: a '+' line should be here");
  EXPECT_EQ(fastq_error("@a\nA\n+\n \n"), "r.fq:4: a quality outside '!' to '~'");
  EXPECT_NE(fastq_error("@a\n" + std::string(kMaxReadLength + 1, 'A') + "\n+\n"), "");
}

TEST(Gzip, ReadsWholeAndRefusesCutOrDamaged) {
  namespace fs = std::filesystem;
  const test::ScratchFolder scratch;
  const fs::path folder = scratch.path();
  const std::string text(100'000, 'A');
  const fs::path whole = folder / "whole.gz", cut = folder / "cut.gz", bad = folder / "bad.gz";
  gzFile file = gzopen(whole.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  EXPECT_EQ(read_maybe_gzip(whole), text);

  std::ifstream in(whole, std::ios::binary);
  std::string packed((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::ofstream(cut, std::ios::binary) << packed.substr(0, packed.size() / 2);
  EXPECT_NE(error_of([&] { read_maybe_gzip(cut); }).find("cut.gz: the gzip data is cut"),
            std::string::npos);
  packed[packed.size() - 6] ^= 1;  // in the checksum
  std::ofstream(bad, std::ios::binary) << packed;
  EXPECT_NE(error_of([&] { read_maybe_gzip(bad); }).find("bad.gz: damaged"), std::string::npos);
  EXPECT_NE(error_of([&] { read_maybe_gzip(folder / "none"); }).find("cannot be opened"),
            std::string::npos);
  EXPECT_NE(error_of([&] { read_maybe_gzip(folder); }).find("is a folder"), std::string::npos);
}

TEST(SampleReads, KeepsOrderAndDependsOnTheSeed) {
  Reads reads;
  for (std::uint8_t i = 0; i < 100; ++i) {
    reads.bases.push_back(i);
    reads.qualities.push_back(i);
    reads.offsets.push_back(i + 1u);
  }
  Reads a = reads, b = reads, c = reads, all = reads;
  sample_reads(a, 40, 1);
  sample_reads(b, 40, 1);
  sample_reads(c, 40, 2);
  sample_reads(all, 100, 1);
  EXPECT_EQ(a.size(), 40u);
  EXPECT_EQ(a.bases, b.bases);
  EXPECT_NE(a.bases, c.bases);
  EXPECT_TRUE(std::is_sorted(a.bases.begin(), a.bases.end()));
  EXPECT_EQ(a.bases, a.qualities);
  EXPECT_EQ(all.bases, reads.bases);
}

}  // namespace
}  // namespace pel::apps::genome
