// SPDX-License-Identifier: Apache-2.0
// A journal as the base of attempts, and as the place where their changes end.
#include "ledger/state/attempt_journal.hpp"
#include "ledger/state/journal.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::ledger {
namespace {

FieldValue field_of(const Account& account, Field field, std::uint32_t era, bool exists) {
  if (field == Field::kNonce) return {account.nonce, 0};
  if (field == Field::kBalance) return {account.balance, 0};
  return FieldValue::identity(account.code_hash, era, exists);
}

}  // namespace

FieldValue Journal::field(const FieldKey& key) const {
  const Index index = accounts_.position(key.address);
  const bool known = index != FlatMap<Address, AccountEntry>::kNone;
  const AccountEntry* account = known ? &accounts_.at(index).value : nullptr;
  if (key.field != Field::kSlot) {
    if (account && account->loaded)
      return field_of(account->now, key.field, account->era, account->exists);
    const auto found = view_->account(key.address);
    return field_of(found.value_or(Account{}), key.field, 0, found.has_value());
  }
  if (account) {
    const SlotEntry* slot = slots_.find({key.slot, index});
    if (slot && slot->loaded && slot->era == key.generation) return {slot->now, 0};
  }
  return key.generation == 0 ? FieldValue{view_->storage(key.address, key.slot), 0} : FieldValue{};
}

void Journal::adopt(const FieldKey& key, const FieldValue& value, const DeployedCodes& deployed) {
  const Index index = find(key.address);
  AccountEntry& account = entry(index);
  switch (key.field) {
    case Field::kIdentity: {
      const Hash256 hash = value.code_hash();
      if (hash != account.now.code_hash) {
        if (account.code) kept_codes_.push_back(std::move(account.code));
        account.code = hash == kEmptyCodeHash ? nullptr : deployed.find(hash);
        account.now.code_hash = hash;
      }
      account.exists = value.exists();
      account.era = value.generation();
      adopted_.push_back(index);
      break;
    }
    case Field::kNonce:
      account.now.nonce = value.word.w[0];
      adopted_.push_back(index);
      break;
    case Field::kBalance:
      account.now.balance = value.word;
      adopted_.push_back(index);
      break;
    case Field::kSlot: {
      const Index at = slots_.insert({key.slot, index}).first;
      SlotEntry& slot = slots_.at(at).value;
      if (!slot.loaded && account.existed) slot.before = view_->storage(key.address, key.slot);
      if (slot.loaded && slot.era > key.generation) break;
      slot.loaded = true;
      slot.era = key.generation;
      slot.now = value.word;
      break;
    }
  }
}

void Journal::finish_adoption() {
  if (clears_empty())
    for (const Index index : adopted_)
      if (!entry(index).now.is_empty()) entry(index).exists = true;
  adopted_.clear();
}

}  // namespace pel::ledger
