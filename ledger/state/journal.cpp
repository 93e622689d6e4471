// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/journal.hpp"

#include "ledger/primitives/keccak.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::ledger {
namespace {

using evm::Access;
using evm::Revision;

// A call to RIPEMD-160 that ran out of gas in block 2675119 left its account touched for good;
// every client keeps that (Yellow Paper, appendix K.1).
constexpr Address kRipemd = small_address(3);

}  // namespace

void Journal::begin_block(const StateView& view, Revision revision, BlockHashes block_hashes) {
  view_ = &view;
  revision_ = revision;
  block_hashes_ = std::move(block_hashes);
  serial_ = 0;
  accounts_.clear();
  slots_.clear();
  last_ = FlatMap<Address, AccountEntry>::kNone;
  begin_transaction();
}

void Journal::begin_transaction() {
  ++serial_;
  undo_.clear();
  old_codes_.clear();
  kept_codes_.clear();
  touched_.clear();
  destroyed_.clear();
  transient_.clear();
  logs_.clear();
}

void Journal::end_transaction() {
  for (const Index index : destroyed_)
    if (entry(index).destroyed == serial_) remove(entry(index));
  if (clears_empty()) {
    for (const Index index : touched_) {
      AccountEntry& account = entry(index);
      if (account.touched == serial_ && account.exists && account.now.is_empty()) remove(account);
    }
  }
  undo_.clear();
}

void Journal::remove(AccountEntry& account) {
  account.exists = false;
  account.now = {};
  if (account.code) kept_codes_.push_back(std::move(account.code));
  account.code = nullptr;
  ++account.era;
}

StateDiff Journal::diff() const {
  StateDiff diff;
  std::vector<std::uint32_t> place(accounts_.size(), 0xffffffffU);
  const auto add = [&](Index index) {
    if (place[index] != 0xffffffffU) return place[index];
    const auto& [address, account] = accounts_.at(index);
    place[index] = static_cast<std::uint32_t>(diff.accounts.size());
    diff.accounts.push_back(
        {address, account.exists, account.existed && account.era != 0, account.now});
    return place[index];
  };
  diff.accounts.reserve(accounts_.size());
  for (Index index = 0; index < accounts_.size(); ++index) {
    const AccountEntry& account = accounts_.at(index).value;
    const bool moved = account.exists != account.existed || !(account.now == account.before);
    if (account.exists ? moved || (account.existed && account.era != 0) : account.existed)
      add(index);
    if (account.exists && account.now.code_hash != account.before.code_hash && account.code &&
        account.code->size() != 0)
      diff.codes.push_back(account.code);
  }
  diff.slots.reserve(slots_.size());
  for (const auto& [key, slot] : slots_) {
    const AccountEntry& account = accounts_.at(key.account).value;
    if (!slot.loaded || !account.exists || slot.era != account.era) continue;
    const bool cleared = account.era != 0;
    if (cleared ? slot.now.is_zero() : slot.now == slot.before) continue;
    diff.slots.push_back({add(key.account), key.key, slot.now});
  }
  return diff;
}

Journal::Index Journal::place(const Address& address) {
  if (last_ < accounts_.size() && accounts_.at(last_).key == address) return last_;
  return last_ = accounts_.insert(address).first;
}

Journal::Index Journal::find(const Address& address) {
  const Index index = place(address);
  AccountEntry& account = entry(index);
  if (!account.loaded) {
    if (const auto found = view_->account(address)) {
      account.now = account.before = *found;
      account.exists = account.existed = true;
    }
    account.loaded = true;
  }
  return index;
}

Journal::SlotEntry& Journal::slot(Index account, const U256& key, Index& index) {
  const Index at = slots_.insert({key, account}).first;
  SlotEntry& slot = slots_.at(at).value;
  const AccountEntry& owner = entry(account);
  if (!slot.loaded) {
    slot.era = owner.era;
    if (owner.existed && owner.era == 0)
      slot.now = slot.before = view_->storage(accounts_.at(account).key, key);
    slot.loaded = true;
  }
  if (slot.era != owner.era) {
    slot.era = owner.era;
    slot.now = {};
  }
  if (slot.seen != serial_) {
    slot.seen = serial_;
    slot.original = slot.now;
  }
  index = at;
  return slot;
}

Journal::Index Journal::materialize(const Address& address) {
  const Index index = find(address);
  AccountEntry& account = entry(index);
  if (!account.exists) {
    account.exists = true;
    note(Change::kExists, index);
  }
  return index;
}

void Journal::touch(Index index) {
  AccountEntry& account = entry(index);
  if (account.touched == serial_) return;
  note(Change::kTouch, index, account.touched);
  account.touched = serial_;
  touched_.push_back(index);
}

void Journal::set_balance(Index index, const U256& balance) {
  AccountEntry& account = entry(index);
  note(Change::kBalance, index, account.now.balance);
  account.now.balance = balance;
}

void Journal::roll_back(evm::Checkpoint checkpoint) {
  while (undo_.size() > checkpoint) {
    undo(undo_.back());
    undo_.pop_back();
  }
}

void Journal::undo(const Undo& record) {
  const Index index = record.index;
  const auto serial = static_cast<Serial>(record.old.w[0]);
  switch (record.change) {
    case Change::kWarmAccount:
      entry(index).warm = serial;
      break;
    case Change::kWarmSlot:
      slots_.at(index).value.warm = serial;
      break;
    case Change::kBalance:
      entry(index).now.balance = record.old;
      break;
    case Change::kNonce:
      entry(index).now.nonce = record.old.w[0];
      break;
    case Change::kCode: {
      AccountEntry& account = entry(index);
      if (account.code) kept_codes_.push_back(std::move(account.code));
      account.code = std::move(old_codes_.back());
      old_codes_.pop_back();
      account.now.code_hash = to_hash(record.old);
      break;
    }
    case Change::kExists:
      entry(index).exists = false;
      break;
    case Change::kTouch:
      if (accounts_.at(index).key != kRipemd) entry(index).touched = serial;
      break;
    case Change::kCreated:
      entry(index).created = serial;
      break;
    case Change::kDestroyed:
      entry(index).destroyed = serial;
      break;
    case Change::kSlot:
      slots_.at(index).value.now = record.old;
      break;
    case Change::kTransient:
      transient_.at(index).value = record.old;
      break;
    case Change::kLog:
      logs_.pop_back();
      break;
  }
}

const Account& Journal::account(const Address& address) { return entry(find(address)).now; }

void Journal::add_balance(const Address& address, const U256& amount) {
  const Index index = materialize(address);
  touch(index);
  if (!amount.is_zero()) set_balance(index, entry(index).now.balance + amount);
}

void Journal::subtract_balance(const Address& address, const U256& amount) {
  const Index index = find(address);
  touch(index);
  if (!amount.is_zero()) set_balance(index, entry(index).now.balance - amount);
}

void Journal::set_code_object(const Address& address, std::shared_ptr<const evm::Code> code) {
  const Index index = materialize(address);
  AccountEntry& account = entry(index);
  note(Change::kCode, index, to_u256(account.now.code_hash));
  old_codes_.push_back(std::move(account.code));
  account.now.code_hash = code ? code->hash() : kEmptyCodeHash;
  account.code = std::move(code);
}

bool Journal::in_state(const Address& address) { return entry(find(address)).exists; }

bool Journal::has_code(const Address& address) {
  return entry(find(address)).now.code_hash != kEmptyCodeHash;
}

Access Journal::access_account(const Address& address) {
  const Index index = place(address);
  AccountEntry& account = entry(index);
  if (account.warm == serial_ || evm::is_precompile(revision_, address)) return Access::kWarm;
  note(Change::kWarmAccount, index, account.warm);
  account.warm = serial_;
  return Access::kCold;
}

bool Journal::exists(const Address& address) {
  const AccountEntry& account = entry(find(address));
  return account.exists && !(clears_empty() && account.now.is_empty());
}

U256 Journal::balance(const Address& address) { return entry(find(address)).now.balance; }

bool Journal::covers(const Address& address, const U256& amount) {
  return entry(find(address)).now.balance >= amount;
}

std::uint64_t Journal::nonce(const Address& address) { return entry(find(address)).now.nonce; }

Hash256 Journal::code_hash(const Address& address) {
  return exists(address) ? entry(find(address)).now.code_hash : Hash256{};
}

const evm::Code* Journal::code(const Address& address) {
  AccountEntry& account = entry(find(address));
  if (!account.code) {
    if (account.now.code_hash == kEmptyCodeHash) return evm::Code::empty();
    account.code = view_->code(account.now.code_hash);
  }
  return account.code.get();
}

Access Journal::mark_slot(SlotEntry& slot, Index index) {
  if (slot.warm == serial_) return Access::kWarm;
  note(Change::kWarmSlot, index, slot.warm);
  slot.warm = serial_;
  return Access::kCold;
}

Access Journal::access_storage(const Address& address, const U256& key) {
  const Index index = slots_.insert({key, place(address)}).first;
  return mark_slot(slots_.at(index).value, index);
}

evm::StorageLoad Journal::load_storage(const Address& address, const U256& key) {
  Index index;
  SlotEntry& found = slot(find(address), key, index);
  return {found.now, mark_slot(found, index)};
}

evm::StorageStore Journal::store_storage(const Address& address, const U256& key,
                                         const U256& value) {
  Index index;
  SlotEntry& found = slot(find(address), key, index);
  const evm::StorageStore store{found.original, found.now, mark_slot(found, index)};
  if (!(found.now == value)) {
    note(Change::kSlot, index, found.now);
    found.now = value;
  }
  return store;
}

U256 Journal::load_transient(const Address& address, const U256& key) {
  if (transient_.empty()) return {};
  const U256* value = transient_.find({key, find(address)});
  return value ? *value : U256{};
}

void Journal::store_transient(const Address& address, const U256& key, const U256& value) {
  const auto [index, added] = transient_.insert({key, find(address)});
  U256& slot = transient_.at(index).value;
  note(Change::kTransient, index, slot);
  slot = value;
}

void Journal::touch(const Address& address) {
  touch(clears_empty() ? find(address) : materialize(address));
}

void Journal::transfer(const Address& from, const Address& to, const U256& value) {
  const Index source = find(from);
  set_balance(source, entry(source).now.balance - value);
  touch(source);
  add_balance(to, value);
}

void Journal::set_nonce(const Address& address, std::uint64_t nonce) {
  const Index index = materialize(address);
  touch(index);
  note(Change::kNonce, index, entry(index).now.nonce);
  entry(index).now.nonce = nonce;
}

bool Journal::collides(const Address& address) {
  const AccountEntry& account = entry(find(address));
  if (account.now.nonce != 0 || account.now.code_hash != kEmptyCodeHash) return true;
  return account.existed && account.era == 0 && view_->has_storage(address);
}

void Journal::begin_create(const Address& address, std::uint64_t nonce) {
  const Index index = materialize(address);
  touch(index);
  AccountEntry& account = entry(index);
  note(Change::kCreated, index, account.created);
  account.created = serial_;
  note(Change::kNonce, index, account.now.nonce);
  account.now.nonce = nonce;
}

void Journal::set_code(const Address& address, BytesView code) {
  set_code_object(address, code.empty() ? nullptr : codes_.get(keccak256(code), code));
}

void Journal::log(const Address& address, std::span<const Hash256> topics, BytesView data) {
  note(Change::kLog, 0);
  logs_.push_back({address, {topics.begin(), topics.end()}, {data.begin(), data.end()}});
}

bool Journal::selfdestruct(const Address& address, const Address& beneficiary) {
  const Index index = find(address);
  const bool created = entry(index).created == serial_;
  const bool dies = revision_ < Revision::kCancun || created;
  const U256 balance = entry(index).now.balance;
  if (address != beneficiary) add_balance(beneficiary, balance);
  if (!balance.is_zero() && (dies || address != beneficiary)) set_balance(index, {});
  touch(index);
  AccountEntry& account = entry(index);
  if (!dies || account.destroyed == serial_) return false;
  note(Change::kDestroyed, index, account.destroyed);
  account.destroyed = serial_;
  destroyed_.push_back(index);
  return true;
}

Hash256 Journal::block_hash(std::uint64_t number) {
  return block_hashes_ ? block_hashes_(number) : Hash256{};
}

}  // namespace pel::ledger
