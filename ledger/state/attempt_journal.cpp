// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/attempt_journal.hpp"

#include <algorithm>

#include "ledger/primitives/keccak.hpp"

namespace pel::ledger {
namespace {

using evm::Access;
using evm::Revision;

constexpr Address kRipemd = small_address(3);  // see Journal

// Sums of a transaction stay far below 2^255, so the top bit is the sign.
bool is_negative(const U256& delta) noexcept { return (delta.w[3] >> 63) != 0; }

}  // namespace

void AttemptJournal::begin_block(const Block& block) { block_ = block; }

void AttemptJournal::begin_attempt(Attempt& attempt) {
  attempt_ = &attempt;
  if (++serial_ == 0) {
    account_seats_.clear();
    slot_seats_.clear();
    serial_ = 1;
  }
  last_ = kNobody;
  undo_.clear();
  old_codes_.clear();
  transient_.clear();
  logs_.clear();
}

AttemptJournal::Index AttemptJournal::find(const Address& address) {
  if (last_ != kNobody && last_address_ == address) return last_;
  const Place place = block_.state->place_of(address);
  if (place >= account_seats_.size()) account_seats_.resize(std::max(2 * place, 256U));
  Seat& seat = account_seats_[place];
  if (seat.attempt != serial_) {
    seat = {serial_, static_cast<Index>(attempt_->accounts.size())};
    attempt_->accounts.emplace_back(place);
  }
  last_address_ = address;
  return last_ = seat.index;
}

AttemptJournal::Index AttemptJournal::find_slot(Index account, const U256& key) {
  const Place place = block_.state->place_of(use(account).place, key);
  if (place >= slot_seats_.size()) slot_seats_.resize(std::max(2 * place, 256U));
  Seat& seat = slot_seats_[place];
  if (seat.attempt != serial_) {
    seat = {serial_, static_cast<Index>(attempt_->slots.size())};
    attempt_->slots.emplace_back(place, account);
  }
  return seat.index;
}

// From the time on that all earlier transactions are committed, nothing changes any more.
void AttemptJournal::check() {
  if (block_.state->committed() != attempt_->transaction || checked_ == serial_) return;
  checked_ = serial_;
  if (!block_.state->holds(*attempt_)) throw Doomed();
}

AccountUse& AttemptJournal::identity(Index index) {
  AccountUse& account = use(index);
  if (!account.identity_known) {
    check();
    block_.state->see_identity(account.place, attempt_->transaction, account);
    account.identity_known = true;
    account.code = account.code_before;
  }
  return account;
}

bool AttemptJournal::existed(Index index) {
  AccountUse& account = use(index);
  if (!account.existence_known) {
    check();
    account.existed = block_.state->see_existence(account.place, attempt_->transaction);
    account.existence_known = true;
  }
  return account.existed;
}

std::uint64_t AttemptJournal::nonce_of(Index index) {
  AccountUse& account = use(index);
  if (account.nonce_set) return account.nonce;
  if (!account.nonce_known) {
    check();
    account.nonce_before = block_.state->see_nonce(account.place, attempt_->transaction);
    account.nonce_known = true;
  }
  return account.nonce_before;
}

const U256& AttemptJournal::balance_before(Index index) {
  AccountUse& account = use(index);
  if (!account.balance_known) {
    check();
    account.balance_before = block_.state->see_balance(account.place, attempt_->transaction);
    account.balance_known = true;
  }
  return account.balance_before;
}

bool AttemptJournal::covers(Index index, const U256& amount) {
  AccountUse& account = use(index);
  if (account.balance_known) return account.balance_before + account.delta >= amount;
  const U256& delta = account.delta;
  const bool negative = is_negative(delta);
  if (!negative && delta >= amount) return true;
  const U256 need = amount - delta;
  if (negative && need < amount) return false;  // more than 2^256
  if (need <= account.floor) return true;
  if (account.ceiling_known && need >= account.ceiling) return false;
  const bool enough = block_.state->see_balance(account.place, attempt_->transaction) >= need;
  if (enough) {
    account.floor = need;
  } else {
    account.ceiling = need;
    account.ceiling_known = true;
  }
  return enough;
}

bool AttemptJournal::has_nonce(Index index) {
  AccountUse& account = use(index);
  if (account.nonce_set) return account.nonce != 0;
  if (account.nonce_some) return true;
  if (account.nonce_known) return account.nonce_before != 0;
  account.nonce_some = block_.state->see_nonce(account.place, attempt_->transaction) != 0;
  account.nonce_known = !account.nonce_some;
  account.nonce_before = 0;
  return account.nonce_some;
}

// EIP-161, cheapest question first: what the transaction itself did, then what others seldom
// change.
bool AttemptJournal::is_empty(Index index) {
  AccountUse& account = use(index);
  if ((account.nonce_set || account.nonce_some || account.nonce_known) && has_nonce(index))
    return false;
  if (account.balance_known ? !(account.balance_before + account.delta).is_zero()
                            : !account.delta.is_zero() && !is_negative(account.delta))
    return false;
  if (identity(index).code.hash != kEmptyCodeHash) return false;
  return !has_nonce(index) && !covers(index, 1);
}

bool AttemptJournal::in_state(Index index) {
  if (use(index).materialized || existed(index)) return true;
  return clears_empty() && !is_empty(index);
}

SlotUse& AttemptJournal::slot(Index index) {
  SlotUse& slot = attempt_->slots[index];
  if (!slot.loaded) {
    check();
    slot.era = identity(slot.account).era;
    slot.now = slot.before = block_.state->see_slot(slot.place, slot.era, attempt_->transaction);
    slot.loaded = true;
  }
  return slot;
}

// From Spurious Dragon on, being in the state follows from not being empty.
void AttemptJournal::materialize(Index index) {
  block_.state->account(use(index).place);  // what a Journal reads is read
  if (clears_empty() || use(index).materialized || existed(index)) return;
  identity(index).materialized = true;
  note(Change::kExists, index);
}

void AttemptJournal::touch(Index index) {
  if (use(index).touched) return;
  note(Change::kTouch, index);
  use(index).touched = true;
}

void AttemptJournal::change_balance(Index index, const U256& delta) {
  note(Change::kBalance, index, use(index).delta);
  use(index).delta = delta;
}

void AttemptJournal::set_nonce(Index index, std::uint64_t nonce) {
  AccountUse& account = use(index);
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
      use(index).warm = false;
      break;
    case Change::kWarmSlot:
      attempt_->slots[index].warm = false;
      break;
    case Change::kBalance:
      use(index).delta = record.old;
      break;
    case Change::kNonce:
      use(index).nonce = record.old.w[0];
      break;
    case Change::kNonceUnset:
      use(index).nonce_set = false;
      break;
    case Change::kCode:
      use(index).code = {to_hash(record.old), old_codes_.back()};
      old_codes_.pop_back();
      break;
    case Change::kExists:
      use(index).materialized = false;
      break;
    case Change::kTouch:
      if (block_.state->address(use(index).place) != kRipemd) use(index).touched = false;
      break;
    case Change::kCreated:
      use(index).created = false;
      break;
    case Change::kDestroyed:
      use(index).destroyed = false;
      break;
    case Change::kSlot:
      attempt_->slots[index].now = record.old;
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
  AccountUse& account = use(find(address));
  account.nonce_known = true;
  account.nonce_before = nonce;
}

bool AttemptJournal::has_code(const Address& address) {
  return identity(find(address)).code.hash != kEmptyCodeHash;
}

void AttemptJournal::add_balance(const Address& address, const U256& amount) {
  const Index index = find(address);
  materialize(index);
  touch(index);
  if (!amount.is_zero()) change_balance(index, use(index).delta + amount);
}

void AttemptJournal::subtract_balance(const Address& address, const U256& amount) {
  const Index index = find(address);
  touch(index);
  if (!amount.is_zero()) change_balance(index, use(index).delta - amount);
}

void AttemptJournal::set_code_object(const Address& address,
                                     std::shared_ptr<const evm::Code> code) {
  const Index index = find(address);
  materialize(index);
  AccountUse& account = identity(index);
  note(Change::kCode, index, to_u256(account.code.hash));
  old_codes_.push_back(account.code.code);
  account.code_changed = true;
  account.code = {};
  if (!code) return;
  account.code.hash = code->hash();
  account.code.code = block_.state->keep(std::move(code));
}

bool AttemptJournal::in_state(const Address& address) { return in_state(find(address)); }

Access AttemptJournal::access_account(const Address& address) {
  const Index index = find(address);
  AccountUse& account = use(index);
  if (account.warm || evm::is_precompile(block_.state->revision(), address)) return Access::kWarm;
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
  return balance_before(index) + use(index).delta;
}

bool AttemptJournal::covers(const Address& address, const U256& amount) {
  return covers(find(address), amount);
}

std::uint64_t AttemptJournal::nonce(const Address& address) { return nonce_of(find(address)); }

Hash256 AttemptJournal::code_hash(const Address& address) {
  const Index index = find(address);
  const Hash256 hash = identity(index).code.hash;
  return hash != kEmptyCodeHash || exists(address) ? hash : Hash256{};
}

const evm::Code* AttemptJournal::code(const Address& address) {
  AccountUse& account = identity(find(address));
  if (account.code.hash == kEmptyCodeHash) return evm::Code::empty();
  if (account.code.code == nullptr) {
    account.code.code = block_.state->load_code(block_.state->account_cell(account.place));
    account.code_before.code = account.code.code;
  }
  return account.code.code;
}

Access AttemptJournal::mark_slot(SlotUse& slot, Index index) {
  if (slot.warm) return Access::kWarm;
  note(Change::kWarmSlot, index);
  slot.warm = true;
  return Access::kCold;
}

Access AttemptJournal::access_storage(const Address& address, const U256& key) {
  const Index index = find_slot(find(address), key);
  return mark_slot(attempt_->slots[index], index);
}

evm::StorageLoad AttemptJournal::load_storage(const Address& address, const U256& key) {
  const Index index = find_slot(find(address), key);
  SlotUse& found = slot(index);
  return {found.now, mark_slot(found, index)};
}

evm::StorageStore AttemptJournal::store_storage(const Address& address, const U256& key,
                                                const U256& value) {
  const Index index = find_slot(find(address), key);
  SlotUse& found = slot(index);
  const evm::StorageStore store{found.before, found.now, mark_slot(found, index)};
  if (found.now == value) return store;
  note(Change::kSlot, index, found.now);
  found.now = value;
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
  change_balance(source, use(source).delta - value);
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
  if (identity(index).code.hash != kEmptyCodeHash || has_nonce(index)) return true;
  return use(index).era == 0 && existed(index) && block_.state->has_storage(use(index).place);
}

void AttemptJournal::begin_create(const Address& address, std::uint64_t nonce) {
  const Index index = find(address);
  materialize(index);
  touch(index);
  note(Change::kCreated, index);
  use(index).created = true;
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
  const bool dies = block_.state->revision() < Revision::kCancun || use(index).created;
  const U256 balance = balance_before(index) + use(index).delta;
  if (address != beneficiary) add_balance(beneficiary, balance);
  if (!balance.is_zero() && (dies || address != beneficiary))
    change_balance(index, use(index).delta - balance);
  touch(index);
  if (!dies || use(index).destroyed) return false;
  note(Change::kDestroyed, index);
  use(index).destroyed = true;
  return true;
}

Hash256 AttemptJournal::block_hash(std::uint64_t number) {
  return *block_.block_hashes ? (*block_.block_hashes)(number) : Hash256{};
}

}  // namespace pel::ledger
