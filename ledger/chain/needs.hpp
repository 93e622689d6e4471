// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ledger/state/block_state.hpp"

namespace pel::ledger {

// A record of who needed whom among transactions that run as attempts one after the other: the
// dependencies that change a value. A read depends on whoever gave the field its value: the last
// write and the additions since. A question depends on those who gave it its answer. Writes,
// additions and the sender's nonce depend on nobody.
class Needs {
 public:
  explicit Needs(BlockState& state) : state_(state) {}

  // The transactions that this attempt, the next one in order, depends on, ascending. It is adopted
  // then.
  std::vector<std::uint32_t> adopt(Attempt& attempt, BlockState::Place sender);

 private:
  enum class Field : std::uint8_t { kIdentity, kExistence, kNonce, kBalance, kSlot };
  struct Key {
    std::uint32_t place = 0;
    Field field = Field::kIdentity;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return detail::fold(key.place, static_cast<std::uint64_t>(key.field) + 1);
    }
  };
  struct Step {
    std::uint32_t transaction = 0;
    bool sum = false;  // by addition
    U256 before;
    U256 after;
  };
  using History = std::vector<Step>;

  void collect(const AccountUse& use, BlockState::Place sender);
  // The steps that made the value at `end` what it is.
  void depend(Key key);
  void depend(const History& history, std::size_t end);
  // On those who gave "at least `threshold`" its answer.
  void depend(Key key, const U256& threshold);
  U256 value(Key key);
  void note(std::vector<Step>& steps, std::vector<Key>& keys, Key key, bool sum);

  BlockState& state_;
  FlatMap<Key, History, KeyHash> histories_;
  std::vector<std::uint32_t> needs_;
};

}  // namespace pel::ledger
