// SPDX-License-Identifier: Apache-2.0
#pragma once

// A world small enough to see through: maps for accounts, an undo list for roll-back. For tests
// and for measuring the interpreter alone.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/primitives/keccak.hpp"
#include "pel/ledger/evm.hpp"

namespace pel::evm::test {

struct SimpleAccount {
  U256 balance;
  std::uint64_t nonce = 0;
  std::shared_ptr<const Code> code;
  std::unordered_map<U256, U256> storage;
  std::unordered_map<U256, U256> original;
  std::unordered_map<U256, U256> transient;
};

struct SimpleLog {
  Address address;
  std::vector<Hash256> topics;
  Bytes data;
};

class SimpleHost : public Host {
 public:
  std::map<Address, SimpleAccount> accounts;
  std::vector<SimpleLog> logs;
  std::set<Address> destroyed;
  std::set<Address> warm_accounts;
  std::set<std::pair<Address, U256>> warm_slots;
  Hash256 next_block_hash;
  bool empty_accounts_exist = false;

  void set(const Address& address, BytesView code, const U256& balance = {}) {
    accounts[address].code = std::make_shared<const Code>(code);
    accounts[address].balance = balance;
  }

  Access access_account(const Address& a) override {
    if (!warm_accounts.insert(a).second) return Access::kWarm;
    undo_.push_back([this, a] { warm_accounts.erase(a); });
    return Access::kCold;
  }
  bool exists(const Address& a) override {
    const auto found = accounts.find(a);
    if (found == accounts.end()) return false;
    const SimpleAccount& x = found->second;
    return empty_accounts_exist || !x.balance.is_zero() || x.nonce != 0 || code(a)->size() != 0;
  }
  U256 balance(const Address& a) override {
    const auto found = accounts.find(a);
    return found == accounts.end() ? U256{} : found->second.balance;
  }
  std::uint64_t nonce(const Address& a) override { return accounts[a].nonce; }
  Hash256 code_hash(const Address& a) override { return exists(a) ? code(a)->hash() : Hash256{}; }
  const Code* code(const Address& a) override {
    const auto found = accounts.find(a);
    return found == accounts.end() || !found->second.code ? Code::empty()
                                                          : found->second.code.get();
  }

  Access access_storage(const Address& a, const U256& key) override {
    if (!warm_slots.insert({a, key}).second) return Access::kWarm;
    undo_.push_back([this, a, key] { warm_slots.erase({a, key}); });
    return Access::kCold;
  }
  StorageLoad load_storage(const Address& a, const U256& key) override {
    const Access access = access_storage(a, key);
    return {accounts[a].storage[key], access};
  }
  StorageStore store_storage(const Address& a, const U256& key, const U256& value) override {
    const Access access = access_storage(a, key);
    SimpleAccount& x = accounts[a];
    const U256 current = x.storage[key];
    x.original.try_emplace(key, current);
    x.storage[key] = value;
    undo_.push_back([this, a, key, current] { accounts[a].storage[key] = current; });
    return {x.original[key], current, access};
  }
  U256 load_transient(const Address& a, const U256& key) override {
    return accounts[a].transient[key];
  }
  void store_transient(const Address& a, const U256& key, const U256& value) override {
    U256& slot = accounts[a].transient[key];
    undo_.push_back([this, a, key, was = slot] { accounts[a].transient[key] = was; });
    slot = value;
  }

  Checkpoint checkpoint() override { return undo_.size(); }
  void roll_back(Checkpoint to) override {
    for (; undo_.size() > to; undo_.pop_back()) undo_.back()();
  }
  void touch(const Address&) override {}
  void transfer(const Address& from, const Address& to, const U256& value) override {
    set_balance(from, balance(from) - value);
    set_balance(to, balance(to) + value);
  }
  void set_nonce(const Address& a, std::uint64_t nonce) override {
    undo_.push_back([this, a, was = accounts[a].nonce] { accounts[a].nonce = was; });
    accounts[a].nonce = nonce;
  }
  bool collides(const Address& a) override {
    return accounts[a].nonce != 0 || code(a)->size() != 0 || !accounts[a].storage.empty();
  }
  void begin_create(const Address& a, std::uint64_t nonce) override { set_nonce(a, nonce); }
  void set_code(const Address& a, BytesView code) override {
    undo_.push_back([this, a, was = accounts[a].code] { accounts[a].code = was; });
    accounts[a].code = std::make_shared<const Code>(code);
  }
  void log(const Address& a, std::span<const Hash256> topics, BytesView data) override {
    logs.push_back({a, {topics.begin(), topics.end()}, {data.begin(), data.end()}});
    undo_.push_back([this] { logs.pop_back(); });
  }
  bool selfdestruct(const Address& a, const Address& heir) override {
    if (!balance(a).is_zero()) transfer(a, heir, balance(a));
    if (!destroyed.insert(a).second) return false;
    undo_.push_back([this, a] { destroyed.erase(a); });
    return true;
  }
  Hash256 block_hash(std::uint64_t) override { return next_block_hash; }

  // Ends a transaction: what is in the state now is its start for the next one.
  void next_transaction() {
    undo_.clear();
    warm_accounts.clear();
    warm_slots.clear();
    for (auto& [address, account] : accounts) {
      account.original.clear();
      account.transient.clear();
    }
  }

 private:
  void set_balance(const Address& a, const U256& value) {
    undo_.push_back([this, a, was = balance(a)] { accounts[a].balance = was; });
    accounts[a].balance = value;
  }
  std::vector<std::function<void()>> undo_;
};

}  // namespace pel::evm::test
