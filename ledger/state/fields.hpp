// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pel/ledger/types.hpp"

namespace pel::ledger {

// A state cut into fields, the grain at which transactions that run at the same time may disturb
// each other. What an account is (its code, how often its storage was cleared, whether it is in the
// state) is one field: these are read together and change together.
enum class Field : std::uint8_t { kIdentity, kNonce, kBalance, kSlot };

struct FieldKey {
  U256 slot;  // of kSlot, else zero
  Address address;
  Field field = Field::kIdentity;
  // Of kSlot: slots of another life of the account are other slots, zero at first.
  std::uint32_t generation = 0;

  friend bool operator==(const FieldKey&, const FieldKey&) = default;
};

// A balance, nonce or slot is `word`; an identity has the code's hash there and in `tag` twice the
// generation, plus one if the account is in the state.
struct FieldValue {
  U256 word;
  std::uint64_t tag = 0;

  friend bool operator==(const FieldValue&, const FieldValue&) = default;
  // Of balances.
  friend FieldValue operator+(const FieldValue& a, const FieldValue& b) noexcept {
    return {a.word + b.word, a.tag};
  }

  static FieldValue identity(const Hash256& code_hash, std::uint32_t generation, bool exists) {
    return {to_u256(code_hash), std::uint64_t{generation} << 1 | (exists ? 1U : 0U)};
  }
  Hash256 code_hash() const noexcept { return to_hash(word); }
  std::uint32_t generation() const noexcept { return static_cast<std::uint32_t>(tag >> 1); }
  bool exists() const noexcept { return (tag & 1) != 0; }
};

// The fields as one transaction of an order sees them: its predecessors' changes on top of a base.
// Methods may throw what stops the attempt. Not thread-safe: one object per attempt.
class FieldAccess {
 public:
  virtual ~FieldAccess() = default;
  virtual FieldValue read(const FieldKey& key) = 0;
  // Whether a nonce or balance is at least `threshold` (not zero); only the answer must hold.
  virtual bool at_least(const FieldKey& key, const U256& threshold) = 0;
  virtual void write(const FieldKey& key, const FieldValue& value) = 0;
  // Adds to a balance, modulo 2^256, without reading it.
  virtual void add(const FieldKey& key, const U256& amount) = 0;
};

// A field that an attempt wrote, or (`sum`) added to.
struct FieldChange {
  FieldKey key;
  FieldValue value;
  bool sum = false;
};

}  // namespace pel::ledger

template <>
struct std::hash<pel::ledger::FieldKey> {
  std::size_t operator()(const pel::ledger::FieldKey& key) const noexcept {
    using pel::ledger::detail::fold;
    const std::uint64_t place = static_cast<std::uint64_t>(key.field) << 32 | key.generation;
    const std::uint64_t account = std::hash<pel::ledger::Address>{}(key.address) ^ place;
    return fold(std::hash<pel::ledger::U256>{}(key.slot), account);
  }
};
