// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/block_state.hpp"

#include <array>

#include "pel/executor.hpp"

namespace pel::ledger {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

// Cells that two threads look at in less time than one: some ten microseconds.
constexpr BlockState::Place kWorthDividing = 400;

}  // namespace

bool BlockState::AccountCell::is_empty() const noexcept { return account().is_empty(); }

void BlockState::begin(const StateView& view, evm::Revision revision) {
  view_ = &view;
  revision_ = revision;
  set_committed(0);
  accounts_.clear();
  slots_.clear();
  loaded_codes_.clear();
  kept_codes_.clear();
}

void BlockState::load(const Address& address, AccountCell& cell) {
  const CellGuard guard(cell.lock);
  if (cell.loaded.load(kRelaxed)) return;
  if (const auto found = view_->account(address)) {
    cell.before = *found;
    cell.existed = true;
  }
  cell.balance.store(cell.before.balance);
  cell.code_hash.store(to_u256(cell.before.code_hash));
  cell.nonce.store(cell.before.nonce, kRelaxed);
  cell.exists.store(cell.existed, kRelaxed);
  cell.loaded.store(true, kRelease);
}

void BlockState::load(const SlotKey& key, SlotCell& cell) {
  AccountCell& owner = account(key.account);
  const CellGuard guard(cell.lock);
  if (cell.loaded.load(kRelaxed)) return;
  const std::uint32_t era = owner.era.load(kRelaxed);
  if (owner.existed && era == 0) cell.before = view_->storage(address(key.account), key.key);
  cell.now.store(cell.before);
  cell.era.store(era, kRelaxed);
  cell.loaded.store(true, kRelease);
}

const evm::Code* BlockState::load_code(AccountCell& cell) {
  const CellGuard guard(cell.lock);
  const evm::Code* code = cell.code.load(kAcquire);
  if (code) return code;
  std::shared_ptr<const evm::Code> loaded = view_->code(cell.before.code_hash);
  code = loaded.get();
  {
    const std::lock_guard lock(codes_mutex_);
    loaded_codes_.push_back(std::move(loaded));
  }
  const evm::Code* none = nullptr;  // the holder may give the account another code meanwhile
  cell.code.compare_exchange_strong(none, code, kRelease, kRelaxed);
  return code;
}

const evm::Code* BlockState::keep(std::shared_ptr<const evm::Code> code) {
  const std::lock_guard lock(codes_mutex_);
  auto& kept = kept_codes_[code->hash()];
  if (!kept) kept = std::move(code);
  return kept.get();
}

BlockState::Changes BlockState::changes(Range accounts, Range slots) const {
  Changes found;
  found.places.reserve(accounts.end - accounts.begin);
  found.diff.accounts.reserve(accounts.end - accounts.begin);
  found.diff.slots.reserve(slots.end - slots.begin);
  for (Place at = accounts.begin; at < accounts.end; ++at) {
    const AccountCell& cell = accounts_.at(at).value;
    if (!cell.loaded.load(kAcquire)) continue;
    const Account now = cell.account();
    const bool exists = cell.exists.load(kRelaxed);
    const bool moved = exists != cell.existed || !(now == cell.before);
    const bool cleared = cell.existed && cell.era.load(kRelaxed) != 0;
    if (exists ? moved || cleared : cell.existed) {
      found.places.push_back(at);
      found.diff.accounts.push_back(change_of(at));
    }
    if (!exists || now.code_hash == cell.before.code_hash) continue;
    if (const auto* code = kept_codes_.find(now.code_hash)) found.diff.codes.push_back(*code);
  }
  for (Place at = slots.begin; at < slots.end; ++at) {
    const auto& [key, slot] = slots_.at(at);
    if (!slot.loaded.load(kAcquire)) continue;
    const AccountCell& owner = accounts_.at(key.account).value;
    const std::uint32_t era = owner.era.load(kRelaxed);
    if (!owner.exists.load(kRelaxed) || slot.era.load(kRelaxed) != era) continue;
    const U256 now = slot.now.load();
    if (era != 0 ? now.is_zero() : now == slot.before) continue;
    found.diff.slots.push_back({key.account, key.key, now});
  }
  return found;
}

StateDiff::AccountChange BlockState::change_of(Place account) const {
  const auto& [address, cell] = accounts_.at(account);
  const bool cleared = cell.existed && cell.era.load(kRelaxed) != 0;
  return {address, cell.exists.load(kRelaxed), cleared, cell.account()};
}

StateDiff BlockState::diff(bool divided) const {
  const Place accounts = accounts_.size();
  const Place slots = slots_.size();
  const bool two = divided && accounts + slots >= kWorthDividing;
  const Place first_accounts = two ? accounts / 2 : accounts;
  const Place first_slots = two ? slots / 2 : slots;
  std::array<Changes, 2> parts;
  const auto first = [&] { parts[0] = changes({0, first_accounts}, {0, first_slots}); };
  const auto second = [&] { parts[1] = changes({first_accounts, accounts}, {first_slots, slots}); };
  if (two) {
    invoke(first, second);
  } else {
    first();
  }
  return put_together(parts);
}

StateDiff BlockState::put_together(std::span<Changes> parts) const {
  constexpr std::uint32_t kNowhere = 0xffffffffU;
  std::vector<std::uint32_t> position(accounts_.size(), kNowhere);
  StateDiff diff = std::move(parts[0].diff);
  std::uint32_t at = 0;
  for (const Changes& part : parts)
    for (const Place place : part.places) position[place] = at++;
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (const Changes& part : parts.subspan(1)) {
    append(diff.accounts, part.diff.accounts);
    append(diff.slots, part.diff.slots);
    append(diff.codes, part.diff.codes);
  }
  for (StateDiff::SlotChange& slot : diff.slots) {
    std::uint32_t& owner = position[slot.account];
    if (owner == kNowhere) {
      owner = static_cast<std::uint32_t>(diff.accounts.size());
      diff.accounts.push_back(change_of(slot.account));
    }
    slot.account = owner;
  }
  return diff;
}

}  // namespace pel::ledger
