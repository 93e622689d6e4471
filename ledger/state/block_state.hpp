// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ledger/state/attempt.hpp"
#include "ledger/state/shared_map.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

// Looks up the hash of a recent block by number.
using BlockHashes = std::function<Hash256(std::uint64_t)>;

// The state during a block: every account and slot that was used, with its committed value, read
// from a view once. One thread at a time, the holder, changes committed values: a Journal runs
// transactions directly on them. Others may run attempts of later transactions meanwhile
// (AttemptJournal): they read committed values and the versions that earlier attempts left, and
// write nothing here but versions of their own.
//
// Nobody is told that a value he read has changed. Before an attempt commits, the holder compares
// all that it saw with what is committed then (`holds`): by value, so that neither a torn read, nor
// one of a transaction that was rolled back, nor an equal write does harm.
//
// Invariants: (1) what a cell was `before` is fixed once it is loaded; (2) versions of a cell are
// listed from the latest transaction down; (3) a slot's value counts in its `era` only: clearing an
// account's storage starts a new era, whose slots are zero.
class BlockState {
 public:
  using Place = std::uint32_t;

  // With its address three cache lines: what a call needs, what transactions change, what was. A
  // core that only calls a contract keeps all three.
  struct AccountCell {
    // Written by the holder, read by all.
    SharedU256 code_hash;
    std::atomic<const evm::Code*> code{nullptr};  // null: none, or not loaded
    SharedU256 balance;
    std::atomic<std::uint64_t> nonce{0};
    std::atomic<AccountUse*> versions{nullptr};
    std::atomic<std::uint32_t> era{0};
    std::atomic<bool> exists{false};
    std::atomic<bool> loaded{false};
    CellLock lock;  // of loading and of the list of versions
    // Fixed once loaded: in the view.
    bool existed = false;
    Account before;

    Account account() const noexcept {
      return {nonce.load(std::memory_order_relaxed), balance.load(), to_hash(code_hash.load())};
    }
    bool is_empty() const noexcept;
  };
  struct SlotKey {
    U256 key;
    Place account = 0;
    friend bool operator==(const SlotKey& a, const SlotKey& b) noexcept {
      return a.account == b.account && a.key == b.key;
    }
  };
  struct SlotHash {
    std::size_t operator()(const SlotKey& slot) const noexcept {
      return detail::fold(std::hash<U256>{}(slot.key), slot.account);
    }
  };
  // With its key two cache lines, the values in the second.
  struct SlotCell {
    std::atomic<SlotUse*> versions{nullptr};
    std::atomic<std::uint32_t> era{0};
    std::atomic<bool> loaded{false};
    CellLock lock;
    alignas(32) SharedU256 now;
    U256 before;
  };
  using Accounts = SharedMap<Address, AccountCell>;
  using Slots = SharedMap<SlotKey, SlotCell, SlotHash>;

  // Starts over on a view, which must outlive the use of this state. Nobody else is here.
  void begin(const StateView& view, evm::Revision revision);
  // What changed since. For the holder, between transactions. `divided`: by two threads if there is
  // much to look at, the accounts in another order.
  StateDiff diff(bool divided = false) const;

  // -- for everybody, at any time
  Place place_of(const Address& address) { return accounts_.insert(address); }
  Place place_of(Place account, const U256& key) { return slots_.insert({key, account}); }
  const Address& address(Place account) const noexcept { return accounts_.at(account).key; }
  // A cell as it is: marks need no value.
  AccountCell& account_cell(Place account) noexcept { return accounts_.at(account).value; }
  SlotCell& slot_cell(Place slot) noexcept { return slots_.at(slot).value; }
  // Read from the view on first use. Throws what the view throws.
  AccountCell& account(Place account) {
    auto& [address, cell] = accounts_.at(account);
    if (!cell.loaded.load(std::memory_order_acquire)) load(address, cell);
    return cell;
  }
  // The slot as it is in the view, unless the account's storage was cleared since.
  SlotCell& slot(Place slot) {
    auto& [key, cell] = slots_.at(slot);
    if (!cell.loaded.load(std::memory_order_acquire)) load(key, cell);
    return cell;
  }
  // The code of the view's account.
  const evm::Code* load_code(AccountCell& cell);
  // Keeps a code until the end of the block, also of transactions that will not count.
  const evm::Code* keep(std::shared_ptr<const evm::Code> code);
  bool has_storage(Place account) const { return view_->has_storage(address(account)); }
  evm::Revision revision() const noexcept { return revision_; }
  bool clears_empty() const noexcept { return revision_ >= evm::Revision::kSpuriousDragon; }

  // -- for attempts: what transaction `before` sees, committed values and versions below it
  void see_identity(Place account, std::uint32_t before, AccountUse& use);
  bool see_existence(Place account, std::uint32_t before);
  std::uint64_t see_nonce(Place account, std::uint32_t before);
  U256 see_balance(Place account, std::uint32_t before);
  U256 see_slot(Place slot, std::uint32_t era, std::uint32_t before);
  // Shows what an executed attempt leaves to later ones; it then must neither move nor change until
  // it is adopted or retracted. Additions to `coinbase` are not shown: every transaction makes one.
  void publish(Attempt& attempt, Place coinbase);

  // How many transactions are committed: those below it.
  std::uint32_t committed() const noexcept { return committed_.load(std::memory_order_acquire); }

  // -- for the holder, between transactions
  void set_committed(std::uint32_t count) noexcept {
    committed_.store(count, std::memory_order_release);
  }
  // Whether all that the attempt saw is so now, all earlier transactions being committed. The
  // attempt itself may ask, too, once that is so and while it is not the holder's turn.
  bool holds(const Attempt& attempt);
  // Commits what it leaves; takes its versions back.
  void adopt(Attempt& attempt);
  void retract(Attempt& attempt);

 private:
  // What of a range of accounts and of slots has changed.
  struct Changes {
    StateDiff diff;             // slots name their account by place, before they are put together
    std::vector<Place> places;  // of the accounts
  };
  struct Range {
    Place begin;
    Place end;
  };
  Changes changes(Range accounts, Range slots) const;
  StateDiff::AccountChange change_of(Place account) const;
  StateDiff put_together(std::span<Changes> parts) const;
  void load(const Address& address, AccountCell& cell);
  void load(const SlotKey& key, SlotCell& cell);
  bool holds(const AccountUse& use);
  bool holds(const SlotUse& use);
  void adopt(const AccountUse& use, AccountCell& cell);

  const StateView* view_ = nullptr;
  evm::Revision revision_ = evm::Revision::kFrontier;
  Accounts accounts_;
  Slots slots_;
  alignas(64) std::atomic<std::uint32_t> committed_{0};
  alignas(64) std::mutex codes_mutex_;  // of the codes
  std::vector<std::shared_ptr<const evm::Code>> loaded_codes_;
  FlatMap<Hash256, std::shared_ptr<const evm::Code>> kept_codes_;
};

}  // namespace pel::ledger
