// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// The text of a file, unpacked if it is gzip. Throws pel::Error naming the path if it cannot be
// read, is cut, damaged, or unpacks to more than 16 GiB.
std::string read_maybe_gzip(const std::filesystem::path& path);

// FASTA: '>' name lines, then lines of IUPAC letters. LF or CRLF. Throws pel::Error with
// "place:line" on anything else, on an empty or repeated contig and on an empty file.
Reference parse_fasta(std::string_view text, const std::string& place);

// FASTQ: records of four lines (sequence and qualities on one line each), phred+33. Appends to
// `reads`. Throws pel::Error with "place:line" on anything else and on an empty file.
void parse_fastq(std::string_view text, const std::string& place, Reads& reads);

// Keeps `count` of the reads, drawn by Philox(seed) without repetition, in their order. All of them
// if there are no more.
void sample_reads(Reads& reads, std::uint64_t count, std::uint64_t seed);

// The folder with lambda_virus.fa.gz, reads_1.fq.gz and reads_2.fq.gz: $PEL_GENOME_DATA, else
// data/genome or share/pel/genome in a folder above the program (where tools/fetch-genome.sh and
// an installation put them).
std::optional<std::filesystem::path> find_phage_data();

}  // namespace pel::apps::genome
