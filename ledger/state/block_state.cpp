// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/block_state.hpp"

namespace pel::ledger {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

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

StateDiff BlockState::diff() const {
  StateDiff diff;
  const Place size = accounts_.size();
  std::vector<std::uint32_t> place(size, 0xffffffffU);
  const auto add = [&](Place at) {
    if (place[at] != 0xffffffffU) return place[at];
    const auto& [address, cell] = accounts_.at(at);
    place[at] = static_cast<std::uint32_t>(diff.accounts.size());
    const bool cleared = cell.existed && cell.era.load(kRelaxed) != 0;
    diff.accounts.push_back({address, cell.exists.load(kRelaxed), cleared, cell.account()});
    return place[at];
  };
  diff.accounts.reserve(size);
  for (Place at = 0; at < size; ++at) {
    const AccountCell& cell = accounts_.at(at).value;
    if (!cell.loaded.load(kAcquire)) continue;
    const Account now = cell.account();
    const bool exists = cell.exists.load(kRelaxed);
    const bool moved = exists != cell.existed || !(now == cell.before);
    const bool cleared = cell.existed && cell.era.load(kRelaxed) != 0;
    if (exists ? moved || cleared : cell.existed) add(at);
    if (!exists || now.code_hash == cell.before.code_hash) continue;
    if (const auto* code = kept_codes_.find(now.code_hash)) diff.codes.push_back(*code);
  }
  const Place slots = slots_.size();
  diff.slots.reserve(slots);
  for (Place at = 0; at < slots; ++at) {
    const auto& [key, slot] = slots_.at(at);
    if (!slot.loaded.load(kAcquire)) continue;
    const AccountCell& owner = accounts_.at(key.account).value;
    const std::uint32_t era = owner.era.load(kRelaxed);
    if (!owner.exists.load(kRelaxed) || slot.era.load(kRelaxed) != era) continue;
    const U256 now = slot.now.load();
    if (era != 0 ? now.is_zero() : now == slot.before) continue;
    diff.slots.push_back({add(key.account), key.key, now});
  }
  return diff;
}

}  // namespace pel::ledger
