// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/peer.hpp"

#include <algorithm>

namespace pel::apps::genome {
namespace {

struct Entry {
  std::uint32_t position;  // 1-based
  const char* reference;
  const char* alternative;
};

constexpr Entry kEntries[] = {
    {245, "AT", "A"},
    {353, "GCTGAAATTGA", "G"},
    {363, "A", "ATG"},
    {1104, "C", "A"},
    {1344, "G", "T"},
    {2143, "C", "G"},
    {2817, "GA", "G"},
    {2952, "CCCA", "C"},
    {3264, "CA", "C"},
    {3316, "T", "C"},
    {3406, "G", "T"},
    {3634, "ACG", "A"},
    {6290, "GT", "G"},
    {6762, "TC", "T"},
    {7089, "A", "C"},
    {7297, "CCGTGTGGCAGAGCTGAA", "C"},
    {9632, "T", "A"},
    {9642, "T", "A"},
    {9964, "AGCAG", "A"},
    {12411, "CAGCT", "C"},
    {12512, "G", "A"},
    {12580, "TCACC", "T"},
    {13057, "AG", "A"},
    {13885, "TCCACG", "T"},
    {14556, "AGGAT", "A"},
    {14897, "G", "C"},
    {14917, "CCGG", "C"},
    {15082, "CA", "C"},
    {17658, "GA", "G"},
    {18018, "G", "T"},
    {19073, "GTGA", "G"},
    {20591, "AGAG", "A"},
    {21054, "AACC", "A"},
    {21086, "G", "A"},
    {21193, "T", "G"},
    {21533, "AG", "A"},
    {21707, "G", "T"},
    {21818, "G", "A"},
    {21972, "AATGGCAT", "A"},
    {22454, "CCT", "C"},
    {22473, "GAA", "G"},
    {22778, "A", "T"},
    {23112, "TAA", "T"},
    {23386, "TTAC", "T"},
    {24099, "G", "C"},
    {25184, "GT", "G"},
    {25563, "A", "G"},
    {25920, "AT", "A"},
    {26294, "CTAT", "C"},
    {26443, "A", "C"},
    {27234, "GCT", "G"},
    {27472, "GCA", "G"},
    {28553, "A", "C"},
    {30577, "CTTCTAT", "C"},
    {32012, "A", "C"},
    {33181, "AGG", "A"},
    {34442, "TA", "T"},
    {35035, "A", "T"},
    {35145, "T", "A"},
    {36449, "AT", "A"},
    {36957, "GTT", "G"},
    {37052, "T", "G"},
    {37844, "A", "T"},
    {38381, "AAC", "A"},
    {39005, "GA", "G"},
    {39006, "AC", "A"},
    {39640, "C", "G"},
    {39900, "GTTGCA", "G"},
    {40311, "T", "A"},
    {40739, "C", "A"},
    {40831, "AT", "A"},
    {41193, "GTTGT", "G"},
    {41253, "CGCTCACCGTATTG", "C"},
    {41376, "A", "C"},
    {41678, "CTT", "C"},
    {42691, "CCGT", "C"},
    {42798, "GCAC", "G"},
    {43666, "A", "C"},
    {44172, "TGCA", "T"},
    {44335, "CG", "C"},
    {45329, "AACGAT", "A"},
    {45558, "TAA", "T"},
    {45569, "A", "T"},
    {45887, "ATG", "A"},
    {46398, "C", "G"},
    {46744, "T", "A"},
    {47808, "C", "G"},
};

}  // namespace

std::vector<Variant> lambda_peer_variants() {
  std::vector<Variant> variants;
  for (const Entry& entry : kEntries) {
    variants.push_back({entry.position - 1, entry.reference, entry.alternative});
  }
  std::sort(variants.begin(), variants.end());
  return variants;
}

}  // namespace pel::apps::genome
