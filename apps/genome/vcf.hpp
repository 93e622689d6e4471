// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/genome/call.hpp"
#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// VCF 4.2 text of calls in ascending position. Byte-stable: no date, no path, no version.
std::string format_vcf(const Reference& reference, const std::vector<Call>& calls,
                       const CallOptions& options);

// The alternatives of the records whose FILTER is PASS, each normalized, ascending. Throws
// pel::Error ("place:line") on text that is not a VCF of `reference`.
std::vector<Variant> parse_vcf(std::string_view text, const Reference& reference,
                               const std::string& place);

// Whether each variant's REF is what the reference reads there.
bool spelled_as_reference(const Reference& reference, const std::vector<Variant>& variants);

struct Accuracy {
  std::size_t expected = 0, called = 0, matched = 0;

  // Shares in percent; 100 where there is nothing to find or nothing called.
  double recall() const { return expected == 0 ? 100 : 100.0 * double(matched) / double(expected); }
  double precision() const { return called == 0 ? 100 : 100.0 * double(matched) / double(called); }
};

// Exact matches between two ascending lists; `indels` picks indels or substitutions.
Accuracy compare(const std::vector<Variant>& expected, const std::vector<Variant>& called,
                 bool indels);

}  // namespace pel::apps::genome
