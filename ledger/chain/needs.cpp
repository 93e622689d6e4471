// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain/needs.hpp"

#include <algorithm>

namespace pel::ledger {

// The committed value; of an identity whatever differs if it does.
U256 Needs::value(Key key) {
  constexpr auto kOrder = std::memory_order_relaxed;
  if (key.field == Field::kSlot) {
    const BlockState::SlotCell& slot = state_.slot_cell(key.place);
    return slot.now.load();
  }
  const BlockState::AccountCell& account = state_.account(key.place);
  switch (key.field) {
    case Field::kExistence:
      return U256(account.exists.load(kOrder));
    case Field::kNonce:
      return U256(account.nonce.load(kOrder));
    case Field::kBalance:
      return account.balance.load();
    default:
      return account.code_hash.load() + U256(account.era.load(kOrder));
  }
}

void Needs::depend(const History& history, std::size_t end) {
  while (end != 0) {
    const Step& step = history[--end];
    needs_.push_back(step.transaction);
    if (!step.sum) return;
  }
}

void Needs::depend(Key key) {
  if (const History* history = histories_.find(key)) depend(*history, history->size());
}

void Needs::depend(Key key, const U256& threshold) {
  const History* history = histories_.find(key);
  if (history == nullptr || history->empty()) return;
  const bool answer = history->back().after >= threshold;
  for (std::size_t end = history->size(); end != 0; --end)
    if (((*history)[end - 1].before >= threshold) != answer) return depend(*history, end);
}

void Needs::collect(const AccountUse& use, BlockState::Place sender) {
  if (use.identity_known) depend({use.place, Field::kIdentity});
  if (use.existence_known) depend({use.place, Field::kExistence});
  if (use.nonce_known && use.place != sender) depend({use.place, Field::kNonce});
  if (use.nonce_some) depend({use.place, Field::kNonce}, U256(1));
  if (use.balance_known) depend({use.place, Field::kBalance});
  if (!use.floor.is_zero()) depend({use.place, Field::kBalance}, use.floor);
  if (use.ceiling_known) depend({use.place, Field::kBalance}, use.ceiling);
}

void Needs::note(std::vector<Step>& steps, std::vector<Key>& keys, Key key, bool sum) {
  keys.push_back(key);
  steps.push_back({0, sum, value(key), {}});
}

std::vector<std::uint32_t> Needs::adopt(Attempt& attempt, BlockState::Place sender) {
  needs_.clear();
  std::vector<Step> steps;
  std::vector<Key> keys;
  for (const AccountUse& use : attempt.accounts) {
    collect(use, sender);
    if (!use.is_version()) continue;
    note(steps, keys, {use.place, Field::kIdentity}, false);
    note(steps, keys, {use.place, Field::kExistence}, false);
    note(steps, keys, {use.place, Field::kNonce}, false);
    note(steps, keys, {use.place, Field::kBalance}, !use.writes_balance);
  }
  for (const SlotUse& use : attempt.slots) {
    if (use.loaded) depend({use.place, Field::kSlot});
    if (use.writes) note(steps, keys, {use.place, Field::kSlot}, false);
  }
  state_.adopt(attempt);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    steps[i].transaction = attempt.transaction;
    steps[i].after = value(keys[i]);
    if (steps[i].after != steps[i].before) histories_[keys[i]].push_back(steps[i]);
  }
  std::sort(needs_.begin(), needs_.end());
  needs_.erase(std::unique(needs_.begin(), needs_.end()), needs_.end());
  return needs_;
}

}  // namespace pel::ledger
