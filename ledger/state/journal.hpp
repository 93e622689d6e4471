// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ledger/state/fields.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

class DeployedCodes;

// Looks up the hash of a recent block by number.
using BlockHashes = std::function<Hash256(std::uint64_t)>;

// What transactions do on top of a view, rolled back frame by frame, and in the end a difference.
//
// One journal serves a whole block (or, for a speculative attempt, one transaction): each account
// and slot is read from the view once and then lives here. Marks that last for one transaction
// (warm, touched, created, destroyed, original values) carry the transaction's serial number, so
// that starting the next one clears nothing. Memory is kept from block to block. Not thread-safe.
//
// Invariants: (1) rolling back to a checkpoint restores every observable answer of that moment;
// (2) accounts_ and slots_ only grow within a block, positions in them are stable; (3) a slot's
// `now` counts only if its `era` is the account's: clearing storage starts a new era.
class Journal final : public evm::Host {
 public:
  explicit Journal(evm::CodeCache& codes) : codes_(codes) {}

  // Starts over on a view, which must outlive the use of this journal.
  void begin_block(const StateView& view, evm::Revision revision, BlockHashes block_hashes);
  void begin_transaction();
  // Removes destroyed accounts and, from Spurious Dragon on, touched empty ones (EIP-161).
  void end_transaction();

  // What changed since begin_block. Call between transactions.
  StateDiff diff() const;

  // The logs of this transaction so far.
  std::vector<Log>& logs() noexcept { return logs_; }

  // -- for the transaction processor
  const Account& account(const Address& address);                // an empty one if there is none
  void add_balance(const Address& address, const U256& amount);  // implies touch
  void subtract_balance(const Address& address, const U256& amount);
  void set_code_object(const Address& address, std::shared_ptr<const evm::Code> code);
  bool in_state(const Address& address);  // even if empty
  bool has_code(const Address& address);

  // -- for attempts on top of what this journal has, between transactions
  // Thread-safe while nothing else is called and the view allows it.
  FieldValue field(const FieldKey& key) const;
  // Takes over what became of a field. finish_adoption() ends a series of them, whose order is free
  // but for slots: those of a later generation come later.
  void adopt(const FieldKey& key, const FieldValue& value, const DeployedCodes& deployed);
  void finish_adoption();

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
  using Serial = std::uint32_t;  // of a transaction; 0: none yet
  using Index = std::uint32_t;

  struct AccountEntry {
    Account now;
    Account before;                         // in the view
    std::shared_ptr<const evm::Code> code;  // null: not loaded, or none
    Serial warm = 0;
    Serial touched = 0;
    Serial created = 0;
    Serial destroyed = 0;
    std::uint32_t era = 0;  // grows when the storage is cleared
    bool loaded = false;
    bool exists = false;
    bool existed = false;  // in the view
  };
  struct SlotKey {
    U256 key;
    Index account = 0;
    friend bool operator==(const SlotKey& a, const SlotKey& b) noexcept {
      return a.account == b.account && a.key == b.key;
    }
  };
  struct SlotHash {
    std::size_t operator()(const SlotKey& slot) const noexcept {
      return detail::fold(std::hash<U256>{}(slot.key), slot.account);
    }
  };
  struct SlotEntry {
    U256 now;
    U256 original;  // at the start of transaction `seen`
    U256 before;    // in the view
    Serial seen = 0;
    Serial warm = 0;
    std::uint32_t era = 0;
    bool loaded = false;
  };
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

  Index place(const Address& address);  // without reading it: a mark needs no account
  Index find(const Address& address);   // reads it on first use
  AccountEntry& entry(Index index) noexcept { return accounts_.at(index).value; }
  SlotEntry& slot(Index account, const U256& key, Index& index);
  Index materialize(const Address& address);  // makes it exist
  void touch(Index index);
  void set_balance(Index index, const U256& balance);
  void undo(const Undo& record);
  void remove(AccountEntry& account);
  evm::Access mark_slot(SlotEntry& slot, Index index);
  void note(Change change, Index index, const U256& old = {}) {
    undo_.push_back({change, index, old});
  }
  bool clears_empty() const noexcept { return revision_ >= evm::Revision::kSpuriousDragon; }

  evm::CodeCache& codes_;
  const StateView* view_ = nullptr;
  BlockHashes block_hashes_;
  evm::Revision revision_ = evm::Revision::kFrontier;
  Serial serial_ = 0;
  FlatMap<Address, AccountEntry> accounts_;
  FlatMap<SlotKey, SlotEntry, SlotHash> slots_;
  FlatMap<SlotKey, U256, SlotHash> transient_;
  std::vector<Undo> undo_;
  std::vector<std::shared_ptr<const evm::Code>> old_codes_;   // of kCode records, last in first out
  std::vector<std::shared_ptr<const evm::Code>> kept_codes_;  // replaced in this transaction
  std::vector<Index> touched_;
  std::vector<Index> destroyed_;
  std::vector<Index> adopted_;
  std::vector<Log> logs_;
  Index last_ = FlatMap<Address, AccountEntry>::kNone;  // of the last find()
};

}  // namespace pel::ledger
