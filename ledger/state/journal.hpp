// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "ledger/state/block_state.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

// What transactions do on top of a view, rolled back frame by frame, and in the end a difference.
//
// One journal serves a whole block, or each of several threads has one: whose transaction runs is
// the holder of the block's state, and changes its committed values directly. Marks that last for
// one transaction (warm, touched, created, destroyed, original values) are the journal's own, by
// place, and carry the transaction's serial number, so that starting the next one clears nothing.
// Memory is kept from block to block. Not thread-safe; attempts of later transactions may run on
// the state at the same time.
//
// Invariant: rolling back to a checkpoint restores every observable answer of that moment.
class Journal final : public evm::Host {
 public:
  // Both must outlive the journal.
  Journal(evm::CodeCache& codes, BlockState& state) : codes_(codes), state_(state) {}

  // The state has begun another block.
  void begin_block(BlockHashes block_hashes);
  void begin_transaction();
  // Removes destroyed accounts and, from Spurious Dragon on, touched empty ones (EIP-161).
  void end_transaction();

  // The logs of this transaction so far.
  std::vector<Log>& logs() noexcept { return logs_; }

  // -- for the transaction processor
  Account account(const Address& address);                       // an empty one if there is none
  void add_balance(const Address& address, const U256& amount);  // implies touch
  void subtract_balance(const Address& address, const U256& amount);
  void set_code_object(const Address& address, std::shared_ptr<const evm::Code> code);
  bool in_state(const Address& address);  // even if empty
  bool has_code(const Address& address);

  // -- evm::Host
  evm::Access access_account(const Address& address) override;
  bool exists(const Address& address) override;
  U256 balance(const Address& address) override;
  bool covers(const Address& address, const U256& amount) override;
  std::uint64_t nonce(const Address& address) override;
  Hash256 code_hash(const Address& address) override;
  const evm::Code* code(const Address& address) override;
  evm::Access access_storage(const Address& address, const U256& key) override;
  evm::StorageLoad load_storage(const Address& address, const U256& key) override;
  evm::StorageStore store_storage(const Address& address, const U256& key,
                                  const U256& value) override;
  U256 load_transient(const Address& address, const U256& key) override;
  void store_transient(const Address& address, const U256& key, const U256& value) override;
  evm::Checkpoint checkpoint() override { return undo_.size(); }
  void roll_back(evm::Checkpoint checkpoint) override;
  void touch(const Address& address) override;
  void transfer(const Address& from, const Address& to, const U256& value) override;
  void set_nonce(const Address& address, std::uint64_t nonce) override;
  bool collides(const Address& address) override;
  void begin_create(const Address& address, std::uint64_t nonce) override;
  void set_code(const Address& address, BytesView code) override;
  void log(const Address& address, std::span<const Hash256> topics, BytesView data) override;
  bool selfdestruct(const Address& address, const Address& beneficiary) override;
  Hash256 block_hash(std::uint64_t number) override;

 private:
  using Serial = std::uint32_t;  // of a transaction; 0: none
  using Index = BlockState::Place;
  using AccountCell = BlockState::AccountCell;
  using SlotCell = BlockState::SlotCell;
  using SlotKey = BlockState::SlotKey;

  enum class Change : std::uint8_t {
    kWarmAccount,
    kWarmSlot,
    kBalance,
    kNonce,
    kCode,
    kExists,
    kTouch,
    kCreated,
    kDestroyed,
    kSlot,
    kTransient,
    kLog,
  };
  struct Undo {
    Change change;
    Index index = 0;
    U256 old;
  };

  struct AccountMarks {
    Serial warm = 0;
    Serial touched = 0;
    Serial created = 0;
    Serial destroyed = 0;
  };
  struct SlotMarks {
    Serial warm = 0;
    Serial seen = 0;
    U256 original;  // at the start of transaction `seen`
  };

  AccountMarks& marks(Index index) {
    if (index >= account_marks_.size()) account_marks_.resize(2 * std::size_t{index} + 256);
    return account_marks_[index];
  }
  SlotMarks& slot_marks(Index index) {
    if (index >= slot_marks_.size()) slot_marks_.resize(2 * std::size_t{index} + 256);
    return slot_marks_[index];
  }
  Index place(const Address& address);  // without reading it: a mark needs no account
  Index find(const Address& address);   // reads it on first use
  AccountCell& cell(Index index) noexcept { return state_.account_cell(index); }
  SlotCell& slot(Index account, const U256& key, Index& index);
  Index materialize(const Address& address);  // makes it exist
  void touch(Index index);
  void set_balance(Index index, const U256& balance);
  void undo(const Undo& record);
  void remove(AccountCell& account);
  evm::Access mark_slot(Index index);
  void note(Change change, Index index, const U256& old = {}) {
    undo_.push_back({change, index, old});
  }
  bool clears_empty() const noexcept { return state_.clears_empty(); }

  evm::CodeCache& codes_;
  BlockState& state_;
  std::vector<AccountMarks> account_marks_;  // by place
  std::vector<SlotMarks> slot_marks_;
  BlockHashes block_hashes_;
  Serial serial_ = 0;
  FlatMap<SlotKey, U256, BlockState::SlotHash> transient_;
  std::vector<Undo> undo_;
  std::vector<const evm::Code*> old_codes_;  // of kCode records, last in first out
  std::vector<Index> touched_;
  std::vector<Index> destroyed_;
  std::vector<Log> logs_;
  Address last_address_;  // of the last place()
  Index last_ = BlockState::Accounts::kNone;
};

}  // namespace pel::ledger
