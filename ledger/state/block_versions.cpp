// SPDX-License-Identifier: Apache-2.0
// What attempts of later transactions see of a block's state, and how they become part of it.
#include <algorithm>

#include "ledger/state/block_state.hpp"

namespace pel::ledger {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

// Calls f with the versions of transactions below `before`, the latest first, until it returns
// true; then `or_else`, under the same lock, unless it did.
template <class Cell, class F, class G>
void look(Cell& cell, std::uint32_t before, F&& f, G&& or_else) {
  if (cell.versions.load(kAcquire) == nullptr) return or_else();
  const CellGuard guard(cell.lock);
  for (auto* at = cell.versions.load(kRelaxed); at != nullptr; at = at->below)
    if (at->transaction < before && f(*at)) return;
  or_else();
}

template <class Cell, class Use>
void list(Cell& cell, Use& use, std::uint32_t transaction) {
  use.transaction = transaction;
  use.listed = true;
  const CellGuard guard(cell.lock);
  Use* above = nullptr;
  Use* at = cell.versions.load(kRelaxed);
  while (at != nullptr && at->transaction > transaction) {
    above = at;
    at = at->below;
  }
  use.below = at;
  if (above) {
    above->below = &use;
  } else {
    cell.versions.store(&use, kRelease);
  }
}

// With the cell's lock held.
template <class Cell, class Use>
void unlist(Cell& cell, Use& use) {
  if (!use.listed) return;
  use.listed = false;
  Use* at = cell.versions.load(kRelaxed);
  if (at == &use) return cell.versions.store(use.below, kRelease);
  while (at->below != &use) at = at->below;
  at->below = use.below;
}

}  // namespace

void BlockState::see_identity(Place place, std::uint32_t before, AccountUse& use) {
  AccountCell& cell = account(place);
  const auto version = [&](const AccountUse& at) {
    if (!at.writes_identity) return false;
    use.code_before = at.code;
    use.era = at.era_after;
    return true;
  };
  const auto committed = [&] {
    use.code_before = {to_hash(cell.code_hash.load()), cell.code.load(kAcquire)};
    use.era = cell.era.load(kRelaxed);
  };
  look(cell, before, version, committed);
}

bool BlockState::see_existence(Place place, std::uint32_t before) {
  AccountCell& cell = account(place);
  bool exists = false;
  const auto version = [&](const AccountUse& at) {
    exists = at.exists_after;
    return at.writes_identity;
  };
  look(cell, before, version, [&] { exists = cell.exists.load(kRelaxed); });
  return exists;
}

std::uint64_t BlockState::see_nonce(Place place, std::uint32_t before) {
  AccountCell& cell = account(place);
  std::uint64_t nonce = 0;
  const auto version = [&](const AccountUse& at) {
    nonce = at.nonce;
    return at.writes_nonce;
  };
  look(cell, before, version, [&] { nonce = cell.nonce.load(kRelaxed); });
  return nonce;
}

U256 BlockState::see_balance(Place place, std::uint32_t before) {
  AccountCell& cell = account(place);
  U256 sum;
  const auto version = [&](const AccountUse& at) {
    sum = sum + (at.writes_balance ? at.balance_after : at.delta);
    return at.writes_balance;
  };
  look(cell, before, version, [&] { sum = sum + cell.balance.load(); });
  return sum;
}

U256 BlockState::see_slot(Place place, std::uint32_t era, std::uint32_t before) {
  SlotCell& cell = era == 0 ? slot(place) : slot_cell(place);
  U256 value;
  const auto version = [&](const SlotUse& at) {
    value = at.now;
    return at.era == era;
  };
  const auto committed = [&] {
    const bool counts = cell.loaded.load(kAcquire) && cell.era.load(kRelaxed) == era;
    value = counts ? cell.now.load() : U256{};
  };
  look(cell, before, version, committed);
  return value;
}

void BlockState::publish(Attempt& attempt, Place coinbase) {
  for (AccountUse& use : attempt.accounts) {
    const bool sum = !use.writes_identity && !use.writes_nonce && !use.writes_balance;
    if (use.is_version() && !(sum && use.place == coinbase))
      list(account_cell(use.place), use, attempt.transaction);
  }
  for (SlotUse& use : attempt.slots)
    if (use.writes) list(slot_cell(use.place), use, attempt.transaction);
}

void BlockState::retract(Attempt& attempt) {
  for (AccountUse& use : attempt.accounts) {
    if (!use.listed) continue;
    AccountCell& cell = account_cell(use.place);
    const CellGuard guard(cell.lock);
    unlist(cell, use);
  }
  for (SlotUse& use : attempt.slots) {
    if (!use.listed) continue;
    SlotCell& cell = slot_cell(use.place);
    const CellGuard guard(cell.lock);
    unlist(cell, use);
  }
}

bool BlockState::holds(const AccountUse& use) {
  AccountCell& cell = account_cell(use.place);
  // What was seen of a version alone, whose attempt did not count.
  if (!cell.loaded.load(kAcquire)) return false;
  if (use.identity_known) {
    if (cell.era.load(kRelaxed) != use.era) return false;
    if (to_hash(cell.code_hash.load()) != use.code_before.hash) return false;
    // A hash and another's code may have been read while a direct transaction wrote them.
    const evm::Code* code = use.code_before.code;
    if (code && code != cell.code.load(kRelaxed)) return false;
  }
  if (use.existence_known && cell.exists.load(kRelaxed) != use.existed) return false;
  const std::uint64_t nonce = cell.nonce.load(kRelaxed);
  if (use.nonce_known && nonce != use.nonce_before) return false;
  if (use.nonce_some && nonce == 0) return false;
  const U256 balance = cell.balance.load();
  if (use.balance_known && balance != use.balance_before) return false;
  return balance >= use.floor && (!use.ceiling_known || balance < use.ceiling);
}

bool BlockState::holds(const SlotUse& use) {
  const SlotCell& cell = slot_cell(use.place);
  if (!use.loaded) return true;
  // The era itself is the account's, and seen with its identity.
  if (!cell.loaded.load(kAcquire)) return use.era != 0 && use.before.is_zero();
  const bool counts = cell.era.load(kRelaxed) == use.era;
  return (counts ? cell.now.load() : U256{}) == use.before;
}

bool BlockState::holds(const Attempt& attempt) {
  return std::all_of(attempt.accounts.begin(), attempt.accounts.end(),
                     [&](const AccountUse& use) { return !use.seen() || holds(use); }) &&
         std::all_of(attempt.slots.begin(), attempt.slots.end(),
                     [&](const SlotUse& use) { return holds(use); });
}

void BlockState::adopt(const AccountUse& use, AccountCell& cell) {
  if (use.writes_identity) {
    cell.code_hash.store(to_u256(use.code.hash));
    cell.code.store(use.code.code, kRelease);
    cell.exists.store(use.exists_after, kRelaxed);
    cell.era.store(use.era_after, kRelaxed);
  }
  if (use.writes_nonce) cell.nonce.store(use.nonce, kRelaxed);
  if (use.writes_balance) {
    cell.balance.store(use.balance_after);
  } else if (!use.delta.is_zero()) {
    cell.balance.store(cell.balance.load() + use.delta);
  }
  // Before Spurious Dragon an attempt says itself what comes into the state.
  if (clears_empty() && !use.removed && !cell.exists.load(kRelaxed) && !cell.is_empty())
    cell.exists.store(true, kRelaxed);
}

void BlockState::adopt(Attempt& attempt) {
  for (SlotUse& use : attempt.slots) {
    if (!use.writes) continue;
    SlotCell& cell = slot_cell(use.place);
    const CellGuard guard(cell.lock);
    cell.now.store(use.now);
    cell.era.store(use.era, kRelaxed);
    cell.loaded.store(true, kRelease);
    unlist(cell, use);
  }
  for (AccountUse& use : attempt.accounts) {
    if (!use.is_version()) continue;
    AccountCell& cell = account(use.place);
    const CellGuard guard(cell.lock);
    adopt(use, cell);
    unlist(cell, use);
  }
}

}  // namespace pel::ledger
