// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/journal.hpp"

#include "ledger/primitives/keccak.hpp"

namespace pel::ledger {
namespace {

using evm::Access;
using evm::Revision;

// A call to RIPEMD-160 that ran out of gas in block 2675119 left its account touched for good;
// every client keeps that (Yellow Paper, appendix K.1).
constexpr Address kRipemd = small_address(3);

// The holder of a state alone changes it.
constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

void Journal::begin_block(BlockHashes block_hashes) {
  block_hashes_ = std::move(block_hashes);
  last_ = BlockState::Accounts::kNone;
  begin_transaction();
}

void Journal::begin_transaction() {
  if (++serial_ == 0) {
    account_marks_.clear();
    slot_marks_.clear();
    serial_ = 1;
  }
  undo_.clear();
  old_codes_.clear();
  touched_.clear();
  destroyed_.clear();
  transient_.clear();
  logs_.clear();
}

void Journal::end_transaction() {
  for (const Index index : destroyed_)
    if (marks(index).destroyed == serial_) remove(cell(index));
  if (clears_empty()) {
    for (const Index index : touched_) {
      AccountCell& account = cell(index);
      if (marks(index).touched == serial_ && account.exists.load(kRelaxed) && account.is_empty())
        remove(account);
    }
  }
  undo_.clear();
}

void Journal::remove(AccountCell& account) {
  account.exists.store(false, kRelaxed);
  account.nonce.store(0, kRelaxed);
  account.balance.store({});
  account.code_hash.store(to_u256(kEmptyCodeHash));
  account.code.store(nullptr, kRelaxed);
  account.era.store(account.era.load(kRelaxed) + 1, kRelaxed);
}

Journal::Index Journal::place(const Address& address) {
  if (last_ != BlockState::Accounts::kNone && last_address_ == address) return last_;
  last_address_ = address;
  return last_ = state_.place_of(address);
}

Journal::Index Journal::find(const Address& address) {
  const Index index = place(address);
  state_.account(index);
  return index;
}

Journal::SlotCell& Journal::slot(Index account, const U256& key, Index& index) {
  index = state_.place_of(account, key);
  SlotCell& slot = state_.slot(index);
  const std::uint32_t era = cell(account).era.load(kRelaxed);
  if (slot.era.load(kRelaxed) != era) {
    slot.now.store({});
    slot.era.store(era, kRelaxed);
  }
  SlotMarks& marks = slot_marks(index);
  if (marks.seen != serial_) {
    marks.seen = serial_;
    marks.original = slot.now.load();
  }
  return slot;
}

Journal::Index Journal::materialize(const Address& address) {
  const Index index = find(address);
  AccountCell& account = cell(index);
  if (!account.exists.load(kRelaxed)) {
    account.exists.store(true, kRelaxed);
    note(Change::kExists, index);
  }
  return index;
}

void Journal::touch(Index index) {
  if (marks(index).touched == serial_) return;
  note(Change::kTouch, index);
  marks(index).touched = serial_;
  touched_.push_back(index);
}

void Journal::set_balance(Index index, const U256& balance) {
  AccountCell& account = cell(index);
  note(Change::kBalance, index, account.balance.load());
  account.balance.store(balance);
}

void Journal::roll_back(evm::Checkpoint checkpoint) {
  while (undo_.size() > checkpoint) {
    undo(undo_.back());
    undo_.pop_back();
  }
}

void Journal::undo(const Undo& record) {
  const Index index = record.index;
  switch (record.change) {
    case Change::kWarmAccount:
      marks(index).warm = 0;
      break;
    case Change::kWarmSlot:
      slot_marks(index).warm = 0;
      break;
    case Change::kBalance:
      cell(index).balance.store(record.old);
      break;
    case Change::kNonce:
      cell(index).nonce.store(record.old.w[0], kRelaxed);
      break;
    case Change::kCode: {
      AccountCell& account = cell(index);
      account.code_hash.store(record.old);
      account.code.store(old_codes_.back(), std::memory_order_release);
      old_codes_.pop_back();
      break;
    }
    case Change::kExists:
      cell(index).exists.store(false, kRelaxed);
      break;
    case Change::kTouch:
      if (state_.address(index) != kRipemd) marks(index).touched = 0;
      break;
    case Change::kCreated:
      marks(index).created = 0;
      break;
    case Change::kDestroyed:
      marks(index).destroyed = 0;
      break;
    case Change::kSlot:
      state_.slot_cell(index).now.store(record.old);
      break;
    case Change::kTransient:
      transient_.at(index).value = record.old;
      break;
    case Change::kLog:
      logs_.pop_back();
      break;
  }
}

Account Journal::account(const Address& address) { return cell(find(address)).account(); }

void Journal::add_balance(const Address& address, const U256& amount) {
  const Index index = materialize(address);
  touch(index);
  if (!amount.is_zero()) set_balance(index, cell(index).balance.load() + amount);
}

void Journal::subtract_balance(const Address& address, const U256& amount) {
  const Index index = find(address);
  touch(index);
  if (!amount.is_zero()) set_balance(index, cell(index).balance.load() - amount);
}

void Journal::set_code_object(const Address& address, std::shared_ptr<const evm::Code> code) {
  const Index index = materialize(address);
  AccountCell& account = cell(index);
  note(Change::kCode, index, account.code_hash.load());
  old_codes_.push_back(account.code.load(kRelaxed));
  account.code_hash.store(to_u256(code ? code->hash() : kEmptyCodeHash));
  const evm::Code* kept = code ? state_.keep(std::move(code)) : nullptr;
  account.code.store(kept, std::memory_order_release);
}

bool Journal::in_state(const Address& address) { return cell(find(address)).exists.load(kRelaxed); }

bool Journal::has_code(const Address& address) {
  return to_hash(cell(find(address)).code_hash.load()) != kEmptyCodeHash;
}

Access Journal::access_account(const Address& address) {
  const Index index = place(address);
  AccountMarks& account = marks(index);
  if (account.warm == serial_ || evm::is_precompile(state_.revision(), address))
    return Access::kWarm;
  note(Change::kWarmAccount, index);
  account.warm = serial_;
  return Access::kCold;
}

bool Journal::exists(const Address& address) {
  const AccountCell& account = cell(find(address));
  return account.exists.load(kRelaxed) && !(clears_empty() && account.is_empty());
}

U256 Journal::balance(const Address& address) { return cell(find(address)).balance.load(); }

bool Journal::covers(const Address& address, const U256& amount) {
  return cell(find(address)).balance.load() >= amount;
}

std::uint64_t Journal::nonce(const Address& address) {
  return cell(find(address)).nonce.load(kRelaxed);
}

Hash256 Journal::code_hash(const Address& address) {
  return exists(address) ? to_hash(cell(find(address)).code_hash.load()) : Hash256{};
}

const evm::Code* Journal::code(const Address& address) {
  AccountCell& account = cell(find(address));
  if (to_hash(account.code_hash.load()) == kEmptyCodeHash) return evm::Code::empty();
  const evm::Code* code = account.code.load(std::memory_order_acquire);
  return code ? code : state_.load_code(account);
}

Access Journal::mark_slot(Index index) {
  SlotMarks& slot = slot_marks(index);
  if (slot.warm == serial_) return Access::kWarm;
  note(Change::kWarmSlot, index);
  slot.warm = serial_;
  return Access::kCold;
}

Access Journal::access_storage(const Address& address, const U256& key) {
  return mark_slot(state_.place_of(place(address), key));
}

evm::StorageLoad Journal::load_storage(const Address& address, const U256& key) {
  Index index;
  SlotCell& found = slot(find(address), key, index);
  return {found.now.load(), mark_slot(index)};
}

evm::StorageStore Journal::store_storage(const Address& address, const U256& key,
                                         const U256& value) {
  Index index;
  SlotCell& found = slot(find(address), key, index);
  const evm::StorageStore store{slot_marks(index).original, found.now.load(), mark_slot(index)};
  if (!(store.current == value)) {
    note(Change::kSlot, index, store.current);
    found.now.store(value);
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
  set_balance(source, cell(source).balance.load() - value);
  touch(source);
  add_balance(to, value);
}

void Journal::set_nonce(const Address& address, std::uint64_t nonce) {
  const Index index = materialize(address);
  touch(index);
  note(Change::kNonce, index, cell(index).nonce.load(kRelaxed));
  cell(index).nonce.store(nonce, kRelaxed);
}

bool Journal::collides(const Address& address) {
  const Index index = find(address);
  const AccountCell& account = cell(index);
  const Account now = account.account();
  if (now.nonce != 0 || now.code_hash != kEmptyCodeHash) return true;
  return account.existed && account.era.load(kRelaxed) == 0 && state_.has_storage(index);
}

void Journal::begin_create(const Address& address, std::uint64_t nonce) {
  const Index index = materialize(address);
  touch(index);
  AccountCell& account = cell(index);
  note(Change::kCreated, index);
  marks(index).created = serial_;
  note(Change::kNonce, index, account.nonce.load(kRelaxed));
  account.nonce.store(nonce, kRelaxed);
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
  const bool created = marks(index).created == serial_;
  const bool dies = state_.revision() < Revision::kCancun || created;
  const U256 balance = cell(index).balance.load();
  if (address != beneficiary) add_balance(beneficiary, balance);
  if (!balance.is_zero() && (dies || address != beneficiary)) set_balance(index, {});
  touch(index);
  if (!dies || marks(index).destroyed == serial_) return false;
  note(Change::kDestroyed, index);
  marks(index).destroyed = serial_;
  destroyed_.push_back(index);
  return true;
}

Hash256 Journal::block_hash(std::uint64_t number) {
  return block_hashes_ ? block_hashes_(number) : Hash256{};
}

}  // namespace pel::ledger
