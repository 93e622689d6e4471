// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "apps/genome/sequence.hpp"

namespace pel::apps::genome {

// What bowtie2 2.5.0 and bcftools 1.16 find in the phage reads of Debian's bowtie2-examples: all
// 10,000 pairs, `mpileup | call -mv --ploidy 1 | norm`, QUAL at least 20 (tools/genome-peer.sh
// repeats it). Normalized, ascending; positions in the lambda genome as the only contig.
std::vector<Variant> lambda_peer_variants();

}  // namespace pel::apps::genome
