// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

// What an account's code is: the hash that counts, and the code if it was loaded.
struct CodeRef {
  Hash256 hash = kEmptyCodeHash;
  const evm::Code* code = nullptr;
};

// How one attempt of a transaction used an account: what it saw of it, what it asked, and what it
// leaves. While the attempt is executed and not committed, this is also a version of the account:
// later attempts read from it. "Before" is at the start of the transaction.
struct AccountUse {
  explicit AccountUse(std::uint32_t where) noexcept : place(where) {}

  std::uint32_t place;            // of the account's cell
  std::uint32_t transaction = 0;  // of a version
  AccountUse* below = nullptr;    // the version of an earlier transaction
  bool listed = false;            // among the cell's versions

  // Within the transaction.
  bool warm = false;
  bool touched = false;
  bool created = false;
  bool destroyed = false;
  bool materialized = false;  // came into the state in this transaction
  bool code_changed = false;
  bool nonce_set = false;

  // What was seen, and has to hold when the attempt commits. Roll-back undoes none of it.
  bool identity_known = false;  // code hash and era
  bool existence_known = false;
  bool nonce_known = false;
  bool nonce_some = false;  // it was not zero
  bool balance_known = false;
  bool ceiling_known = false;
  bool existed = false;
  std::uint32_t era = 0;
  CodeRef code_before;
  std::uint64_t nonce_before = 0;
  U256 balance_before;
  U256 floor;    // the balance was at least this
  U256 ceiling;  // and below this

  // What is now, if known or changed.
  std::uint64_t nonce = 0;
  CodeRef code;
  U256 delta;  // of the balance, modulo 2^256

  // What it leaves, said at the end of the transaction.
  bool removed = false;
  bool writes_identity = false;
  bool writes_nonce = false;
  bool writes_balance = false;  // else the delta is added
  bool exists_after = false;
  std::uint32_t era_after = 0;
  U256 balance_after;  // if it writes the balance

  bool seen() const noexcept {
    return identity_known || existence_known || nonce_known || nonce_some || balance_known ||
           ceiling_known || !floor.is_zero();
  }
  bool is_version() const noexcept {
    return writes_identity || writes_nonce || writes_balance || !delta.is_zero();
  }
};

// The same for a slot.
struct SlotUse {
  SlotUse(std::uint32_t where, std::uint32_t whose) noexcept : place(where), account(whose) {}

  std::uint32_t place;    // of the slot's cell
  std::uint32_t account;  // position among the attempt's accounts
  std::uint32_t transaction = 0;
  std::uint32_t era = 0;  // in which `before` was seen
  SlotUse* below = nullptr;
  bool listed = false;
  bool warm = false;
  bool loaded = false;  // `before` was seen
  bool writes = false;
  U256 before;
  U256 now;
};

// An attempt of a transaction: all that it saw and leaves. Its memory is used again.
struct Attempt {
  std::uint32_t transaction = 0;
  std::vector<AccountUse> accounts;
  std::vector<SlotUse> slots;

  void start(std::uint32_t index) noexcept {
    transaction = index;
    accounts.clear();
    slots.clear();
  }
};

}  // namespace pel::ledger
