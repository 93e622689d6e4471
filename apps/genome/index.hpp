// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// Seeds are minimizers (Roberts et al. 2004): of every kWindow neighbouring k-mers the one with the
// smallest hash. A k-mer and its reverse complement are the same seed (kSeed is odd, so that none
// is its own), and any kSeed + kWindow - 1 = 20 bases in common share one.
inline constexpr unsigned kSeed = 15;
inline constexpr unsigned kWindow = 6;
inline constexpr std::uint32_t kSeedMask = (std::uint32_t{1} << (2 * kSeed)) - 1;

// A bijection of 30-bit numbers: two different seeds never share a hash.
constexpr std::uint32_t seed_hash(std::uint32_t seed) noexcept {
  seed = (seed ^ (seed >> 15)) * 0x2C1B3C6Du & kSeedMask;
  seed = (seed ^ (seed >> 12)) * 0x297A2D39u & kSeedMask;
  return seed ^ (seed >> 15);
}

// Calls found(hash, position, reversed) for the minimizers of `bases`, left to right; `position` is
// that of the k-mer's first base. K-mers with an unknown base are none. O(size).
template <class Found>
void for_each_minimizer(std::span<const std::uint8_t> bases, Found&& found) {
  struct Entry {
    std::uint32_t hash = 0, position = 0;
    bool reversed = false;
  };
  constexpr std::uint32_t kRing = 8, kFull = kSeed + kWindow - 1;
  static_assert(kWindow <= kRing);
  Entry ring[kRing], best;
  std::uint32_t forward = 0, backward = 0, known = 0, last = ~std::uint32_t{0};
  for (std::uint32_t i = 0; i < bases.size(); ++i) {
    const std::uint32_t code = bases[i];
    if (code > 3) {
      known = 0;
      continue;
    }
    forward = (forward << 2 | code) & kSeedMask;
    backward = backward >> 2 | (3 - code) << (2 * (kSeed - 1));
    if (++known < kSeed) continue;
    const bool reversed = backward < forward;
    const std::uint32_t at = i + 1 - kSeed;
    const Entry entry{seed_hash(reversed ? backward : forward), at, reversed};
    ring[at % kRing] = entry;
    if (known < kFull) continue;
    // Ties go to the leftmost, so the best changes when it leaves the window or is undercut.
    if (known == kFull || best.position + kWindow <= at) {
      best = ring[(at + 1 - kWindow) % kRing];
      for (std::uint32_t next = at + 2 - kWindow; next <= at; ++next) {
        if (ring[next % kRing].hash < best.hash) best = ring[next % kRing];
      }
    } else if (entry.hash < best.hash) {
      best = entry;
    }
    if (best.position == last) continue;
    last = best.position;
    found(best.hash, best.position, best.reversed);
  }
}

// Where in the reference each seed occurs.
class SeedIndex {
 public:
  // A place: position << 1 | reversed.
  using Place = std::uint32_t;

  // O(length log length); the loops split the reference into blocks.
  template <class Loops>
  static SeedIndex build(const Reference& reference);

  // The places of a seed, ascending.
  std::span<const Place> places(std::uint32_t hash) const {
    std::uint32_t begin = buckets_[hash >> shift_];
    std::uint32_t end = buckets_[(hash >> shift_) + 1];
    while (begin < end && hashes_[begin] < hash) ++begin;
    std::uint32_t stop = begin;
    while (stop < end && hashes_[stop] == hash) ++stop;
    return {places_.data() + begin, stop - begin};
  }
  // Starts the load that places(hash) will wait for.
  void prefetch(std::uint32_t hash) const { __builtin_prefetch(&buckets_[hash >> shift_]); }
  std::size_t size() const { return places_.size(); }

 private:
  static constexpr std::size_t kBlock = 1 << 16;  // reference bases indexed by one loop step

  std::vector<std::uint32_t> hashes_;  // sorted, with places_
  std::vector<Place> places_;
  std::vector<std::uint32_t> buckets_;  // first entry by the hash's top bits
  unsigned shift_ = 2 * kSeed;
};

template <class Loops>
SeedIndex SeedIndex::build(const Reference& reference) {
  const std::span<const std::uint8_t> bases(reference.bases);
  const std::size_t blocks = (bases.size() + kBlock - 1) / kBlock;
  // Block b reports the minimizers that start in it. Started one window early it knows the same
  // windows as a scan of the whole, so the seeds do not depend on the blocks.
  std::vector<std::vector<std::uint64_t>> found(blocks);
  Loops::for_each(blocks, [&](std::size_t b) {
    const std::size_t begin = b * kBlock, end = std::min(bases.size(), begin + kBlock);
    const std::size_t early = begin < kWindow ? 0 : begin - kWindow;
    const std::size_t late = std::min(bases.size(), end + kSeed + kWindow);
    found[b].reserve(kBlock / 3);
    for_each_minimizer(
        bases.subspan(early, late - early),
        [&](std::uint32_t hash, std::uint32_t position, bool reversed) {
          const std::uint64_t at = early + position;
          if (at < begin || at >= end) return;
          found[b].push_back(std::uint64_t{hash} << 33 | at << 1 | std::uint64_t{reversed});
        });
  });
  std::vector<std::size_t> starts(blocks + 1, 0);
  for (std::size_t b = 0; b < blocks; ++b) starts[b + 1] = starts[b] + found[b].size();
  std::vector<std::uint64_t> entries(starts[blocks]);
  Loops::for_each(blocks, [&](std::size_t b) {
    std::copy(found[b].begin(), found[b].end(),
              entries.begin() + static_cast<std::ptrdiff_t>(starts[b]));
  });
  Loops::sort(entries);

  SeedIndex index;
  const unsigned bits = std::clamp(static_cast<unsigned>(std::bit_width(entries.size())), 8u, 24u);
  index.shift_ = 2 * kSeed - bits;
  index.hashes_.resize(entries.size());
  index.places_.resize(entries.size());
  index.buckets_.resize((std::size_t{1} << bits) + 1);
  // An entry fills the table from its predecessor's bucket to its own; the last one fills the rest.
  const std::size_t n = entries.size();
  const auto bucket_of = [&](std::size_t i) {
    return static_cast<std::size_t>(entries[i] >> 33 >> index.shift_);
  };
  const std::size_t steps = (n + kBlock - 1) / kBlock;
  Loops::for_each(steps, [&](std::size_t step) {
    for (std::size_t i = step * kBlock; i < std::min(n, (step + 1) * kBlock); ++i) {
      index.hashes_[i] = static_cast<std::uint32_t>(entries[i] >> 33);
      index.places_[i] = static_cast<Place>(entries[i]);
      for (std::size_t b = i == 0 ? 0 : bucket_of(i - 1) + 1; b <= bucket_of(i); ++b) {
        index.buckets_[b] = static_cast<std::uint32_t>(i);
      }
    }
  });
  for (std::size_t b = n == 0 ? 0 : bucket_of(n - 1) + 1; b < index.buckets_.size(); ++b) {
    index.buckets_[b] = static_cast<std::uint32_t>(n);
  }
  return index;
}

}  // namespace pel::apps::genome
