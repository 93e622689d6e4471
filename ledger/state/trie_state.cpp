// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"
#include "ledger/state/account_codec.hpp"
#include "pel/error.hpp"
#include "pel/ledger/state.hpp"
#include "pel/loops.hpp"

namespace pel::ledger {
namespace {

Hash256 key_of(const Address& address) { return keccak256(address.bytes); }
Hash256 key_of(const U256& key) { return keccak256(to_hash(key).bytes); }

std::string name_of(const Address& address) { return "account " + to_string(address); }
std::string name_of(const Address& address, const U256& key) {
  return name_of(address) + ", slot " + to_string(key);
}

// What `ask` gives; a node that it lacks is named with what it was needed for.
template <class Name, class Ask>
auto named(const Name& name, const Ask& ask) {
  try {
    return ask();
  } catch (const MissingNode& error) {
    throw MissingNode(error.hash(), name());
  }
}

}  // namespace

TrieState::TrieState() = default;

TrieState::TrieState(const Hash256& root, std::shared_ptr<const NodeSource> nodes,
                     std::span<const std::shared_ptr<const evm::Code>> codes)
    : accounts_(root, nodes), nodes_(std::move(nodes)) {
  for (const auto& code : codes) codes_[code->hash()] = code;
}

std::optional<TrieState::Leaf> TrieState::leaf(const Address& address) const {
  const auto rlp =
      named([&] { return name_of(address); }, [&] { return accounts_.get(key_of(address).bytes); });
  if (!rlp) return {};
  Leaf leaf;
  decode_account(*rlp, leaf.account, leaf.storage_root);
  return leaf;
}

Trie& TrieState::storage_trie(const Address& address) const {
  if (Trie* const known = storages_.find(address)) return *known;
  const auto found = leaf(address);  // before the entry is made: it may throw
  Trie& trie = storages_.at(storages_.insert(address).first).value;
  if (found) trie = Trie(found->storage_root, nodes_);
  return trie;
}

std::optional<Account> TrieState::account(const Address& address) const {
  const auto found = leaf(address);
  return found ? std::optional(found->account) : std::nullopt;
}

U256 TrieState::storage(const Address& address, const U256& key) const {
  const Trie& trie = storage_trie(address);
  const auto rlp =
      named([&] { return name_of(address, key); }, [&] { return trie.get(key_of(key).bytes); });
  if (!rlp) return {};
  rlp::Decoder decoder(*rlp, "slot in a storage trie");
  const U256 value = decoder.number256();
  decoder.finish();
  return value;
}

bool TrieState::has_storage(const Address& address) const { return !storage_trie(address).empty(); }

std::shared_ptr<const evm::Code> TrieState::code(const Hash256& hash) const {
  const auto* code = codes_.find(hash);
  if (!code) throw Error("witness", "the code with hash " + to_string(hash) + " is missing");
  return *code;
}

// Each storage trie by itself, and its root: in parallel.
void TrieState::update_storages(const StateDiff& diff) {
  std::vector<std::vector<const StateDiff::SlotChange*>> changes(diff.accounts.size());
  for (const auto& slot : diff.slots) changes[slot.account].push_back(&slot);
  std::vector<std::uint32_t> changed;
  for (std::uint32_t i = 0; i < changes.size(); ++i) {
    if (changes[i].empty()) continue;
    storage_trie(diff.accounts[i].address);
    changed.push_back(i);
  }
  pel::for_each(changed.size(), [&](std::size_t i) {
    Trie& trie = *storages_.find(diff.accounts[changed[i]].address);
    for (const bool erase : {false, true}) {
      for (const StateDiff::SlotChange* slot : changes[changed[i]]) {
        if (slot->value.is_zero() != erase) continue;
        rlp::Encoder value;
        if (!erase) value.number(slot->value);
        named([&] { return name_of(diff.accounts[changed[i]].address, slot->key); },
              [&] { return trie.put(key_of(slot->key).bytes, value.result()); });
      }
    }
    trie.root();
  });
}

Hash256 TrieState::apply(const StateDiff& diff) {
  for (const auto& code : diff.codes) codes_[code->hash()] = code;
  for (const auto& change : diff.accounts)
    if (change.storage_cleared || !change.exists) storage_trie(change.address) = Trie();
  update_storages(diff);
  for (const bool erase : {false, true}) {
    for (const auto& change : diff.accounts) {
      if (change.exists == erase) continue;
      const Hash256 key = key_of(change.address);
      const auto update = [&] {
        if (erase) {
          accounts_.erase(key.bytes);
        } else {
          const Trie& storage = storage_trie(change.address);
          accounts_.put(key.bytes, encode_account(change.account, storage.root()));
        }
      };
      named([&] { return name_of(change.address); }, update);
    }
  }
  return root();
}

std::vector<Bytes> TrieState::prove(const Address& address) const {
  return accounts_.prove(key_of(address).bytes);
}

std::vector<Bytes> TrieState::prove(const Address& address, const U256& key) const {
  return storage_trie(address).prove(key_of(key).bytes);
}

}  // namespace pel::ledger
