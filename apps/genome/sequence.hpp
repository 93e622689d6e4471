// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pel::apps::genome {

// A base is a code: A 0, C 1, G 2, T 3, anything else (N and the other IUPAC letters) 4.
inline constexpr std::uint8_t kUnknown = 4;
inline constexpr std::string_view kLetters = "ACGTN";

// Contigs are laid end to end with this many unknown bases between them, more than any alignment
// is willing to pay for crossing.
inline constexpr std::size_t kContigGap = 256;
inline constexpr std::size_t kMaxReadLength = 10000;
inline constexpr std::uint64_t kMaxReferenceLength = std::uint64_t{1} << 31;

constexpr std::array<std::uint8_t, 256> make_codes() {
  std::array<std::uint8_t, 256> codes{};
  for (auto& code : codes) code = kUnknown;
  for (std::uint8_t i = 0; i < 4; ++i) {
    codes[static_cast<unsigned char>(kLetters[i])] = i;
    codes[static_cast<unsigned char>(kLetters[i] | 0x20)] = i;
  }
  return codes;
}
inline constexpr std::array<std::uint8_t, 256> kCodes = make_codes();

constexpr std::uint8_t complement(std::uint8_t code) noexcept {
  return code < 4 ? static_cast<std::uint8_t>(3 - code) : code;
}

struct Contig {
  std::string name;      // the FASTA word after '>'
  std::uint32_t begin;   // of its first base in Reference::bases
  std::uint32_t length;  // bases
};

// All contigs in one array of codes. Positions are 0-based offsets into it.
struct Reference {
  std::vector<std::uint8_t> bases;
  std::vector<Contig> contigs;  // in file order, `begin` ascending

  // Appends a contig; the gap goes before it.
  void add(std::string name, std::span<const std::uint8_t> codes) {
    if (!contigs.empty()) bases.insert(bases.end(), kContigGap, kUnknown);
    contigs.push_back({std::move(name), static_cast<std::uint32_t>(bases.size()),
                       static_cast<std::uint32_t>(codes.size())});
    bases.insert(bases.end(), codes.begin(), codes.end());
  }

  // The contig that holds `position`, or the one before the gap that does. O(log contigs).
  std::size_t contig_of(std::uint32_t position) const {
    const auto after =
        std::upper_bound(contigs.begin(), contigs.end(), position,
                         [](std::uint32_t at, const Contig& contig) { return at < contig.begin; });
    return after == contigs.begin() ? 0 : static_cast<std::size_t>(after - contigs.begin()) - 1;
  }

  // Bases of all contigs, gaps not counted.
  std::uint64_t length() const {
    std::uint64_t sum = 0;
    for (const Contig& contig : contigs) sum += contig.length;
    return sum;
  }
};

// Reads as two flat arrays. Read i is [offsets[i], offsets[i + 1]) of both.
struct Reads {
  std::vector<std::uint8_t> bases;      // codes
  std::vector<std::uint8_t> qualities;  // phred, 0 to 93
  std::vector<std::uint64_t> offsets{0};

  std::size_t size() const { return offsets.size() - 1; }
  std::size_t length(std::size_t i) const {
    return static_cast<std::size_t>(offsets[i + 1] - offsets[i]);
  }
  std::span<const std::uint8_t> bases_of(std::size_t i) const {
    return {bases.data() + offsets[i], length(i)};
  }
  std::span<const std::uint8_t> qualities_of(std::size_t i) const {
    return {qualities.data() + offsets[i], length(i)};
  }
};

// A difference from the reference as VCF writes it: `reference` and `alternative` share their
// first base when their lengths differ.
struct Variant {
  std::uint32_t position = 0;  // 0-based, of reference[0], in Reference::bases
  std::string reference;
  std::string alternative;

  bool is_indel() const { return reference.size() != alternative.size(); }
  friend bool operator==(const Variant&, const Variant&) = default;
  friend auto operator<=>(const Variant&, const Variant&) = default;
};

// The one spelling of a variant: shortest, then as far left as it goes (Tan, Abecasis, Kang 2015).
Variant normalized(const Reference& reference, Variant variant);

}  // namespace pel::apps::genome
