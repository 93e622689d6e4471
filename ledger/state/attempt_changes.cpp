// SPDX-License-Identifier: Apache-2.0
// What an attempt leaves.
#include "ledger/state/attempt_journal.hpp"

namespace pel::ledger {

void AttemptJournal::end_transaction() {
  for (Index index = 0; index < attempt_->accounts.size(); ++index) settle(index);
  for (SlotUse& slot : attempt_->slots)
    slot.writes =
        slot.loaded && !attempt_->accounts[slot.account].removed && !(slot.now == slot.before);
  for (AccountUse& account : attempt_->accounts) leave(account);
}

void AttemptJournal::settle(Index index) {
  const AccountUse& account = use(index);
  if (account.destroyed) {
    identity(index).removed = true;
  } else if (account.touched && clears_empty() && is_empty(index) && existed(index)) {
    identity(index).removed = true;
  }
}

void AttemptJournal::leave(AccountUse& account) {
  const U256 balance = account.balance_before + account.delta;
  if (account.removed) {
    account.writes_identity = true;
    account.code = {};
    account.era_after = account.era + 1;
    account.exists_after = false;
    account.writes_nonce = !account.nonce_known || account.nonce_before != 0;
    account.nonce = 0;
    account.writes_balance = !account.balance_known || !account.balance_before.is_zero();
    account.delta = {};
    return;
  }
  const bool other_code = account.code_changed && account.code.hash != account.code_before.hash;
  account.writes_identity = other_code || account.materialized;
  account.era_after = account.era;
  account.exists_after = true;
  account.writes_nonce =
      account.nonce_set && !(account.nonce_known && account.nonce == account.nonce_before);
  account.writes_balance = account.balance_known && !account.delta.is_zero();
  account.balance_after = balance;
}

}  // namespace pel::ledger
