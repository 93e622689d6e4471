// SPDX-License-Identifier: Apache-2.0
#include "cli/digests.hpp"

#include <algorithm>
#include <sstream>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "pel/error.hpp"
#include "published_digests.hpp"  // kPublishedDigests: docs/digests.txt, by CMake

namespace pel::cli {

std::vector<Digest> parse_digests(std::string_view text) {
  std::vector<Digest> digests;
  std::istringstream in{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream words(line);
    std::string name, size, seed, sha256, more;
    if (!(words >> name)) continue;
    words >> size >> seed >> sha256;
    const auto size_value = base::parse_u64(size);
    const auto seed_value = base::parse_u64(seed);
    if (!size_value || !seed_value || sha256.size() != 64 || !base::from_hex(sha256) ||
        (words >> more)) {
      throw Error("docs/digests.txt:" + std::to_string(number), "is not NAME SIZE SEED SHA256");
    }
    digests.push_back({name, *size_value, *seed_value, sha256});
  }
  return digests;
}

std::optional<std::string> published_digest(std::string_view name, std::uint64_t size,
                                            std::uint64_t seed) {
  static const std::vector<Digest> published = parse_digests(kPublishedDigests);
  for (const Digest& digest : published) {
    if (digest.name == name && digest.size == size && digest.seed == seed) return digest.sha256;
  }
  return {};
}

}  // namespace pel::cli
