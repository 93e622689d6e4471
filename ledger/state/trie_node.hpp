// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "ledger/state/nibbles.hpp"
#include "pel/detail/state/trie.hpp"

namespace pel::ledger {

// A node of a trie. `ref` is what a parent holds of it: the RLP itself if shorter than 32 bytes,
// else the RLP of its hash; empty while the node has changed since it was last hashed.
struct Trie::Node {
  enum class Kind : std::uint8_t { kLeaf, kExtension, kBranch, kUnresolved };
  using Ptr = std::unique_ptr<Node>;

  Kind kind = Kind::kLeaf;
  Nibbles path;                               // leaf, extension
  Bytes value;                                // leaf, branch
  std::unique_ptr<std::array<Ptr, 16>> kids;  // branch
  Ptr child;                                  // extension
  Hash256 hash;                               // unresolved
  Bytes ref;

  static Ptr leaf(Nibbles path, Bytes value);
  static Ptr branch();
  static Ptr extension(Nibbles path, Ptr child);  // `child` itself if the path is empty
  static Ptr unresolved(const Hash256& hash);
  Ptr clone() const;
};

namespace trie_codec {

// The node of which `rlp` is the encoding; children become unresolved nodes or embedded ones.
// Throws pel::Error for anything that is not a trie node.
Trie::Node::Ptr decode(BytesView rlp);

// The RLP of a node, all of whose children have been hashed into their `ref`.
Bytes encode(const Trie::Node& node);

// Fills `ref` of the node and of everything below that has none; siblings are hashed together.
void hash_below(Trie::Node& node);

}  // namespace trie_codec
}  // namespace pel::ledger
