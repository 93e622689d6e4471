// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/align.hpp"

#include <bit>
#include <cstring>

namespace pel::apps::genome {
namespace {

// Anchor layout: strand << 48 | (diagonal + kMaxReadLength) << 14 | read position.
constexpr std::uint64_t kPositionBits = 14;
constexpr std::uint64_t kStrandShift = 48;
static_assert(kMaxReadLength < std::uint64_t{1} << kPositionBits);

constexpr std::uint64_t pack_anchor(bool reversed, std::int64_t diagonal, std::uint64_t position) {
  const auto shifted = static_cast<std::uint64_t>(diagonal + std::int64_t{kMaxReadLength});
  return std::uint64_t{reversed} << kStrandShift | shifted << kPositionBits | position;
}
constexpr std::int64_t diagonal_of(std::uint64_t anchor) {
  const std::uint64_t mask = (std::uint64_t{1} << (kStrandShift - kPositionBits)) - 1;
  return static_cast<std::int64_t>(anchor >> kPositionBits & mask) - std::int64_t{kMaxReadLength};
}

// Codes that equal no reference base: of an unknown base in a read, and of what lies outside.
constexpr std::uint8_t kUnknownInRead = 5;
constexpr std::uint8_t kOutside = 6;

// How a cell of the band was reached.
enum Step : std::uint8_t {
  kStop = 0,
  kDiagonal = 1,
  kInsert = 2,
  kDelete = 3,
  kStepMask = 3,
  kInsertOn = 4,  // the insertion ending here is longer than one base
  kDeleteOn = 8,
};

constexpr std::int16_t narrow(int value) { return static_cast<std::int16_t>(value); }

int penalty(const Oriented& read, std::size_t i) {
  return read.bases[i] > 3 ? Scoring::kUnknown : Scoring::mismatch(read.qualities[i]);
}

}  // namespace

void Oriented::assign(std::span<const std::uint8_t> from, std::span<const std::uint8_t> quality,
                      bool reversed) {
  const std::size_t n = from.size();
  bases.resize(n);
  qualities.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = reversed ? n - 1 - i : i;
    const std::uint8_t code = from[at];
    bases[i] = code > 3 ? kUnknownInRead : reversed ? complement(code) : code;
    qualities[i] = quality[at];
  }
}

Alignment Aligner::align(std::span<const std::uint8_t> bases,
                         std::span<const std::uint8_t> qualities,
                         std::vector<Operation>& operations) {
  Alignment best;
  collect_anchors(bases);
  collect_clusters();
  int second = Scoring::threshold(bases.size()) / 2;
  bool oriented[2] = {false, false};
  std::vector<Operation> best_runs;
  for (const Cluster& cluster : clusters_) {
    Oriented& read = oriented_[cluster.reversed];
    if (!oriented[cluster.reversed]) read.assign(bases, qualities, cluster.reversed);
    oriented[cluster.reversed] = true;
    Alignment next = extend(cluster, read);
    const bool same = best.mapped && next.reversed == best.reversed && next.begin < best.end &&
                      best.begin < next.end;
    if (next.score > best.score) {
      if (!same) second = std::max<int>(second, best.score);
      best = next;
      best_runs.swap(runs_);
    } else if (!same) {
      second = std::max<int>(second, next.score);
    }
  }
  if (best.score < Scoring::threshold(bases.size())) return {};
  best.quality = static_cast<std::uint8_t>(std::clamp(2 * (best.score - second), 0, 60));
  if (best.operations != 0) {
    best.first_operation = static_cast<std::uint32_t>(operations.size());
    operations.insert(operations.end(), best_runs.begin(), best_runs.end());
  }
  return best;
}

void Aligner::collect_anchors(std::span<const std::uint8_t> bases) {
  minimizers_.clear();
  anchors_.clear();
  for_each_minimizer(bases, [&](std::uint32_t hash, std::uint32_t position, bool reversed) {
    index_.prefetch(hash);
    minimizers_.push_back({hash, position, reversed});
  });
  for (const Minimizer& seed : minimizers_) {
    const auto places = index_.places(seed.hash);
    if (places.size() > kMaxPlaces) continue;
    for (const SeedIndex::Place place : places) {
      const bool reversed = seed.reversed != ((place & 1) != 0);
      const std::uint64_t at =
          reversed ? bases.size() - kSeed - seed.position : std::uint64_t{seed.position};
      const std::int64_t diagonal = std::int64_t{place >> 1} - static_cast<std::int64_t>(at);
      anchors_.push_back(pack_anchor(reversed, diagonal, at));
    }
  }
  std::sort(anchors_.begin(), anchors_.end());
}

void Aligner::collect_clusters() {
  clusters_.clear();
  for (std::size_t i = 0; i < anchors_.size();) {
    const std::uint64_t strand = anchors_[i] >> kStrandShift;
    const std::int64_t low = diagonal_of(anchors_[i]);
    Cluster cluster{low, low, low, 0, strand != 0};
    std::uint32_t run = 0, longest = 0;
    for (; i < anchors_.size() && anchors_[i] >> kStrandShift == strand; ++i) {
      const std::int64_t diagonal = diagonal_of(anchors_[i]);
      if (diagonal - cluster.high > kJoin || diagonal - low > kMaxSpread) break;
      run = diagonal == cluster.high ? run + 1 : 1;
      cluster.high = diagonal;
      if (run > longest) {
        longest = run;
        cluster.main = diagonal;
      }
      ++cluster.seeds;
    }
    clusters_.push_back(cluster);
  }
  std::stable_sort(clusters_.begin(), clusters_.end(),
                   [](const Cluster& a, const Cluster& b) { return a.seeds > b.seeds; });
  std::size_t keep = std::min(clusters_.size(), kMaxClusters);
  while (keep > 1 && clusters_[keep - 1].seeds * 3 < clusters_[0].seeds) --keep;
  clusters_.resize(keep);
}

Alignment Aligner::extend(const Cluster& cluster, const Oriented& read) {
  const Segment segment = ungapped(cluster.main, read);
  const auto length = static_cast<std::int64_t>(read.bases.size());
  Alignment alignment;
  if (segment.begin != 0 || segment.end != length || segment.crowded) {
    alignment = gapped(cluster, read);
    if (alignment.operations == 1) alignment.operations = 0;
  }
  if (alignment.score <= segment.score) {
    alignment = {};
    alignment.begin = static_cast<std::uint32_t>(cluster.main + segment.begin);
    alignment.end = static_cast<std::uint32_t>(cluster.main + segment.end);
    alignment.read_begin = static_cast<std::uint16_t>(segment.begin);
    alignment.read_end = static_cast<std::uint16_t>(segment.end);
    alignment.score = narrow(segment.score);
  }
  alignment.reversed = cluster.reversed;
  alignment.mapped = alignment.score > 0;
  return alignment;
}

// The best segment without a gap, found by walking from mismatch to mismatch, eight bases a step.
Aligner::Segment Aligner::ungapped(std::int64_t diagonal, const Oriented& read) {
  const auto length = static_cast<std::int64_t>(read.bases.size());
  const auto limit = static_cast<std::int64_t>(reference_.bases.size());
  const std::int64_t low = std::max<std::int64_t>(0, -diagonal);
  const std::int64_t high = std::min(length, limit - diagonal);
  if (low >= high) return {};
  const std::uint8_t* bases = read.bases.data();
  const std::uint8_t* target = reference_.bases.data() + diagonal;
  Segment best;
  int score = low == 0 ? Scoring::kEndBonus : 0;
  std::int64_t begin = low, previous = low;
  std::size_t mismatches = 0;
  std::int64_t recent[kCrowd];
  bool crowded = false;
  const auto mismatch_at = [&](std::int64_t at) {
    crowded |= mismatches >= kCrowd - 1 && at - recent[(mismatches + 1) % kCrowd] <= kCrowdSpan;
    recent[mismatches % kCrowd] = at;
    score += Scoring::kMatch * static_cast<int>(at - previous);
    if (score > best.score) best = {score, begin, at, false};
    score -= penalty(read, static_cast<std::size_t>(at));
    if (score < 0) {
      score = 0;
      begin = at + 1;
    }
    previous = at + 1;
    return ++mismatches <= kMaxMismatches;
  };
  std::int64_t i = low;
  for (; i + 8 <= high; i += 8) {
    std::uint64_t a, b;
    std::memcpy(&a, bases + i, 8);
    std::memcpy(&b, target + i, 8);
    for (std::uint64_t differ = a ^ b; differ != 0;) {
      const int byte = std::countr_zero(differ) / 8;
      if (!mismatch_at(i + byte)) return best;
      differ &= byte == 7 ? 0 : ~std::uint64_t{0} << (8 * byte + 8);
    }
  }
  for (; i < high; ++i) {
    if (bases[i] != target[i] && !mismatch_at(i)) return best;
  }
  score += Scoring::kMatch * static_cast<int>(high - previous);
  if (high == length) score += Scoring::kEndBonus;
  if (score > best.score) best = {score, begin, high, false};
  best.crowded = crowded;
  return best;
}

// Affine-gap alignment inside a band of diagonals (Gotoh 1982). Row i is the read's base i; column
// b of it is reference position i + low + b, so that a match keeps the column, an inserted base
// comes from one column to the right and a deleted one from the left.
Alignment Aligner::gapped(const Cluster& cluster, const Oriented& read) {
  const std::int64_t low = cluster.low - kPad;
  const auto band = static_cast<std::size_t>(cluster.high - cluster.low + 2 * kPad + 1);
  const std::size_t length = read.bases.size();
  window_.resize(length + band);
  for (std::size_t i = 0; i < window_.size(); ++i) {
    const std::int64_t at = low + static_cast<std::int64_t>(i);
    const bool inside = at >= 0 && at < static_cast<std::int64_t>(reference_.bases.size());
    window_[i] = inside ? reference_.bases[static_cast<std::size_t>(at)] : kOutside;
  }
  above_.assign(band + 1, narrow(Scoring::kEndBonus));
  above_[band] = 0;
  here_.assign(band + 1, 0);
  insert_above_.assign(band + 1, narrow(-Scoring::kGapOpen - Scoring::kGapExtend));
  insert_.assign(band + 1, narrow(-Scoring::kGapOpen - Scoring::kGapExtend));
  trace_.resize(length * band);
  int best = 0;
  std::size_t best_row = 0, best_column = 0;
  for (std::size_t i = 0; i < length; ++i) {
    fill_row(i, band, read);
    const int bonus = i + 1 == length ? Scoring::kEndBonus : 0;
    const auto top = std::max_element(here_.begin(), here_.begin() + static_cast<long>(band));
    if (*top > 0 && *top + bonus > best) {
      best = *top + bonus;
      best_row = i;
      best_column = static_cast<std::size_t>(top - here_.begin());
    }
    above_.swap(here_);
    insert_above_.swap(insert_);
  }
  if (best == 0) return {};
  Alignment alignment = trace_back(best_row, best_column, band);
  const std::int64_t limit = static_cast<std::int64_t>(reference_.bases.size());
  if (low + alignment.begin < 0 || low + alignment.end > limit) return {};  // hangs over an end
  alignment.begin = static_cast<std::uint32_t>(low + alignment.begin);
  alignment.end = static_cast<std::uint32_t>(low + alignment.end);
  alignment.score = narrow(best);
  return alignment;
}

void Aligner::fill_row(std::size_t row, std::size_t band, const Oriented& read) {
  const std::uint8_t base = read.bases[row];
  const std::int16_t match = narrow(Scoring::kMatch);
  const std::int16_t differ = narrow(-penalty(read, row));
  const std::int16_t open = narrow(Scoring::kGapOpen + Scoring::kGapExtend);
  const std::int16_t extend = narrow(Scoring::kGapExtend);
  const std::uint8_t* window = window_.data() + row;
  const std::int16_t* above = above_.data();
  const std::int16_t* insert_above = insert_above_.data();
  std::int16_t* here = here_.data();
  std::int16_t* insert = insert_.data();
  std::uint8_t* trace = trace_.data() + row * band;
  for (std::size_t b = 0; b < band; ++b) {
    const std::int16_t step = window[b] == base ? match : differ;
    const std::int16_t diagonal = narrow(above[b] + step);
    const std::int16_t opened = narrow(above[b + 1] - open);
    const std::int16_t extended = narrow(insert_above[b + 1] - extend);
    const std::int16_t inserted = extended > opened ? extended : opened;
    const std::int16_t larger = inserted > diagonal ? inserted : diagonal;
    insert[b] = inserted;
    here[b] = larger > 0 ? larger : std::int16_t{0};
    trace[b] = static_cast<std::uint8_t>((larger <= 0           ? kStop
                                          : inserted > diagonal ? kInsert
                                                                : kDiagonal) |
                                         (extended > opened ? kInsertOn : 0));
  }
  int deleted = -open;
  for (std::size_t b = 1; b < band; ++b) {
    const int opened = here[b - 1] - open;
    const int extended = deleted - extend;
    deleted = std::max(opened, extended);
    if (extended > opened) trace[b] = static_cast<std::uint8_t>(trace[b] | kDeleteOn);
    if (deleted > here[b]) {
      here[b] = narrow(deleted);
      trace[b] = static_cast<std::uint8_t>((trace[b] & ~kStepMask) | kDelete);
    }
  }
}

// Walks from the best cell to where the alignment starts; begin and end count from the band's low
// diagonal. The runs go to runs_.
Alignment Aligner::trace_back(std::size_t row, std::size_t column, std::size_t band) {
  Alignment alignment;
  runs_.clear();
  const auto push = [&](OperationKind kind) {
    if (runs_.empty() || (runs_.back() & 3) != kind) runs_.push_back(kind);
    runs_.back() += 4;
  };
  alignment.read_end = static_cast<std::uint16_t>(row + 1);
  alignment.end = static_cast<std::uint32_t>(row + column + 1);
  std::uint8_t state = kDiagonal;  // which of the three matrices the walk is in
  std::size_t rows_left = row + 1;
  while (rows_left > 0) {
    const std::uint8_t cell = trace_[(rows_left - 1) * band + column];
    if (state == kDiagonal) {
      state = cell & kStepMask;
      if (state == kStop) break;
    }
    if (state == kDiagonal) {
      push(kAligned);
      --rows_left;
    } else if (state == kInsert) {
      push(kInserted);
      if ((cell & kInsertOn) == 0) state = kDiagonal;
      --rows_left;
      ++column;
    } else {
      push(kDeleted);
      if ((cell & kDeleteOn) == 0) state = kDiagonal;
      --column;
    }
  }
  alignment.read_begin = static_cast<std::uint16_t>(rows_left);
  alignment.begin = static_cast<std::uint32_t>(rows_left + column);
  std::reverse(runs_.begin(), runs_.end());
  alignment.operations = static_cast<std::uint16_t>(runs_.size());
  return alignment;
}

}  // namespace pel::apps::genome
