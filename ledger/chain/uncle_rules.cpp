// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

constexpr std::size_t kMaxUncles = 2;
constexpr std::size_t kMaxDepth = 6;  // an uncle's parent is the 2nd to 7th ancestor

[[noreturn]] void reject(const Block& block, std::size_t index, const std::string& reason) {
  throw InvalidBlock(
      "BlockException.INVALID_UNCLE",
      "block " + std::to_string(block.header.number) + ", uncle " + std::to_string(index), reason);
}

}  // namespace

void check_uncles(const Block& block, std::span<const Ancestor> ancestors,
                  const HeaderRules& rules) {
  if (block.uncles.empty()) return;
  if (block.uncles.size() > kMaxUncles) reject(block, kMaxUncles, "more than two uncles");
  std::vector<Hash256> known;
  std::vector<Hash256> hashes;  // of the ancestors
  for (const Ancestor& ancestor : ancestors) {
    hashes.push_back(header_hash(*ancestor.header));
    for (const Header& uncle : ancestor.uncles) known.push_back(header_hash(uncle));
  }
  known.insert(known.end(), hashes.begin(), hashes.end());
  for (std::size_t i = 0; i < block.uncles.size(); ++i) {
    const Header& uncle = block.uncles[i];
    const Hash256 hash = header_hash(uncle);
    if (std::find(known.begin(), known.end(), hash) != known.end())
      reject(block, i, "is an ancestor or was an uncle before");
    known.push_back(hash);
    const auto parent = std::find(hashes.begin(), hashes.end(), uncle.parent_hash);
    const auto depth = static_cast<std::size_t>(parent - hashes.begin());
    if (parent == hashes.end() || depth == 0 || depth > kMaxDepth)
      reject(block, i, "its parent is not the 2nd to 7th ancestor");
    const Header& above = *ancestors[depth].header;
    HeaderRules own = rules;
    own.revision = rules.config->revision(uncle, false);
    own.parent_revision = rules.config->revision(above, false);
    check_header(uncle, above, own);
  }
}

}  // namespace pel::ledger
