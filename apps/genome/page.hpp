// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// An inline SVG: mean depth along the genome (`depth_sums` per kDepthBin bases), a tick for every
// variant, substitutions above and indels below.
std::string coverage_page(const Reference& reference, const std::vector<std::uint32_t>& depth_sums,
                          const std::vector<Variant>& variants);

}  // namespace pel::apps::genome
