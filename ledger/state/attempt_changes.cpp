// SPDX-License-Identifier: Apache-2.0
// What an attempt leaves behind: changes of fields, and codes.
#include "ledger/state/attempt_journal.hpp"

namespace pel::ledger {

void DeployedCodes::add(const Hash256& hash, std::shared_ptr<const evm::Code> code) {
  const std::lock_guard lock(mutex_);
  codes_[hash] = std::move(code);
  any_.store(true, std::memory_order_release);
}

std::shared_ptr<const evm::Code> DeployedCodes::find(const Hash256& hash) const {
  if (!any_.load(std::memory_order_acquire)) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto* found = codes_.find(hash);
  return found ? *found : nullptr;
}

void DeployedCodes::clear() {
  const std::lock_guard lock(mutex_);
  codes_.clear();
  any_.store(false, std::memory_order_release);
}

void AttemptJournal::end_transaction() {
  for (const Index index : used_) settle(index);
  hand_over_slots();
  for (const Index index : used_) hand_over(index);
}

void AttemptJournal::settle(Index index) {
  Entry& account = entry(index);
  if (account.destroyed) {
    identity(index);
    account.removed = true;
  } else if (account.touched && clears_empty() && is_empty(index) && identity(index).exists()) {
    account.removed = true;
  }
}

void AttemptJournal::hand_over_slots() {
  for (const Index index : dirty_) {
    const auto& [place, slot] = slots_.at(index);
    const Entry& account = entry(place.account);
    if (account.removed || slot.now == slot.original) continue;
    FieldKey key = key_of(place.account, Field::kSlot);
    key.slot = place.key;
    key.generation = account.identity.generation();
    fields_->write(key, {slot.now, 0});
  }
}

void AttemptJournal::hand_over_nonce(Index index, std::uint64_t nonce) {
  nonces_.emplace_back(accounts_.at(index).key, nonce);
  fields_->write(key_of(index, Field::kNonce), {nonce, 0});
}

void AttemptJournal::hand_over(Index index) {
  const Entry& account = entry(index);
  const FieldKey identity_key = key_of(index, Field::kIdentity);
  const FieldKey balance_key = key_of(index, Field::kBalance);
  if (account.removed) {
    fields_->write(identity_key,
                   FieldValue::identity(kEmptyCodeHash, account.identity.generation() + 1, false));
    if (!account.nonce_known || account.nonce_before != 0) hand_over_nonce(index, 0);
    if (!account.balance_known || !account.balance.is_zero()) fields_->write(balance_key, {});
    return;
  }
  const bool other_code = account.code_changed && account.code_hash != account.identity.code_hash();
  if (other_code || account.materialized) {
    const Hash256 hash = other_code ? account.code_hash : account.identity.code_hash();
    fields_->write(identity_key, FieldValue::identity(hash, account.identity.generation(), true));
  }
  if (account.nonce_set && !(account.nonce_known && account.nonce == account.nonce_before))
    hand_over_nonce(index, account.nonce);
  if (account.delta.is_zero()) return;
  if (account.balance_known) {
    fields_->write(balance_key, {account.balance + account.delta, 0});
  } else {
    fields_->add(balance_key, account.delta);
  }
}

}  // namespace pel::ledger
