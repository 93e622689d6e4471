// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/genome/align.hpp"
#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

struct CallOptions {
  int ploidy = 1;                  // 1 or 2
  std::uint8_t min_mapping = 20;   // reads mapped with less are not looked at
  std::uint32_t min_quality = 20;  // phred; below: FILTER LowQual
  std::uint32_t min_depth = 4;     // below: FILTER LowDepth
};

enum Filter : std::uint8_t {
  kPass = 0,
  kLowQual = 1,
  kLowDepth = 2,
  kStrandBias = 4,  // ten or more reads show the allele, all on one strand
  kSnpGap = 8,      // a substitution beside an indel that not nearly all reads show
};

// One line of the VCF. Costs are centiphred: -1000 log10 of a likelihood.
struct Call {
  std::uint32_t position = 0;  // 0-based, in Reference::bases
  std::string reference;
  std::vector<std::string> alternatives;
  std::uint32_t quality = 0;           // centiphred against "all reference"
  std::uint32_t genotype_quality = 0;  // phred, at most 99
  std::uint32_t depth = 0;
  std::uint8_t filter = kPass;
  std::array<std::uint8_t, 2> genotype{};     // allele numbers; the first counts if haploid
  std::vector<std::uint32_t> allele_depths;   // reference first
  std::vector<std::uint32_t> genotype_costs;  // phred, in VCF order, best 0

  bool is_indel() const { return reference.size() != alternatives[0].size(); }
};

// Reads are aligned in batches of this many, each with its own run storage.
inline constexpr std::size_t kBatch = 256;
struct Batch {
  std::vector<Alignment> alignments;
  std::vector<Operation> operations;
};

struct AlignedReads {
  std::vector<Batch> batches;
  std::vector<std::uint64_t> order;  // begin << 32 | read, ascending; only reads to look at
  std::uint32_t longest = 0;         // reference bases under the longest alignment

  const Alignment& alignment(std::uint64_t read) const {
    return batches[read / kBatch].alignments[read % kBatch];
  }
};

// What one tile of the reference gave.
struct TileResult {
  std::vector<Call> calls;                // ascending
  std::vector<std::uint32_t> depth_sums;  // believed bases over each kDepthBin reference bases
};
inline constexpr std::uint32_t kDepthBin = 256;

// Calls variants tile by tile of the reference. Genotype likelihoods follow Li 2011 ("A statistical
// framework for SNP calling"): a read with error probability e shows allele g with 1 - e, another
// with e / 3, a heterozygote with the mean; e is from the smaller of base and mapping quality.
// All sums are integers, so that no order of the reads can change them. Thread-safe.
class Caller {
 public:
  static constexpr std::uint32_t kTile = 2048;  // reference bases

  Caller(const Reference& reference, const Reads& reads, const AlignedReads& aligned,
         const CallOptions& options)
      : reference_(reference), reads_(reads), aligned_(aligned), options_(options) {}

  // The calls whose position lies in [begin, end). O(bases aligned there).
  TileResult tile(std::uint32_t begin, std::uint32_t end) const;

 private:
  struct Site;
  struct Gap;
  struct Support;
  using Keys = std::span<const std::uint64_t>;

  Keys overlapping(std::uint32_t begin, std::uint32_t end) const;
  std::span<const Operation> operations_of(std::uint64_t read) const;
  void pile(std::uint64_t read, std::uint32_t begin, std::span<Site> sites) const;
  void add_bases(std::uint64_t read, std::uint32_t at, std::uint32_t from, std::uint32_t count,
                 std::uint32_t begin, std::span<Site> sites) const;
  void collect_gaps(std::uint64_t read, std::vector<Gap>& gaps) const;
  void shift_left(Gap& gap) const;
  void call_site(std::uint32_t position, const Site& site, std::vector<Call>& calls) const;
  void call_gaps(std::vector<Gap>& gaps, std::uint32_t begin, std::uint32_t end,
                 std::vector<Call>& calls) const;
  void call_gap(const Gap& gap, std::uint32_t forward, std::uint32_t backward,
                std::vector<Call>& calls) const;
  bool shows_no_gap(std::uint64_t read, std::uint32_t begin, std::uint32_t end) const;
  void judge(Call& call, std::uint32_t forward, std::uint32_t backward) const;

  const Reference& reference_;
  const Reads& reads_;
  const AlignedReads& aligned_;
  const CallOptions options_;
};

// Sets SnpGap on the calls (ascending) that a neighbouring indel makes doubtful.
void filter_beside_indels(std::vector<Call>& calls);

}  // namespace pel::apps::genome
