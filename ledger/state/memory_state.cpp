// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"
#include "ledger/state/account_codec.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {
namespace {

Bytes hashed_key(BytesView key) {
  const Hash256 hash = keccak256(key);
  return {hash.bytes.begin(), hash.bytes.end()};
}

}  // namespace

std::optional<Account> MemoryState::account(const Address& address) const {
  const Record* record = records_.find(address);
  return record && record->exists ? std::optional(record->account) : std::nullopt;
}

U256 MemoryState::storage(const Address& address, const U256& key) const {
  const Record* record = records_.find(address);
  if (!record || !record->exists) return {};
  const U256* value = record->storage.find(key);
  return value ? *value : U256{};
}

bool MemoryState::has_storage(const Address& address) const {
  const Record* record = records_.find(address);
  return record && record->exists &&
         std::any_of(record->storage.begin(), record->storage.end(),
                     [](const auto& slot) { return !slot.value.is_zero(); });
}

std::shared_ptr<const evm::Code> MemoryState::code(const Hash256& hash) const {
  const auto* code = codes_.find(hash);
  PEL_CHECK(code != nullptr);  // accounts get their code by set_code and apply only
  return *code;
}

MemoryState::Record& MemoryState::edit(const Address& address) {
  Record& record = records_[address];
  record.exists = true;
  return record;
}

void MemoryState::set_code(const Address& address, std::shared_ptr<const evm::Code> code) {
  Record& record = edit(address);
  record.account.code_hash = code->hash();
  record.code = code;
  codes_[record.account.code_hash] = std::move(code);
}

void MemoryState::set_storage(const Address& address, const U256& key, const U256& value) {
  edit(address).storage[key] = value;
}

void MemoryState::apply(const StateDiff& diff) {
  for (const auto& code : diff.codes) codes_[code->hash()] = code;
  for (const StateDiff::AccountChange& change : diff.accounts) {
    Record& record = records_[change.address];
    if (!change.exists) {
      record = {};
      continue;
    }
    record.exists = true;
    if (change.storage_cleared) record.storage.clear();
    if (record.account.code_hash != change.account.code_hash) {
      const auto* code = codes_.find(change.account.code_hash);
      record.code = code ? *code : nullptr;
    }
    record.account = change.account;
  }
  for (const StateDiff::SlotChange& slot : diff.slots)
    records_[diff.accounts[slot.account].address].storage[slot.key] = slot.value;
}

Hash256 MemoryState::root() const {
  std::vector<TrieEntry> entries;
  entries.reserve(records_.size());
  for (const auto& [address, record] : records_) {
    if (!record.exists) continue;
    entries.push_back(
        {hashed_key(address.bytes), encode_account(record.account, storage_root(record.storage))});
  }
  return trie_root(std::move(entries));
}

void MemoryState::for_each(const std::function<void(const Address&, const Record&)>& f) const {
  for (const auto& [address, record] : records_)
    if (record.exists) f(address, record);
}

Hash256 keccak(BytesView bytes) { return keccak256(bytes); }

Hash256 storage_root(const FlatMap<U256, U256>& storage) {
  std::vector<TrieEntry> entries;
  for (const auto& [key, value] : storage) {
    if (value.is_zero()) continue;
    rlp::Encoder encoder;
    encoder.number(value);
    entries.push_back({hashed_key(to_hash(key).bytes), encoder.take()});
  }
  return trie_root(std::move(entries));
}

StateDiff StateDiff::canonical() const {
  std::vector<std::uint32_t> order(accounts.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return accounts[a].address < accounts[b].address;
  });
  StateDiff sorted;
  std::vector<std::uint32_t> moved(accounts.size());
  for (const std::uint32_t at : order) {
    moved[at] = static_cast<std::uint32_t>(sorted.accounts.size());
    sorted.accounts.push_back(accounts[at]);
  }
  for (const SlotChange& slot : slots)
    sorted.slots.push_back({moved[slot.account], slot.key, slot.value});
  std::sort(sorted.slots.begin(), sorted.slots.end(), [](const SlotChange& a, const SlotChange& b) {
    return a.account != b.account ? a.account < b.account : a.key < b.key;
  });
  sorted.codes = codes;
  std::sort(sorted.codes.begin(), sorted.codes.end(),
            [](const auto& a, const auto& b) { return a->hash() < b->hash(); });
  const auto same = [](const auto& a, const auto& b) { return a->hash() == b->hash(); };
  sorted.codes.erase(std::unique(sorted.codes.begin(), sorted.codes.end(), same),
                     sorted.codes.end());
  return sorted;
}

bool operator==(const StateDiff& a, const StateDiff& b) {
  const StateDiff x = a.canonical();
  const StateDiff y = b.canonical();
  const auto same_account = [](const auto& p, const auto& q) {
    return p.address == q.address && p.exists == q.exists &&
           p.storage_cleared == q.storage_cleared && p.account == q.account;
  };
  const auto same_slot = [](const auto& p, const auto& q) {
    return p.account == q.account && p.key == q.key && p.value == q.value;
  };
  const auto same_code = [](const auto& p, const auto& q) { return p->hash() == q->hash(); };
  return std::equal(x.accounts.begin(), x.accounts.end(), y.accounts.begin(), y.accounts.end(),
                    same_account) &&
         std::equal(x.slots.begin(), x.slots.end(), y.slots.begin(), y.slots.end(), same_slot) &&
         std::equal(x.codes.begin(), x.codes.end(), y.codes.begin(), y.codes.end(), same_code);
}

}  // namespace pel::ledger
