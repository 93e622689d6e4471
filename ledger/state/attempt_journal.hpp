// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <vector>

#include "ledger/state/block_state.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

// What one attempt of a transaction does: the Host for transactions that run at the same time. It
// asks for no more than the transaction needs to know. A balance that nobody looks at is a sum of
// additions; "is it enough", "is it empty" are questions whose answer counts and not the number
// behind; the sender's nonce is taken from the transaction and compared when the attempt commits; a
// slot counts within the era of its account's storage.
//
// Answers equal those of a Journal in the same place of the order (tests run both). One object
// serves one worker, attempt after attempt; what an attempt saw and leaves goes to its Attempt. In
// the long run no access allocates. Not thread-safe; several may work on one BlockState.
class AttemptJournal final : public evm::Host {
 public:
  // What holds for all attempts of a block.
  struct Block {
    BlockState* state = nullptr;
    const BlockHashes* block_hashes = nullptr;  // may be called by several threads
    evm::CodeCache* codes = nullptr;
  };
  // Thrown by the attempt of the transaction that is to be committed next, at its next access, if
  // something that it saw is no longer so.
  struct Doomed : std::exception {};

  void begin_block(const Block& block);
  // `attempt` has been started.
  void begin_attempt(Attempt& attempt);

  void begin_transaction() noexcept {}
  // Removes what was destroyed or is empty (EIP-161) and says what the attempt leaves.
  void end_transaction();

  std::vector<Log>& logs() noexcept { return logs_; }

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
  using Place = BlockState::Place;
  using Index = std::uint32_t;  // of an account or slot of this attempt

  // Where a cell's use is, if `attempt` is the current one.
  struct Seat {
    std::uint32_t attempt = 0;
    Index index = 0;
  };
  struct TransientKey {
    U256 key;
    Index account = 0;
    friend bool operator==(const TransientKey&, const TransientKey&) = default;
  };
  struct TransientHash {
    std::size_t operator()(const TransientKey& slot) const noexcept {
      return detail::fold(std::hash<U256>{}(slot.key), slot.account);
    }
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

  void check();
  Index find(const Address& address);
  Index find_slot(Index account, const U256& key);
  AccountUse& use(Index index) noexcept { return attempt_->accounts[index]; }
  AccountUse& identity(Index index);
  bool existed(Index index);
  std::uint64_t nonce_of(Index index);
  const U256& balance_before(Index index);
  bool covers(Index index, const U256& amount);
  bool has_nonce(Index index);
  bool is_empty(Index index);
  bool in_state(Index index);
  SlotUse& slot(Index index);
  void materialize(Index index);
  void touch(Index index);
  void change_balance(Index index, const U256& delta);
  void set_nonce(Index index, std::uint64_t nonce);
  void undo(const Undo& record);
  evm::Access mark_slot(SlotUse& slot, Index index);
  void settle(Index index);
  void leave(AccountUse& account);
  void note(Change change, Index index, const U256& old = {}) {
    undo_.push_back({change, index, old});
  }
  bool clears_empty() const noexcept { return block_.state->clears_empty(); }

  Block block_;
  Attempt* attempt_ = nullptr;
  std::uint32_t serial_ = 0;   // of the attempt
  std::uint32_t checked_ = 0;  // the attempt that was found to hold so far, nothing being before it
  std::vector<Seat> account_seats_;  // by place
  std::vector<Seat> slot_seats_;
  FlatMap<TransientKey, U256, TransientHash> transient_;
  std::vector<Undo> undo_;
  std::vector<const evm::Code*> old_codes_;  // of kCode records, last in first out
  std::vector<Log> logs_;
  Address last_address_;  // of the last find()
  Index last_ = kNobody;
  static constexpr Index kNobody = 0xffffffffU;
};

}  // namespace pel::ledger
