// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "ledger/state/fields.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

// Codes that transactions of a block deploy, by hash, also those of attempts that will not count.
// Thread-safe.
class DeployedCodes {
 public:
  void add(const Hash256& hash, std::shared_ptr<const evm::Code> code);
  std::shared_ptr<const evm::Code> find(const Hash256& hash) const;
  void clear();

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> any_{false};
  FlatMap<Hash256, std::shared_ptr<const evm::Code>> codes_;
};

// What one attempt of a transaction does, field by field: the Host for transactions that run at the
// same time. It asks for no more than the transaction needs to know. A balance that nobody looks at
// is a sum of additions; "is it enough", "is it empty" are questions whose answer counts and not
// the number behind; the sender's nonce is taken from the transaction (whoever commits attempts in
// order checks it); a slot is looked up with the generation of its account's storage.
//
// Answers equal those of a Journal in the same place of the order (tests run both). One object
// serves one worker, attempt after attempt; entries and memory are kept from one to the next, so
// that in the long run no access allocates. Not thread-safe.
class AttemptJournal final : public evm::Host {
 public:
  // What holds for all attempts of a block. `view` must allow reads at the same time.
  struct Block {
    const StateView* view = nullptr;
    evm::Revision revision = evm::Revision::kFrontier;
    const std::function<Hash256(std::uint64_t)>* block_hashes = nullptr;
    evm::CodeCache* codes = nullptr;
    DeployedCodes* deployed = nullptr;
  };
  void begin_block(const Block& block);
  void begin_attempt(FieldAccess& fields);

  void begin_transaction() noexcept {}
  // Removes what was destroyed or is empty (EIP-161) and hands the changes to the fields.
  void end_transaction();

  std::vector<Log>& logs() noexcept { return logs_; }
  // After end_transaction: the nonces that it wrote.
  const std::vector<std::pair<Address, std::uint64_t>>& nonces() const noexcept { return nonces_; }

  // -- for the transaction processor
  // The nonce is `nonce`, says the transaction.
  void assume_nonce(const Address& address, std::uint64_t nonce);
  bool has_code(const Address& address);
  void add_balance(const Address& address, const U256& amount);  // implies touch
  void subtract_balance(const Address& address, const U256& amount);
  void set_code_object(const Address& address, std::shared_ptr<const evm::Code> code);
  bool in_state(const Address& address);  // even if empty

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
  using Serial = std::uint32_t;  // of an attempt; 0: none yet
  using Index = std::uint32_t;

  // Valid for attempt `seen`. "Known" fields were read or tested; what is known of the base is not
  // undone by roll-back.
  struct Entry {
    Serial seen = 0;
    bool warm = false;
    bool touched = false;
    bool created = false;
    bool destroyed = false;
    bool removed = false;       // at the end of the transaction
    bool materialized = false;  // came into the state in this transaction
    bool identity_known = false;
    bool code_changed = false;
    bool nonce_known = false;
    bool nonce_some = false;  // at_least(1) was answered with yes
    bool nonce_set = false;
    bool balance_known = false;
    bool ceiling_known = false;
    FieldValue identity;  // as read
    Hash256 code_hash;    // now
    const evm::Code* code = nullptr;
    std::uint64_t nonce_before = 0;
    std::uint64_t nonce = 0;  // now, if known or set
    U256 balance;             // as read
    U256 delta;               // since, modulo 2^256
    U256 floor;               // the balance was at least this
    U256 ceiling;             // and below this
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
    U256 original;
    Serial warm = 0;
    Serial loaded = 0;
    Serial dirty = 0;
  };
  enum class Change : std::uint8_t {
    kWarmAccount,
    kWarmSlot,
    kBalance,
    kNonce,
    kNonceUnset,
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

  Index find(const Address& address);
  Entry& entry(Index index) noexcept { return accounts_.at(index).value; }
  FieldKey key_of(Index index, Field field) const noexcept;
  const FieldValue& identity(Index index);
  std::uint64_t nonce_of(Index index);
  const U256& balance_before(Index index);
  bool covers(Index index, const U256& amount);
  bool is_empty(Index index);
  bool in_state(Index index);
  SlotEntry& slot(Index account, const U256& key, Index& index);
  void materialize(Index index);
  void touch(Index index);
  void change_balance(Index index, const U256& delta);
  void set_nonce(Index index, std::uint64_t nonce);
  void undo(const Undo& record);
  evm::Access mark_slot(SlotEntry& slot, Index index);
  void settle(Index index);
  void hand_over(Index index);
  void hand_over_slots();
  void hand_over_nonce(Index index, std::uint64_t nonce);
  const evm::Code* code_object(const Hash256& hash);
  void note(Change change, Index index, const U256& old = {}) {
    undo_.push_back({change, index, old});
  }
  bool clears_empty() const noexcept { return block_.revision >= evm::Revision::kSpuriousDragon; }

  Block block_;
  FieldAccess* fields_ = nullptr;
  Serial serial_ = 0;
  FlatMap<Address, Entry> accounts_;
  FlatMap<SlotKey, SlotEntry, SlotHash> slots_;
  FlatMap<SlotKey, U256, SlotHash> transient_;
  FlatMap<Hash256, std::shared_ptr<const evm::Code>> codes_;  // used by this worker in this block
  std::vector<Undo> undo_;
  std::vector<Index> used_;   // accounts of this attempt
  std::vector<Index> dirty_;  // slots of this attempt that were stored to
  std::vector<Log> logs_;
  std::vector<std::pair<Address, std::uint64_t>> nonces_;
  Index last_ = FlatMap<Address, Entry>::kNone;  // of the last find()
};

}  // namespace pel::ledger
