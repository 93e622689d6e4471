// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "apps/genome/index.hpp"
#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// Local affine-gap alignment with quality-aware mismatches; the figures are those of Bowtie 2's
// local mode (Langmead, Salzberg 2012), the bonus for reaching a read's end is BWA-MEM's idea.
struct Scoring {
  static constexpr int kMatch = 2;
  static constexpr int kUnknown = 1;  // penalty against N
  static constexpr int kGapOpen = 5;
  static constexpr int kGapExtend = 3;
  static constexpr int kEndBonus = 6;
  // Penalty of a mismatch: 2 at phred 0 up to 6 at phred 40 and above.
  static constexpr int mismatch(std::uint8_t quality) {
    return 2 + (quality < 40 ? quality : 40) / 10;
  }
  // What a read of `length` bases must reach to count as aligned: 20 + 8 ln(length), rounded.
  static int threshold(std::size_t length) {
    return 20 + static_cast<int>(std::bit_width(length)) * 5545 / 1000;
  }
};

// A run of the alignment: length << 2 | kind.
enum OperationKind : std::uint32_t { kAligned = 0, kInserted = 1, kDeleted = 2 };
using Operation = std::uint32_t;

struct Alignment {
  std::uint32_t begin = 0, end = 0;   // reference bases [begin, end)
  std::uint32_t first_operation = 0;  // in the batch's operations
  std::uint16_t operations = 0;       // 0: one run of end - begin aligned bases
  std::uint16_t read_begin = 0;       // aligned bases of the read, in reference orientation
  std::uint16_t read_end = 0;
  std::int16_t score = 0;
  std::uint8_t quality = 0;  // mapping quality, phred, 0 to 60
  bool reversed = false;
  bool mapped = false;
};

// A read turned to one strand, unknown bases spelled so that they equal no reference code.
struct Oriented {
  std::vector<std::uint8_t> bases, qualities;
  void assign(std::span<const std::uint8_t> from, std::span<const std::uint8_t> quality,
              bool reversed);
};

// Aligns one read after the other. Not thread-safe: one aligner a thread or batch; the reference
// and the index are shared and only read.
class Aligner {
 public:
  Aligner(const Reference& reference, const SeedIndex& index)
      : reference_(reference), index_(index) {}

  // The best place of a read on either strand. Appends the runs of a gapped alignment to
  // `operations`. O(length) for most reads, O(length * band) for those with a gap.
  Alignment align(std::span<const std::uint8_t> bases, std::span<const std::uint8_t> qualities,
                  std::vector<Operation>& operations);

 private:
  static constexpr std::size_t kMaxPlaces = 64;   // a seed with more is a repeat and not used
  static constexpr std::size_t kMaxClusters = 4;  // places tried per read
  static constexpr std::int64_t kJoin = 16;       // diagonals this close may be one alignment
  static constexpr std::int64_t kMaxSpread = 128;
  static constexpr std::int64_t kPad = 12;  // the band reaches this far beyond the seeds
  static constexpr std::size_t kMaxMismatches = 48;
  static constexpr std::size_t kCrowd = 3;
  static constexpr std::int64_t kCrowdSpan = 12;

  struct Minimizer {
    std::uint32_t hash, position;
    bool reversed;
  };
  // Seeds that agree on where the read lies.
  struct Cluster {
    std::int64_t low, high, main;  // diagonals: reference position - read position
    std::uint32_t seeds;
    bool reversed;
  };
  struct Segment {
    int score = 0;
    std::int64_t begin = 0, end = 0;  // of the read
    bool crowded = false;             // kCrowd mismatches close together: a gap may explain them
  };

  void collect_anchors(std::span<const std::uint8_t> bases);
  void collect_clusters();
  Alignment extend(const Cluster& cluster, const Oriented& read);
  Segment ungapped(std::int64_t diagonal, const Oriented& read);
  Alignment gapped(const Cluster& cluster, const Oriented& read);
  void fill_row(std::size_t row, std::size_t band, const Oriented& read);
  Alignment trace_back(std::size_t row, std::size_t column, std::size_t band);

  const Reference& reference_;
  const SeedIndex& index_;
  std::vector<Minimizer> minimizers_;
  std::vector<std::uint64_t> anchors_;  // strand, diagonal, read position
  std::vector<Cluster> clusters_;
  Oriented oriented_[2];
  std::vector<Operation> runs_;       // of the last gapped alignment
  std::vector<std::uint8_t> window_;  // reference bases under the band
  std::vector<std::int16_t> above_, here_, insert_, insert_above_;
  std::vector<std::uint8_t> trace_;
};

}  // namespace pel::apps::genome
