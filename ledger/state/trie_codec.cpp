// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/keccak.hpp"
#include "ledger/state/rlp_items.hpp"
#include "ledger/state/trie_node.hpp"
#include "pel/error.hpp"

namespace pel::ledger::trie_codec {
namespace {

using Node = Trie::Node;
using Kind = Node::Kind;
using Ptr = Node::Ptr;

[[noreturn]] void malformed(const char* reason) { throw Error("trie node", reason); }

// A child reference inside a branch or an extension: nothing, a hash, or an embedded node.
Ptr decode_child(const rlp::Item& item) {
  if (item.is_list) return decode(item.whole);
  if (item.payload.empty()) return nullptr;
  if (item.payload.size() != 32) malformed("a child is neither a hash nor an embedded node");
  Hash256 hash;
  std::copy(item.payload.begin(), item.payload.end(), hash.bytes.begin());
  return Node::unresolved(hash);
}

Ptr decode_short(const rlp::Item& path_item, const rlp::Item& rest) {
  Nibbles path;
  bool leaf = false;
  if (path_item.is_list || !from_hex_prefix(path_item.payload, path, leaf))
    malformed("the path is not hex-prefix encoded");
  if (leaf) {
    if (rest.is_list || rest.payload.empty()) malformed("a leaf has no value");
    return Node::leaf(std::move(path), Bytes(rest.payload.begin(), rest.payload.end()));
  }
  Ptr child = decode_child(rest);
  if (path.empty() || !child) malformed("an extension without path or child");
  return Node::extension(std::move(path), std::move(child));
}

// Sets the references of nodes whose encodings are known, hashing the long ones together.
void set_refs(std::span<Node* const> nodes, std::span<Bytes> encodings) {
  std::vector<BytesView> inputs;
  std::vector<Node*> hashed;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (encodings[i].size() < 32) {
      nodes[i]->ref = std::move(encodings[i]);
    } else {
      inputs.push_back(encodings[i]);
      hashed.push_back(nodes[i]);
    }
  }
  std::vector<Hash256> hashes(inputs.size());
  keccak256_many(inputs, hashes);
  for (std::size_t i = 0; i < hashed.size(); ++i) {
    hashed[i]->ref.assign(1, 0xa0);
    hashed[i]->ref.insert(hashed[i]->ref.end(), hashes[i].bytes.begin(), hashes[i].bytes.end());
  }
}

// Makes the references of everything below `node` known, but not that of `node` itself.
void hash_children(Node& node) {
  std::vector<Node*> stale;
  if (node.kind == Kind::kExtension && node.child->ref.empty()) stale.push_back(node.child.get());
  if (node.kind == Kind::kBranch) {
    for (const Ptr& kid : *node.kids)
      if (kid && kid->ref.empty()) stale.push_back(kid.get());
  }
  std::vector<Bytes> encodings(stale.size());
  for (std::size_t i = 0; i < stale.size(); ++i) {
    hash_children(*stale[i]);
    encodings[i] = encode(*stale[i]);
  }
  set_refs(stale, encodings);
}

}  // namespace

Ptr decode(BytesView rlp) {
  const auto items = rlp::decode_list(rlp, 17);
  if (items.size() == 2) return decode_short(items[0], items[1]);
  if (items.size() != 17) malformed("neither 2 nor 17 items");
  Ptr node = Node::branch();
  for (std::size_t i = 0; i < 16; ++i) (*node->kids)[i] = decode_child(items[i]);
  if (items[16].is_list) malformed("the value of a branch is a list");
  node->value.assign(items[16].payload.begin(), items[16].payload.end());
  if (rlp.size() < 32) node->ref.assign(rlp.begin(), rlp.end());
  return node;
}

Bytes encode(const Node& node) {
  Bytes payload;
  if (node.kind == Kind::kBranch) {
    payload.reserve(17 * 33);
    for (const Ptr& kid : *node.kids) {
      if (kid) {
        payload.insert(payload.end(), kid->ref.begin(), kid->ref.end());
      } else {
        payload.push_back(0x80);
      }
    }
    rlp::append_string(payload, node.value);
  } else {
    rlp::append_string(payload, hex_prefix(node.path, node.kind == Kind::kLeaf));
    if (node.kind == Kind::kLeaf) {
      rlp::append_string(payload, node.value);
    } else {
      payload.insert(payload.end(), node.child->ref.begin(), node.child->ref.end());
    }
  }
  return rlp::wrap_list(payload);
}

void hash_below(Node& node) {
  if (!node.ref.empty()) return;
  hash_children(node);
  Bytes encoding = encode(node);
  Node* const self = &node;
  set_refs({&self, 1}, {&encoding, 1});
}

}  // namespace pel::ledger::trie_codec
