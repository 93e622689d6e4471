// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "apps/genome/sequence.hpp"
#include "pel/random.hpp"

namespace pel::apps::genome {

// A sequencing experiment whose truth is known: a random reference with repeats, variants planted
// in the sample, reads of both strands with errors as likely as their qualities say. Every number
// is drawn from Philox by position, so that the loops may run in any order.

struct SimulationOptions {
  std::uint64_t reads = 10'000;
  std::uint32_t read_length = 150;
  std::uint32_t coverage = 30;  // sets the reference's length: reads * read_length / coverage
  int ploidy = 1;
  std::uint64_t seed = 1;
};

struct Simulation {
  Reference reference;
  Reads reads;
  std::vector<Variant> truth;  // normalized, ascending
};

namespace detail {

enum Stream : std::uint64_t {
  kBaseStream = 1,
  kRepeatStream,
  kVariantStream,
  kReadStream,
  kErrorStream
};

inline constexpr std::uint32_t kSlot = 1000;  // bases; one variant is planted in each

// A variant in codes, before it is spelled in letters.
struct Planted {
  std::uint32_t position;  // of the first base changed, or of the base after the insertion
  std::uint32_t deleted = 0;
  std::vector<std::uint8_t> inserted;
  unsigned haplotypes = 3;  // bit 0: first, bit 1: second
};

std::vector<Planted> plant(const Reference& reference, const SimulationOptions& options);
std::vector<std::uint8_t> sample_haplotype(const Reference& reference,
                                           const std::vector<Planted>& planted, unsigned which);
std::vector<Variant> spell(const Reference& reference, const std::vector<Planted>& planted);
void copy_repeats(std::vector<std::uint8_t>& bases, std::uint64_t seed);

// Writes read `index`, drawn from one of the haplotypes.
void draw_read(const std::array<std::vector<std::uint8_t>, 2>& haplotypes,
               const SimulationOptions& options, std::uint64_t index, Reads& reads);

}  // namespace detail

// O(reference + reads * read_length). `reads` > 0; the reference has at least 2000 bases.
template <class Loops>
Simulation simulate(const SimulationOptions& options) {
  Simulation result;
  const std::uint64_t length =
      std::max<std::uint64_t>(2000, options.reads * options.read_length / options.coverage);
  std::vector<std::uint8_t> bases(length);
  const Philox random(options.seed, detail::kBaseStream);
  const std::size_t words = (bases.size() + 31) / 32;
  Loops::for_each((words + 511) / 512, [&](std::size_t block) {
    for (std::size_t w = block * 512; w < std::min(words, block * 512 + 512); ++w) {
      std::uint64_t bits = random.bits(w);
      for (std::size_t i = w * 32; i < std::min(bases.size(), w * 32 + 32); ++i, bits >>= 2) {
        bases[i] = static_cast<std::uint8_t>(bits & 3);
      }
    }
  });
  detail::copy_repeats(bases, options.seed);
  result.reference.add("simulated", bases);
  const auto planted = detail::plant(result.reference, options);
  std::array<std::vector<std::uint8_t>, 2> haplotypes;
  Loops::for_each(std::size_t{2}, [&](std::size_t h) {
    const unsigned which = options.ploidy == 1 ? 0 : static_cast<unsigned>(h);
    haplotypes[h] = detail::sample_haplotype(result.reference, planted, which);
  });
  result.truth = detail::spell(result.reference, planted);
  Reads& reads = result.reads;
  reads.bases.resize(options.reads * options.read_length);
  reads.qualities.resize(reads.bases.size());
  reads.offsets.resize(options.reads + 1);
  for (std::size_t i = 0; i <= options.reads; ++i) reads.offsets[i] = i * options.read_length;
  constexpr std::size_t kReadsAStep = 256;
  Loops::for_each((options.reads + kReadsAStep - 1) / kReadsAStep, [&](std::size_t block) {
    const std::uint64_t end = std::min<std::uint64_t>(options.reads, (block + 1) * kReadsAStep);
    for (std::uint64_t i = block * kReadsAStep; i < end; ++i) {
      detail::draw_read(haplotypes, options, i, reads);
    }
  });
  return result;
}

}  // namespace pel::apps::genome
