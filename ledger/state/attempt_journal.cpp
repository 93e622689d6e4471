// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/attempt_journal.hpp"

#include "ledger/primitives/keccak.hpp"

namespace pel::ledger {
namespace {

using evm::Access;
using evm::Revision;

constexpr Address kRipemd = small_address(3);  // see Journal

// Sums of a transaction stay far below 2^255, so the top bit is the sign.
bool is_negative(const U256& delta) noexcept { return (delta.w[3] >> 63) != 0; }

}  // namespace

void AttemptJournal::begin_block(const Block& block) {
  block_ = block;
  serial_ = 0;
  accounts_.clear();
  slots_.clear();
  codes_.clear();
  last_ = FlatMap<Address, Entry>::kNone;
}

void AttemptJournal::begin_attempt(FieldAccess& fields) {
  fields_ = &fields;
  ++serial_;
  undo_.clear();
  used_.clear();
  dirty_.clear();
  transient_.clear();
  logs_.clear();
  nonces_.clear();
}

AttemptJournal::Index AttemptJournal::find(const Address& address) {
  if (last_ >= accounts_.size() || accounts_.at(last_).key != address)
    last_ = accounts_.insert(address).first;
  Entry& account = entry(last_);
  if (account.seen != serial_) {
    account = Entry{};
    account.seen = serial_;
    used_.push_back(last_);
  }
  return last_;
}

FieldKey AttemptJournal::key_of(Index index, Field field) const noexcept {
  return {{}, accounts_.at(index).key, field, 0};
}

const FieldValue& AttemptJournal::identity(Index index) {
  Entry& account = entry(index);
  if (!account.identity_known) {
    account.identity = fields_->read(key_of(index, Field::kIdentity));
    account.identity_known = true;
    account.code_hash = account.identity.code_hash();
  }
  return account.identity;
}

std::uint64_t AttemptJournal::nonce_of(Index index) {
  Entry& account = entry(index);
  if (account.nonce_set) return account.nonce;
  if (!account.nonce_known) {
    account.nonce_before = fields_->read(key_of(index, Field::kNonce)).word.w[0];
    account.nonce_known = true;
  }
  return account.nonce_before;
}

const U256& AttemptJournal::balance_before(Index index) {
  Entry& account = entry(index);
  if (!account.balance_known) {
    account.balance = fields_->read(key_of(index, Field::kBalance)).word;
    account.balance_known = true;
  }
  return account.balance;
}

bool AttemptJournal::covers(Index index, const U256& amount) {
  Entry& account = entry(index);
  if (account.balance_known) return account.balance + account.delta >= amount;
  const U256& delta = account.delta;
  const bool negative = is_negative(delta);
  if (!negative && delta >= amount) return true;
  const U256 need = amount - delta;
  if (negative && need < amount) return false;  // more than 2^256
  if (need <= account.floor) return true;
  if (account.ceiling_known && need >= account.ceiling) return false;
  const bool enough = fields_->at_least(key_of(index, Field::kBalance), need);
  if (enough) {
    account.floor = need;
  } else {
    account.ceiling = need;
    account.ceiling_known = true;
  }
  return enough;
}

// EIP-161, cheapest question first: what the transaction itself did, then what others seldom
// change.
bool AttemptJournal::is_empty(Index index) {
  Entry& account = entry(index);
  if (account.nonce_set && account.nonce != 0) return false;
  if (!account.nonce_set && (account.nonce_some || (account.nonce_known && account.nonce_before)))
    return false;
  if (account.balance_known ? !(account.balance + account.delta).is_zero()
                            : !account.delta.is_zero() && !is_negative(account.delta))
    return false;
  identity(index);
  if (account.code_hash != kEmptyCodeHash) return false;
  if (!account.nonce_set && !account.nonce_known) {
    if (fields_->at_least(key_of(index, Field::kNonce), 1)) {
      account.nonce_some = true;
      return false;
    }
    account.nonce_known = true;
    account.nonce_before = 0;
  }
  return !covers(index, 1);
}

bool AttemptJournal::in_state(Index index) {
  if (entry(index).materialized || identity(index).exists()) return true;
  return clears_empty() && !is_empty(index);
}

AttemptJournal::SlotEntry& AttemptJournal::slot(Index account, const U256& key, Index& index) {
  index = slots_.insert({key, account}).first;
  SlotEntry& slot = slots_.at(index).value;
  if (slot.loaded != serial_) {
    FieldKey field = key_of(account, Field::kSlot);
    field.slot = key;
    field.generation = identity(account).generation();
    slot.now = slot.original = fields_->read(field).word;
    slot.loaded = serial_;
  }
  return slot;
}

// From Spurious Dragon on, being in the state follows from not being empty.
void AttemptJournal::materialize(Index index) {
  if (clears_empty() || entry(index).materialized || identity(index).exists()) return;
  entry(index).materialized = true;
  note(Change::kExists, index);
}

void AttemptJournal::touch(Index index) {
  if (entry(index).touched) return;
  note(Change::kTouch, index);
  entry(index).touched = true;
}

void AttemptJournal::change_balance(Index index, const U256& delta) {
  note(Change::kBalance, index, entry(index).delta);
  entry(index).delta = delta;
}

void AttemptJournal::set_nonce(Index index, std::uint64_t nonce) {
  Entry& account = entry(index);
  if (account.nonce_set) {
    note(Change::kNonce, index, account.nonce);
  } else {
    note(Change::kNonceUnset, index);
  }
  account.nonce_set = true;
  account.nonce = nonce;
}

void AttemptJournal::roll_back(evm::Checkpoint checkpoint) {
  while (undo_.size() > checkpoint) {
    undo(undo_.back());
    undo_.pop_back();
  }
}

void AttemptJournal::undo(const Undo& record) {
  const Index index = record.index;
  switch (record.change) {
    case Change::kWarmAccount:
      entry(index).warm = false;
      break;
    case Change::kWarmSlot:
      slots_.at(index).value.warm = 0;
      break;
    case Change::kBalance:
      entry(index).delta = record.old;
      break;
    case Change::kNonce:
      entry(index).nonce = record.old.w[0];
      break;
    case Change::kNonceUnset:
      entry(index).nonce_set = false;
      break;
    case Change::kCode:
      entry(index).code = nullptr;
      entry(index).code_hash = to_hash(record.old);
      break;
    case Change::kExists:
      entry(index).materialized = false;
      break;
    case Change::kTouch:
      if (accounts_.at(index).key != kRipemd) entry(index).touched = false;
      break;
    case Change::kCreated:
      entry(index).created = false;
      break;
    case Change::kDestroyed:
      entry(index).destroyed = false;
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

void AttemptJournal::assume_nonce(const Address& address, std::uint64_t nonce) {
  Entry& account = entry(find(address));
  account.nonce_known = true;
  account.nonce_before = nonce;
}

bool AttemptJournal::has_code(const Address& address) {
  const Index index = find(address);
  identity(index);
  return entry(index).code_hash != kEmptyCodeHash;
}

void AttemptJournal::add_balance(const Address& address, const U256& amount) {
  const Index index = find(address);
  materialize(index);
  touch(index);
  if (!amount.is_zero()) change_balance(index, entry(index).delta + amount);
}

void AttemptJournal::subtract_balance(const Address& address, const U256& amount) {
  const Index index = find(address);
  touch(index);
  if (!amount.is_zero()) change_balance(index, entry(index).delta - amount);
}

void AttemptJournal::set_code_object(const Address& address,
                                     std::shared_ptr<const evm::Code> code) {
  const Index index = find(address);
  materialize(index);
  identity(index);
  Entry& account = entry(index);
  note(Change::kCode, index, to_u256(account.code_hash));
  account.code_changed = true;
  account.code_hash = code ? code->hash() : kEmptyCodeHash;
  account.code = nullptr;
  if (!code) return;
  codes_[account.code_hash] = code;
  block_.deployed->add(account.code_hash, std::move(code));
}

bool AttemptJournal::in_state(const Address& address) { return in_state(find(address)); }

Access AttemptJournal::access_account(const Address& address) {
  const Index index = find(address);
  Entry& account = entry(index);
  if (account.warm || evm::is_precompile(block_.revision, address)) return Access::kWarm;
  note(Change::kWarmAccount, index);
  account.warm = true;
  return Access::kCold;
}

bool AttemptJournal::exists(const Address& address) {
  const Index index = find(address);
  return clears_empty() ? !is_empty(index) : in_state(index);
}

U256 AttemptJournal::balance(const Address& address) {
  const Index index = find(address);
  return balance_before(index) + entry(index).delta;
}

bool AttemptJournal::covers(const Address& address, const U256& amount) {
  return covers(find(address), amount);
}

std::uint64_t AttemptJournal::nonce(const Address& address) { return nonce_of(find(address)); }

Hash256 AttemptJournal::code_hash(const Address& address) {
  const Index index = find(address);
  identity(index);
  if (entry(index).code_hash != kEmptyCodeHash) return entry(index).code_hash;
  return exists(address) ? kEmptyCodeHash : Hash256{};
}

const evm::Code* AttemptJournal::code(const Address& address) {
  const Index index = find(address);
  Entry& account = entry(index);
  if (account.code == nullptr) {
    identity(index);
    account.code =
        account.code_hash == kEmptyCodeHash ? evm::Code::empty() : code_object(account.code_hash);
  }
  return account.code;
}

const evm::Code* AttemptJournal::code_object(const Hash256& hash) {
  std::shared_ptr<const evm::Code>& code = codes_[hash];
  if (!code) code = block_.deployed->find(hash);
  if (!code) code = block_.view->code(hash);
  return code.get();
}

Access AttemptJournal::mark_slot(SlotEntry& slot, Index index) {
  if (slot.warm == serial_) return Access::kWarm;
  note(Change::kWarmSlot, index);
  slot.warm = serial_;
  return Access::kCold;
}

Access AttemptJournal::access_storage(const Address& address, const U256& key) {
  const Index index = slots_.insert({key, find(address)}).first;
  return mark_slot(slots_.at(index).value, index);
}

evm::StorageLoad AttemptJournal::load_storage(const Address& address, const U256& key) {
  Index index;
  SlotEntry& found = slot(find(address), key, index);
  return {found.now, mark_slot(found, index)};
}

evm::StorageStore AttemptJournal::store_storage(const Address& address, const U256& key,
                                                const U256& value) {
  Index index;
  SlotEntry& found = slot(find(address), key, index);
  const evm::StorageStore store{found.original, found.now, mark_slot(found, index)};
  if (found.now == value) return store;
  note(Change::kSlot, index, found.now);
  found.now = value;
  if (found.dirty != serial_) {
    found.dirty = serial_;
    dirty_.push_back(index);
  }
  return store;
}

U256 AttemptJournal::load_transient(const Address& address, const U256& key) {
  if (transient_.empty()) return {};
  const U256* value = transient_.find({key, find(address)});
  return value ? *value : U256{};
}

void AttemptJournal::store_transient(const Address& address, const U256& key, const U256& value) {
  const auto [index, added] = transient_.insert({key, find(address)});
  U256& slot = transient_.at(index).value;
  note(Change::kTransient, index, slot);
  slot = value;
}

void AttemptJournal::touch(const Address& address) {
  const Index index = find(address);
  materialize(index);
  touch(index);
}

void AttemptJournal::transfer(const Address& from, const Address& to, const U256& value) {
  const Index source = find(from);
  change_balance(source, entry(source).delta - value);
  touch(source);
  add_balance(to, value);
}

void AttemptJournal::set_nonce(const Address& address, std::uint64_t nonce) {
  const Index index = find(address);
  materialize(index);
  touch(index);
  set_nonce(index, nonce);
}

bool AttemptJournal::collides(const Address& address) {
  const Index index = find(address);
  identity(index);
  Entry& account = entry(index);
  if (account.code_hash != kEmptyCodeHash) return true;
  const bool nonce = account.nonce_set || account.nonce_known
                         ? nonce_of(index) != 0
                         : account.nonce_some || fields_->at_least(key_of(index, Field::kNonce), 1);
  if (nonce) return true;
  return account.identity.generation() == 0 && account.identity.exists() &&
         block_.view->has_storage(address);
}

void AttemptJournal::begin_create(const Address& address, std::uint64_t nonce) {
  const Index index = find(address);
  materialize(index);
  touch(index);
  note(Change::kCreated, index);
  entry(index).created = true;
  set_nonce(index, nonce);
}

void AttemptJournal::set_code(const Address& address, BytesView code) {
  set_code_object(address, code.empty() ? nullptr : block_.codes->get(keccak256(code), code));
}

void AttemptJournal::log(const Address& address, std::span<const Hash256> topics, BytesView data) {
  note(Change::kLog, 0);
  logs_.push_back({address, {topics.begin(), topics.end()}, {data.begin(), data.end()}});
}

bool AttemptJournal::selfdestruct(const Address& address, const Address& beneficiary) {
  const Index index = find(address);
  const bool dies = block_.revision < Revision::kCancun || entry(index).created;
  const U256 balance = balance_before(index) + entry(index).delta;
  if (address != beneficiary) add_balance(beneficiary, balance);
  if (!balance.is_zero() && (dies || address != beneficiary))
    change_balance(index, entry(index).delta - balance);
  touch(index);
  if (!dies || entry(index).destroyed) return false;
  note(Change::kDestroyed, index);
  entry(index).destroyed = true;
  return true;
}

Hash256 AttemptJournal::block_hash(std::uint64_t number) {
  return *block_.block_hashes ? (*block_.block_hashes)(number) : Hash256{};
}

}  // namespace pel::ledger
