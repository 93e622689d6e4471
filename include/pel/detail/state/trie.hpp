// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pel/ledger/types.hpp"

namespace pel::ledger {

// Hex-prefix encoding of a path of nibbles, one a character (Yellow Paper, appendix C).
Bytes encode_path(std::string_view nibbles, bool leaf);

// A key of a trie and its value.
struct TrieEntry {
  Bytes key;
  Bytes value;  // not empty
};

// The root of a trie that holds exactly these entries (Ethereum Yellow Paper, appendix D). Sorts
// `entries` by key; of equal keys the last one wins. O(n log n), and faster than building a Trie.
Hash256 trie_root(std::vector<TrieEntry> entries);

// The root over values keyed by rlp(index): transactions, receipts, withdrawals.
Hash256 ordered_root(std::span<const Bytes> values);

// A sparse trie found a node that it needs and does not have.
class MissingNode : public std::exception {
 public:
  explicit MissingNode(const Hash256& hash);
  // The same with what it is needed for: "account 0x...".
  MissingNode(const Hash256& hash, const std::string& whose);
  const Hash256& hash() const noexcept { return hash_; }
  const char* what() const noexcept override { return words_.c_str(); }

 private:
  Hash256 hash_;
  std::string words_;
};

// Where a sparse trie finds its nodes: RLP by keccak. Thread-safe for concurrent reads.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  // The node's RLP; empty if it is not there. The bytes live as long as the source.
  virtual BytesView node(const Hash256& hash) const = 0;
};

// A Merkle-Patricia trie in memory (Yellow Paper, appendix D): put, erase, get, root, proofs.
// Hashes are computed lazily, so that many changes cost one walk. A trie that starts from a root
// hash is sparse: it reads nodes from its source when it first needs them and throws MissingNode
// for one the source lacks; the trie is then unchanged or, within put and erase, unusable.
// Values and keys are any bytes; a "secure" trie is one whose caller passes hashed keys.
// Not thread-safe; different tries over one source are independent.
class Trie {
 public:
  Trie();
  Trie(const Hash256& root, std::shared_ptr<const NodeSource> source);
  Trie(Trie&&) noexcept;
  Trie& operator=(Trie&&) noexcept;
  Trie(const Trie& other);
  Trie& operator=(const Trie& other);
  ~Trie();

  // O(length of the key). An empty `value` erases.
  void put(BytesView key, BytesView value);
  // True if the key was there.
  bool erase(BytesView key);
  std::optional<Bytes> get(BytesView key) const;
  bool empty() const noexcept { return root_ == nullptr; }

  // The root hash; hashes what changed since the last call, siblings together.
  Hash256 root() const;

  // The RLP of the nodes from the root towards `key` (EIP-1186): a proof of its value or absence.
  std::vector<Bytes> prove(BytesView key) const;

  // Calls f(key nibbles, value) for every entry in key order; a nibble is one byte, 0 to 15.
  // Resolves every node.
  void for_each(const std::function<void(const std::string&, BytesView)>& f) const;

  struct Node;

 private:
  using NodePtr = std::unique_ptr<Node>;
  mutable NodePtr root_;  // unresolved nodes are replaced on first use
  std::shared_ptr<const NodeSource> source_;
};

// Checks a proof as Trie::prove returns it. The value, nothing if the proof shows absence; throws
// MissingNode if the nodes do not lead from `root` to an answer, pel::Error for malformed nodes.
std::optional<Bytes> check_proof(const Hash256& root, BytesView key, std::span<const Bytes> nodes);

// Nodes of a witness, found by hash. `bytes` is kept; nodes may come in any order and repeat.
class WitnessNodes final : public NodeSource {
 public:
  explicit WitnessNodes(std::vector<Bytes> nodes);
  ~WitnessNodes() override;
  BytesView node(const Hash256& hash) const override;

 private:
  struct Index;
  std::unique_ptr<Index> index_;
};

}  // namespace pel::ledger
