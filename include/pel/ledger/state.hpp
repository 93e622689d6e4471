// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state of a ledger as three small things: a view that reads, a journal that collects what
// transactions do on top of a view (ledger/state/journal.hpp), and the difference that comes out.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pel/detail/state/flat_map.hpp"
#include "pel/detail/state/trie.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/types.hpp"

namespace pel::ledger {

// The fields of an account that the state trie commits to, without its storage.
struct Account {
  std::uint64_t nonce = 0;
  U256 balance;
  Hash256 code_hash = kEmptyCodeHash;

  // EIP-161.
  bool is_empty() const noexcept {
    return nonce == 0 && balance.is_zero() && code_hash == kEmptyCodeHash;
  }
  friend bool operator==(const Account&, const Account&) = default;
};

// A state that can be read. Reads do not change what other reads answer. Reads may throw:
// MissingNode where a witness is incomplete, pel::Error where a remote or a file fails.
class StateView {
 public:
  virtual ~StateView() = default;
  // Nothing if there is no such account.
  virtual std::optional<Account> account(const Address& address) const = 0;
  // Zero for slots and accounts that are absent.
  virtual U256 storage(const Address& address, const U256& key) const = 0;
  // EIP-7610: whether the account has any storage.
  virtual bool has_storage(const Address& address) const = 0;
  // The code with this hash, which some account of this state has; never null.
  virtual std::shared_ptr<const evm::Code> code(const Hash256& hash) const = 0;
  // Whether several threads may read at once.
  virtual bool concurrent_reads() const noexcept { return false; }
};

// What changed between two states, in no particular order; canonical() sorts.
struct StateDiff {
  struct AccountChange {
    Address address;
    bool exists = true;            // false: the account is gone, with its storage
    bool storage_cleared = false;  // all slots were zero before `slots` apply
    Account account;
  };
  struct SlotChange {
    std::uint32_t account = 0;  // position in `accounts`
    U256 key;
    U256 value;
  };
  std::vector<AccountChange> accounts;
  std::vector<SlotChange> slots;
  std::vector<std::shared_ptr<const evm::Code>> codes;  // new ones

  // Sorted by address and key: equal for equal changes, however they were found.
  StateDiff canonical() const;
};
bool operator==(const StateDiff& a, const StateDiff& b);  // of canonical forms

// A whole state in memory. Reads are thread-safe while nobody writes. Copying is O(size).
class MemoryState final : public StateView {
 public:
  struct Record {
    Account account;
    std::shared_ptr<const evm::Code> code;  // null: none
    FlatMap<U256, U256> storage;            // zero values count as absent
    bool exists = false;
  };

  std::optional<Account> account(const Address& address) const override;
  U256 storage(const Address& address, const U256& key) const override;
  bool has_storage(const Address& address) const override;
  std::shared_ptr<const evm::Code> code(const Hash256& hash) const override;
  bool concurrent_reads() const noexcept override { return true; }

  // Creates the account if need be. set_code keeps the code under its hash.
  Record& edit(const Address& address);
  void set_code(const Address& address, std::shared_ptr<const evm::Code> code);
  void set_storage(const Address& address, const U256& key, const U256& value);
  void apply(const StateDiff& diff);

  // The state root (Yellow Paper, section 4.1), from scratch: O(size) hashes.
  Hash256 root() const;
  // Calls f for each account that exists, in order of insertion.
  void for_each(const std::function<void(const Address&, const Record&)>& f) const;

 private:
  FlatMap<Address, Record> records_;
  FlatMap<Hash256, std::shared_ptr<const evm::Code>> codes_;
};

// Keccak-256, under which accounts name their code and tries their nodes.
Hash256 keccak(BytesView bytes);

// The storage root of slots (zero values are left out).
Hash256 storage_root(const FlatMap<U256, U256>& storage);

// A state held as tries: whole, or sparse on top of the nodes of a witness. `apply` updates the
// tries in place, insertions before deletions, as sparse tries need it. Not thread-safe (reads
// resolve nodes).
class TrieState final : public StateView {
 public:
  TrieState();
  // The accounts trie has this root and, like the storage tries, finds its nodes in `nodes`.
  // Codes are found by hash among `codes`.
  TrieState(const Hash256& root, std::shared_ptr<const NodeSource> nodes,
            std::span<const std::shared_ptr<const evm::Code>> codes);

  std::optional<Account> account(const Address& address) const override;
  U256 storage(const Address& address, const U256& key) const override;
  bool has_storage(const Address& address) const override;
  std::shared_ptr<const evm::Code> code(const Hash256& hash) const override;

  // The root after the changes. Throws MissingNode where the witness is incomplete.
  Hash256 apply(const StateDiff& diff);
  Hash256 root() const { return accounts_.root(); }

  // EIP-1186 proofs of an account and of one of its slots.
  std::vector<Bytes> prove(const Address& address) const;
  std::vector<Bytes> prove(const Address& address, const U256& key) const;

 private:
  struct Leaf {
    Account account;
    Hash256 storage_root = kEmptyTrieRoot;
  };
  std::optional<Leaf> leaf(const Address& address) const;
  Trie& storage_trie(const Address& address) const;
  void update_storages(const StateDiff& diff);

  Trie accounts_;
  std::shared_ptr<const NodeSource> nodes_;
  mutable FlatMap<Address, Trie> storages_;
  FlatMap<Hash256, std::shared_ptr<const evm::Code>> codes_;
};

// What a contract wrote by LOG0 to LOG4.
struct Log {
  Address address;
  std::vector<Hash256> topics;
  Bytes data;
  friend bool operator==(const Log&, const Log&) = default;
};

}  // namespace pel::ledger
