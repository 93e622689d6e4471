// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ledger/primitives/keccak.hpp"
#include "ledger/state/nibbles.hpp"
#include "ledger/state/rlp_items.hpp"
#include "pel/detail/state/trie.hpp"
#include "pel/loops.hpp"

namespace pel::ledger {
namespace {

// From here on a branch's sub-tries are encoded in parallel.
constexpr std::size_t kParallelLeaves = 64;

struct Leaf {
  Nibbles path;
  BytesView value;
};

// Encodes the sub-trie of sorted, distinct leaves whose paths agree in the first `depth` nibbles.
class RootBuilder {
 public:
  explicit RootBuilder(std::span<const Leaf> leaves) : leaves_(leaves) {}

  Bytes encode(std::size_t begin, std::size_t end, std::size_t depth) const {
    const Leaf& first = leaves_[begin];
    Bytes payload;
    if (end - begin == 1) {
      const std::string_view rest = std::string_view(first.path).substr(depth);
      rlp::append_string(payload, hex_prefix(rest, true));
      rlp::append_string(payload, first.value);
      return rlp::wrap_list(payload);
    }
    const std::size_t shared = common_prefix(first.path, leaves_[end - 1].path);
    if (shared == depth) return encode_branch(begin, end, depth);
    const std::string_view path = std::string_view(first.path).substr(depth, shared - depth);
    rlp::append_string(payload, hex_prefix(path, false));
    const Bytes branch = encode_branch(begin, end, shared);
    append_refs(payload, {&branch, 1});
    return rlp::wrap_list(payload);
  }

 private:
  Bytes encode_branch(std::size_t begin, std::size_t end, std::size_t depth) const {
    BytesView value;
    if (leaves_[begin].path.size() == depth) value = leaves_[begin++].value;
    std::array<Bytes, 16> kids;
    std::array<std::size_t, 17> first;  // leaf of each kid
    first[0] = begin;
    for (std::size_t nibble = 0; nibble < 16; ++nibble) {
      std::size_t next = first[nibble];
      while (next < end && static_cast<std::size_t>(leaves_[next].path[depth]) == nibble) ++next;
      first[nibble + 1] = next;
    }
    const auto encode_kid = [&](std::size_t nibble) {
      if (first[nibble] != first[nibble + 1])
        kids[nibble] = encode(first[nibble], first[nibble + 1], depth + 1);
    };
    if (end - begin >= kParallelLeaves) {
      for_each(std::size_t{16}, encode_kid);
    } else {
      for (std::size_t nibble = 0; nibble < 16; ++nibble) encode_kid(nibble);
    }
    Bytes payload;
    payload.reserve(17 * 33);
    append_refs(payload, kids);
    rlp::append_string(payload, value);
    return rlp::wrap_list(payload);
  }

  // Appends what a parent holds of each node: its hash, itself if short, or the empty string.
  static void append_refs(Bytes& payload, std::span<const Bytes> nodes) {
    std::array<BytesView, 16> inputs;
    std::array<Hash256, 16> hashes;
    std::size_t count = 0;
    for (const Bytes& node : nodes)
      if (node.size() >= 32) inputs[count++] = node;
    keccak256_many({inputs.data(), count}, {hashes.data(), count});
    count = 0;
    for (const Bytes& node : nodes) {
      if (node.size() >= 32) {
        rlp::append_string(payload, hashes[count++].bytes);
      } else if (node.empty()) {
        payload.push_back(0x80);
      } else {
        payload.insert(payload.end(), node.begin(), node.end());
      }
    }
  }

  std::span<const Leaf> leaves_;
};

Hash256 root_of(std::span<const Leaf> leaves) {
  if (leaves.empty()) return kEmptyTrieRoot;
  return keccak256(RootBuilder(leaves).encode(0, leaves.size(), 0));
}

}  // namespace

Bytes encode_path(std::string_view nibbles, bool leaf) { return hex_prefix(nibbles, leaf); }

Hash256 trie_root(std::vector<TrieEntry> entries) {
  std::vector<Leaf> leaves;
  leaves.reserve(entries.size());
  for (const TrieEntry& entry : entries) leaves.push_back({to_nibbles(entry.key), entry.value});
  std::stable_sort(leaves.begin(), leaves.end(),
                   [](const Leaf& a, const Leaf& b) { return a.path < b.path; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (i + 1 < leaves.size() && leaves[i + 1].path == leaves[i].path) continue;
    if (kept != i) leaves[kept] = std::move(leaves[i]);
    ++kept;
  }
  return root_of(std::span(leaves).first(kept));
}

Hash256 ordered_root(std::span<const Bytes> values) {
  std::vector<Leaf> leaves;
  leaves.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    rlp::Encoder key;
    key.number(std::uint64_t{i});
    leaves.push_back({to_nibbles(key.result()), values[i]});
  }
  std::sort(leaves.begin(), leaves.end(),
            [](const Leaf& a, const Leaf& b) { return a.path < b.path; });
  return root_of(leaves);
}

}  // namespace pel::ledger
