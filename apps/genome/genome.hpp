// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "apps/genome/align.hpp"
#include "apps/genome/call.hpp"
#include "apps/genome/index.hpp"
#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// Short-read variant calling: index the reference, place every read, pile the bases up, call what
// differs. `Loops` is PelLoops or PlainLoops (apps/plain_loops.hpp). `done(n)` is called from many
// threads, n adding up to steps(reference, reads).

inline std::size_t tiles_of(const Reference& reference) {
  return (reference.bases.size() + Caller::kTile - 1) / Caller::kTile;
}
inline std::uint64_t steps(const Reference& reference, const Reads& reads) {
  return reads.size() + tiles_of(reference);
}

template <class Loops, class Done>
AlignedReads align_reads(const Reference& reference, const Reads& reads, const CallOptions& options,
                         Done&& done) {
  const SeedIndex index = SeedIndex::build<Loops>(reference);
  AlignedReads aligned;
  aligned.batches.resize((reads.size() + kBatch - 1) / kBatch);
  std::vector<std::uint64_t> keys(reads.size());
  Loops::for_each(aligned.batches.size(), [&](std::size_t b) {
    Batch& batch = aligned.batches[b];
    Aligner aligner(reference, index);
    const std::size_t begin = b * kBatch, end = std::min(reads.size(), begin + kBatch);
    batch.alignments.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      const Alignment alignment =
          aligner.align(reads.bases_of(i), reads.qualities_of(i), batch.operations);
      batch.alignments.push_back(alignment);
      const bool use = alignment.mapped && alignment.quality >= options.min_mapping;
      keys[i] = use ? std::uint64_t{alignment.begin} << 32 | i : ~std::uint64_t{0};
    }
    done(end - begin);
  });
  aligned.longest = Loops::transform_reduce(
      aligned.batches.size(), std::uint32_t{0},
      [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); },
      [&](std::size_t b) {
        std::uint32_t longest = 0;
        for (const Alignment& a : aligned.batches[b].alignments) {
          longest = std::max(longest, a.end - a.begin);
        }
        return longest;
      });
  Loops::sort(keys);
  keys.erase(std::lower_bound(keys.begin(), keys.end(), ~std::uint64_t{0}), keys.end());
  aligned.order = std::move(keys);
  return aligned;
}

struct Outcome {
  std::vector<Call> calls;                // ascending
  std::vector<std::uint32_t> depth_sums;  // believed bases over each kDepthBin reference bases
  std::uint64_t used_reads = 0;           // mapped well enough to be looked at
};

template <class Loops, class Done>
Outcome call_variants(const Reference& reference, const Reads& reads, const CallOptions& options,
                      Done&& done) {
  const AlignedReads aligned = align_reads<Loops>(reference, reads, options, done);
  const Caller caller(reference, reads, aligned, options);
  std::vector<TileResult> found(tiles_of(reference));
  Loops::for_each(found.size(), [&](std::size_t t) {
    const auto begin = static_cast<std::uint32_t>(t * Caller::kTile);
    const auto end = static_cast<std::uint32_t>(
        std::min(reference.bases.size(), std::size_t{begin} + Caller::kTile));
    found[t] = caller.tile(begin, end);
    done(1);
  });
  Outcome outcome;
  outcome.used_reads = aligned.order.size();
  for (TileResult& tile : found) {
    std::move(tile.calls.begin(), tile.calls.end(), std::back_inserter(outcome.calls));
    outcome.depth_sums.insert(outcome.depth_sums.end(), tile.depth_sums.begin(),
                              tile.depth_sums.end());
  }
  filter_beside_indels(outcome.calls);
  return outcome;
}

}  // namespace pel::apps::genome
