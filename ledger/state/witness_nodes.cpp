// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <unordered_map>

#include "ledger/primitives/keccak.hpp"
#include "ledger/state/rlp_items.hpp"
#include "ledger/state/trie_node.hpp"

namespace pel::ledger {

// Besides the nodes themselves the index can hold what a deletion elsewhere leaves of them: when a
// branch loses its second last child, the last one is merged with the nibbles above it, and some
// producers of witnesses list only the merged form. Those are found by cutting leading nibbles
// off the paths of leaves and extensions again. That part is built when the first node is missed.
struct WitnessNodes::Index {
  std::vector<Bytes> nodes;
  std::unordered_map<Hash256, BytesView> by_hash;
  mutable std::once_flag once;
  mutable std::vector<Bytes> shortened;
  mutable std::unordered_map<Hash256, BytesView> by_shortened_hash;

  void index_shortened() const {
    for (const Bytes& node : nodes) add_shortened(node);
    std::vector<BytesView> views(shortened.begin(), shortened.end());
    std::vector<Hash256> hashes(views.size());
    keccak256_many(views, hashes);
    for (std::size_t i = 0; i < views.size(); ++i) by_shortened_hash.emplace(hashes[i], views[i]);
  }

 private:
  void add_shortened(BytesView node) const {
    if (node.empty() || node[0] < 0xc0) return;  // not a node: some witnesses hold rlp("")
    const auto items = rlp::decode_list(node, 17);
    Nibbles path;
    bool leaf = false;
    if (items.size() != 2 || !from_hex_prefix(items[0].payload, path, leaf)) return;
    for (std::size_t cut = 1; cut + (leaf ? 0 : 1) <= path.size(); ++cut) {
      Bytes payload;
      rlp::append_string(payload, hex_prefix(std::string_view(path).substr(cut), leaf));
      payload.insert(payload.end(), items[1].whole.begin(), items[1].whole.end());
      shortened.push_back(rlp::wrap_list(payload));
    }
  }
};

WitnessNodes::WitnessNodes(std::vector<Bytes> nodes) : index_(std::make_unique<Index>()) {
  index_->nodes = std::move(nodes);
  std::vector<BytesView> views(index_->nodes.begin(), index_->nodes.end());
  std::vector<Hash256> hashes(views.size());
  keccak256_many(views, hashes);
  index_->by_hash.reserve(views.size());
  for (std::size_t i = 0; i < views.size(); ++i) index_->by_hash.emplace(hashes[i], views[i]);
}

WitnessNodes::~WitnessNodes() = default;

BytesView WitnessNodes::node(const Hash256& hash) const {
  if (const auto found = index_->by_hash.find(hash); found != index_->by_hash.end())
    return found->second;
  std::call_once(index_->once, [this] { index_->index_shortened(); });
  const auto found = index_->by_shortened_hash.find(hash);
  return found == index_->by_shortened_hash.end() ? BytesView{} : found->second;
}

}  // namespace pel::ledger
