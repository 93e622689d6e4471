// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/state/trie.hpp"

#include "ledger/primitives/keccak.hpp"
#include "ledger/state/trie_node.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::ledger {
namespace {

using Node = Trie::Node;
using Kind = Node::Kind;
using Ptr = Node::Ptr;

// Replaces an unresolved node by the one its hash stands for.
void resolve(Ptr& node, const NodeSource* source) {
  if (node->kind != Kind::kUnresolved) return;
  const BytesView rlp = source ? source->node(node->hash) : BytesView{};
  if (rlp.empty()) throw MissingNode(node->hash);
  Bytes ref = std::move(node->ref);
  node = trie_codec::decode(rlp);
  node->ref = std::move(ref);
}

void put_at(Ptr& node, std::string_view path, BytesView value, const NodeSource* source);

// Parts a leaf or an extension whose path leaves `path` after `shared` nibbles by a branch.
void split(Ptr& node, std::string_view path, std::size_t shared, BytesView value) {
  Ptr branch = Node::branch();
  const Nibbles old_path = node->path;
  if (old_path.size() == shared) {
    PEL_CHECK(node->kind == Kind::kLeaf);
    branch->value = std::move(node->value);
  } else {
    Ptr& slot = (*branch->kids)[static_cast<std::size_t>(old_path[shared])];
    Nibbles rest = old_path.substr(shared + 1);
    slot = node->kind == Kind::kLeaf ? Node::leaf(std::move(rest), std::move(node->value))
                                     : Node::extension(std::move(rest), std::move(node->child));
  }
  if (path.size() == shared) {
    branch->value.assign(value.begin(), value.end());
  } else {
    (*branch->kids)[static_cast<std::size_t>(path[shared])] =
        Node::leaf(Nibbles(path.substr(shared + 1)), Bytes(value.begin(), value.end()));
  }
  node = Node::extension(old_path.substr(0, shared), std::move(branch));
}

void put_at(Ptr& node, std::string_view path, BytesView value, const NodeSource* source) {
  if (!node) {
    node = Node::leaf(Nibbles(path), Bytes(value.begin(), value.end()));
    return;
  }
  resolve(node, source);
  node->ref.clear();
  if (node->kind == Kind::kBranch) {
    if (path.empty()) {
      node->value.assign(value.begin(), value.end());
    } else {
      put_at((*node->kids)[static_cast<std::size_t>(path[0])], path.substr(1), value, source);
    }
    return;
  }
  const std::size_t shared = common_prefix(node->path, path);
  if (node->kind == Kind::kLeaf && shared == node->path.size() && shared == path.size()) {
    node->value.assign(value.begin(), value.end());
  } else if (node->kind == Kind::kExtension && shared == node->path.size()) {
    put_at(node->child, path.substr(shared), value, source);
  } else {
    split(node, path, shared, value);
  }
}

// Joins an extension (or the last nibble of a branch) with what it leads to.
void merge_down(Ptr& node, Nibbles prefix, Ptr child, const NodeSource* source) {
  resolve(child, source);
  if (child->kind == Kind::kBranch) {
    node = Node::extension(std::move(prefix), std::move(child));
    return;
  }
  child->path.insert(0, prefix);
  child->ref.clear();
  node = std::move(child);
}

// A branch that lost a child or its value may have to become a leaf or an extension.
void shrink_branch(Ptr& node, const NodeSource* source) {
  int last = -1;
  int count = 0;
  for (int i = 0; i < 16; ++i) {
    if ((*node->kids)[static_cast<std::size_t>(i)]) {
      last = i;
      ++count;
    }
  }
  if (count == 0) {
    node = Node::leaf({}, std::move(node->value));
  } else if (count == 1 && node->value.empty()) {
    Ptr child = std::move((*node->kids)[static_cast<std::size_t>(last)]);
    merge_down(node, Nibbles(1, static_cast<char>(last)), std::move(child), source);
  }
}

bool erase_at(Ptr& node, std::string_view path, const NodeSource* source) {
  if (!node) return false;
  resolve(node, source);
  switch (node->kind) {
    case Kind::kLeaf:
      if (node->path != path) return false;
      node.reset();
      return true;
    case Kind::kExtension:
      if (!path.starts_with(node->path)) return false;
      if (!erase_at(node->child, path.substr(node->path.size()), source)) return false;
      node->ref.clear();
      if (!node->child) {
        node.reset();
      } else if (node->child->kind != Kind::kBranch) {
        Ptr child = std::move(node->child);
        merge_down(node, std::move(node->path), std::move(child), source);
      }
      return true;
    case Kind::kBranch:
      if (path.empty()) {
        if (node->value.empty()) return false;
        node->value.clear();
      } else if (!erase_at((*node->kids)[static_cast<std::size_t>(path[0])], path.substr(1),
                           source)) {
        return false;
      }
      node->ref.clear();
      shrink_branch(node, source);
      return true;
    case Kind::kUnresolved:
      break;
  }
  PEL_CHECK(false);
  return false;
}

void visit(Ptr& node, Nibbles& path, const NodeSource* source,
           const std::function<void(const std::string&, BytesView)>& f) {
  if (!node) return;
  resolve(node, source);
  const std::size_t depth = path.size();
  switch (node->kind) {
    case Kind::kLeaf:
      f(path + node->path, node->value);
      break;
    case Kind::kExtension:
      path += node->path;
      visit(node->child, path, source, f);
      break;
    default:
      if (!node->value.empty()) f(path, node->value);
      for (std::size_t i = 0; i < 16; ++i) {
        path.resize(depth);
        path.push_back(static_cast<char>(i));
        visit((*node->kids)[i], path, source, f);
      }
  }
  path.resize(depth);
}

}  // namespace

Ptr Node::leaf(Nibbles path, Bytes value) {
  auto node = std::make_unique<Node>();
  node->path = std::move(path);
  node->value = std::move(value);
  return node;
}

Ptr Node::branch() {
  auto node = std::make_unique<Node>();
  node->kind = Kind::kBranch;
  node->kids = std::make_unique<std::array<Ptr, 16>>();
  return node;
}

Ptr Node::extension(Nibbles path, Ptr child) {
  if (path.empty()) return child;
  auto node = std::make_unique<Node>();
  node->kind = Kind::kExtension;
  node->path = std::move(path);
  node->child = std::move(child);
  return node;
}

Ptr Node::unresolved(const Hash256& hash) {
  auto node = std::make_unique<Node>();
  node->kind = Kind::kUnresolved;
  node->hash = hash;
  node->ref.push_back(0xa0);
  node->ref.insert(node->ref.end(), hash.bytes.begin(), hash.bytes.end());
  return node;
}

Ptr Node::clone() const {
  auto copy = std::make_unique<Node>();
  copy->kind = kind;
  copy->path = path;
  copy->value = value;
  copy->hash = hash;
  copy->ref = ref;
  if (child) copy->child = child->clone();
  if (kids) {
    copy->kids = std::make_unique<std::array<Ptr, 16>>();
    for (std::size_t i = 0; i < 16; ++i)
      if ((*kids)[i]) (*copy->kids)[i] = (*kids)[i]->clone();
  }
  return copy;
}

MissingNode::MissingNode(const Hash256& hash)
    : hash_(hash), words_("trie node " + to_string(hash) + " is missing") {}

MissingNode::MissingNode(const Hash256& hash, const std::string& whose)
    : hash_(hash), words_(whose + ": trie node " + to_string(hash) + " is missing") {}

Trie::Trie() = default;
Trie::Trie(Trie&&) noexcept = default;
Trie& Trie::operator=(Trie&&) noexcept = default;
Trie::~Trie() = default;

Trie::Trie(const Hash256& root, std::shared_ptr<const NodeSource> source)
    : source_(std::move(source)) {
  if (root != kEmptyTrieRoot) root_ = Node::unresolved(root);
}

Trie::Trie(const Trie& other)
    : root_(other.root_ ? other.root_->clone() : nullptr), source_(other.source_) {}

Trie& Trie::operator=(const Trie& other) {
  Trie copy(other);
  *this = std::move(copy);
  return *this;
}

void Trie::put(BytesView key, BytesView value) {
  if (value.empty()) {
    erase(key);
  } else {
    put_at(root_, to_nibbles(key), value, source_.get());
  }
}

bool Trie::erase(BytesView key) { return erase_at(root_, to_nibbles(key), source_.get()); }

std::optional<Bytes> Trie::get(BytesView key) const {
  const Nibbles nibbles = to_nibbles(key);
  std::string_view path = nibbles;
  for (Ptr* node = &root_; *node;) {
    resolve(*node, source_.get());
    Node& here = **node;
    if (here.kind == Kind::kLeaf)
      return here.path == path ? std::optional(here.value) : std::nullopt;
    if (here.kind == Kind::kExtension) {
      if (!path.starts_with(here.path)) return {};
      path.remove_prefix(here.path.size());
      node = &here.child;
    } else if (path.empty()) {
      return here.value.empty() ? std::nullopt : std::optional(here.value);
    } else {
      node = &(*here.kids)[static_cast<std::size_t>(path[0])];
      path.remove_prefix(1);
    }
  }
  return {};
}

Hash256 Trie::root() const {
  if (!root_) return kEmptyTrieRoot;
  trie_codec::hash_below(*root_);
  if (root_->ref.size() == 33) {
    Hash256 hash;
    std::copy(root_->ref.begin() + 1, root_->ref.end(), hash.bytes.begin());
    return hash;
  }
  return keccak256(root_->ref);
}

std::vector<Bytes> Trie::prove(BytesView key) const {
  std::vector<Bytes> nodes;
  if (!root_) return nodes;
  root();
  const Nibbles nibbles = to_nibbles(key);
  std::string_view path = nibbles;
  for (Ptr* node = &root_; *node;) {
    resolve(*node, source_.get());
    Node& here = **node;
    if (here.ref.size() == 33 || nodes.empty()) nodes.push_back(trie_codec::encode(here));
    if (here.kind == Kind::kLeaf) break;
    if (here.kind == Kind::kExtension) {
      if (!path.starts_with(here.path)) break;
      path.remove_prefix(here.path.size());
      node = &here.child;
    } else {
      if (path.empty()) break;
      node = &(*here.kids)[static_cast<std::size_t>(path[0])];
      path.remove_prefix(1);
    }
  }
  return nodes;
}

void Trie::for_each(const std::function<void(const std::string&, BytesView)>& f) const {
  Nibbles path;
  visit(root_, path, source_.get(), f);
}

std::optional<Bytes> check_proof(const Hash256& root, BytesView key, std::span<const Bytes> nodes) {
  const auto source =
      std::make_shared<WitnessNodes>(std::vector<Bytes>(nodes.begin(), nodes.end()));
  return Trie(root, source).get(key);
}

}  // namespace pel::ledger
