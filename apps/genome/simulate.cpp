// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/simulate.hpp"

#include <bit>

namespace pel::apps::genome::detail {
namespace {

constexpr std::uint64_t kDraws = 64;  // random words set aside for each planted variant

// Threshold in 2^-22 of an error at each phred score.
std::array<std::uint32_t, 48> error_thresholds() {
  std::array<std::uint32_t, 48> table{};
  double probability = 1;
  for (std::uint32_t& entry : table) {
    entry = static_cast<std::uint32_t>(probability * 4194304.0);
    probability *= 0.79432823472428150207;
  }
  return table;
}

}  // namespace

// About one base in fifty becomes part of a copy of 300 to 1300 bases that differs from its source
// in one base of thirty.
void copy_repeats(std::vector<std::uint8_t>& bases, std::uint64_t seed) {
  const Philox random(seed, kRepeatStream);
  const std::uint64_t copies = bases.size() / 40'000;
  std::uint64_t draw = 0;
  for (std::uint64_t c = 0; c < copies; ++c) {
    const std::uint64_t length = 300 + random.below(draw++, 1000);
    const std::uint64_t source = random.below(draw++, bases.size() - length);
    const std::uint64_t target = random.below(draw++, bases.size() - length);
    for (std::uint64_t i = 0; i < length; ++i) {
      const std::uint64_t change = random.below(draw++, 90);
      const auto step = static_cast<std::uint8_t>(change < 3 ? change + 1 : 0);
      bases[target + i] = (bases[source + i] + step) & 3;
    }
  }
}

// Of ten variants eight are substitutions, one an insertion and one a deletion, 1 to 12 bases long,
// each length half as likely as the one before.
std::vector<Planted> plant(const Reference& reference, const SimulationOptions& options) {
  const Philox random(options.seed, kVariantStream);
  std::vector<Planted> planted;
  const Contig& contig = reference.contigs[0];
  for (std::uint32_t slot = 0; (slot + 1) * std::uint64_t{kSlot} <= contig.length; ++slot) {
    const std::uint64_t draw = slot * kDraws;
    Planted variant;
    variant.position = static_cast<std::uint32_t>(contig.begin + slot * kSlot + kSlot / 10 +
                                                  random.below(draw, kSlot * 8 / 10));
    const std::uint64_t kind = random.below(draw + 1, 10);
    const std::uint32_t length =
        1 + std::min(11u, static_cast<std::uint32_t>(
                              std::countr_zero(random.bits(draw + 2) | std::uint64_t{1} << 63)));
    if (kind < 8) {
      const std::uint8_t old = reference.bases[variant.position];
      variant.deleted = 1;
      variant.inserted = {static_cast<std::uint8_t>((old + 1 + random.below(draw + 3, 3)) & 3)};
    } else if (kind == 8) {
      for (std::uint32_t i = 0; i < length; ++i) {
        variant.inserted.push_back(static_cast<std::uint8_t>(random.bits(draw + 4 + i) & 3));
      }
    } else {
      variant.deleted = length;
    }
    if (options.ploidy == 2) {
      variant.haplotypes = static_cast<unsigned>(1 + random.below(draw + 20, 3));
    }
    planted.push_back(std::move(variant));
  }
  return planted;
}

std::vector<std::uint8_t> sample_haplotype(const Reference& reference,
                                           const std::vector<Planted>& planted, unsigned which) {
  std::vector<std::uint8_t> sample;
  sample.reserve(reference.bases.size() + reference.bases.size() / 100 + 64);
  auto next = reference.bases.begin();
  for (const Planted& variant : planted) {
    if ((variant.haplotypes >> which & 1) == 0) continue;
    const auto at = reference.bases.begin() + variant.position;
    sample.insert(sample.end(), next, at);
    sample.insert(sample.end(), variant.inserted.begin(), variant.inserted.end());
    next = at + variant.deleted;
  }
  sample.insert(sample.end(), next, reference.bases.end());
  return sample;
}

std::vector<Variant> spell(const Reference& reference, const std::vector<Planted>& planted) {
  std::vector<Variant> truth;
  for (const Planted& p : planted) {
    Variant variant{p.position - 1, {}, {}};
    for (std::uint32_t i = 0; i <= p.deleted; ++i) {
      variant.reference += kLetters[reference.bases[variant.position + i]];
    }
    variant.alternative += variant.reference[0];
    for (const std::uint8_t code : p.inserted) variant.alternative += kLetters[code];
    truth.push_back(normalized(reference, std::move(variant)));
  }
  std::sort(truth.begin(), truth.end());
  return truth;
}

// Qualities fall from 38 to 26 along the read, with noise; one read in fifty lacks or repeats a
// base, as sequencers do.
void draw_read(const std::array<std::vector<std::uint8_t>, 2>& haplotypes,
               const SimulationOptions& options, std::uint64_t index, Reads& reads) {
  static const std::array<std::uint32_t, 48> kThresholds = error_thresholds();
  const Philox place(options.seed, kReadStream), errors(options.seed, kErrorStream);
  const std::uint32_t length = options.read_length;
  const auto& sample = haplotypes[place.bits(4 * index) & 1];
  const std::uint64_t begin = place.below(4 * index + 1, sample.size() - length);
  const std::uint64_t luck = place.bits(4 * index + 2);
  const bool reversed = (luck & 1) != 0;
  const bool slips = (luck >> 1 & 0xFFFF) < 65536 / 50;
  const std::uint32_t slip = slips ? static_cast<std::uint32_t>((luck >> 17) % length) : length;
  const bool repeats = (luck >> 60 & 1) != 0;
  std::uint8_t* bases = reads.bases.data() + reads.offsets[index];
  std::uint8_t* qualities = reads.qualities.data() + reads.offsets[index];
  const std::uint64_t words = (length + 1) / 2;
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < length; ++i) {
    bits = i % 2 == 0 ? errors.bits(index * words + i / 2) : bits >> 32;
    const std::uint32_t quality = 34 - 12 * i / length + static_cast<std::uint32_t>(bits & 7);
    std::uint64_t from = i;
    if (i > slip) from = repeats ? i - 1 : i + 1;
    from = std::min<std::uint64_t>(from, length);
    std::uint8_t base = reversed ? complement(sample[begin + length - from]) : sample[begin + from];
    if ((bits >> 3 & 0x3FFFFF) < kThresholds[quality]) {
      base = static_cast<std::uint8_t>((base + 1 + (bits >> 25 & 0x7F) % 3) & 3);
    }
    bases[i] = base;
    qualities[i] = static_cast<std::uint8_t>(quality);
  }
}

}  // namespace pel::apps::genome::detail
