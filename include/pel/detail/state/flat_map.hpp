// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace pel::ledger {

// A hash map for keys that are never removed one by one: a dense array of entries in insertion
// order, found through a table of 32-bit tags and positions. Iteration order is insertion order, so
// nothing depends on hashes. Positions are stable; references move when it grows. Up to 2^32 - 2
// entries. Lookups cost one probe of 8 bytes and one comparison on average.
template <class Key, class Value, class Hash = std::hash<Key>>
class FlatMap {
 public:
  struct Entry {
    Key key;
    Value value;
  };
  static constexpr std::uint32_t kNone = 0xffffffffU;

  // The position of `key`, or kNone.
  std::uint32_t position(const Key& key) const noexcept {
    if (entries_.empty()) return kNone;
    const std::uint64_t hash = Hash{}(key);
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const std::uint64_t slot = table_[i];
      if (slot == 0) return kNone;
      if (tag_of(slot) != tag_of(hash)) continue;
      const std::uint32_t at = position_of(slot);
      if (entries_[at].key == key) return at;
    }
  }

  const Value* find(const Key& key) const noexcept {
    const std::uint32_t at = position(key);
    return at == kNone ? nullptr : &entries_[at].value;
  }
  Value* find(const Key& key) noexcept {
    const std::uint32_t at = position(key);
    return at == kNone ? nullptr : &entries_[at].value;
  }

  // The position of `key`, which is added with a default value if need be; true if it was.
  std::pair<std::uint32_t, bool> insert(const Key& key) {
    if (2 * (entries_.size() + 1) > table_.size()) grow();
    const std::uint64_t hash = Hash{}(key);
    std::size_t i = hash & mask_;
    for (; table_[i] != 0; i = (i + 1) & mask_) {
      if (tag_of(table_[i]) != tag_of(hash)) continue;
      const std::uint32_t at = position_of(table_[i]);
      if (entries_[at].key == key) return {at, false};
    }
    const auto at = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({key, Value{}});
    table_[i] = (hash & kTagMask) | (std::uint64_t{at} + 1);
    return {at, true};
  }
  Value& operator[](const Key& key) { return entries_[insert(key).first].value; }

  Entry& at(std::uint32_t position) noexcept { return entries_[position]; }
  const Entry& at(std::uint32_t position) const noexcept { return entries_[position]; }

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  auto begin() noexcept { return entries_.begin(); }
  auto end() noexcept { return entries_.end(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

  // Forgets all entries; keeps the memory.
  void clear() noexcept {
    if (entries_.empty()) return;
    entries_.clear();
    std::fill(table_.begin(), table_.end(), 0);
  }
  void reserve(std::size_t count) {
    entries_.reserve(count);
    while (2 * count > table_.size()) grow();
  }

 private:
  static constexpr std::uint64_t kTagMask = 0xffffffff00000000U;
  static std::uint64_t tag_of(std::uint64_t word) noexcept { return word & kTagMask; }
  static std::uint32_t position_of(std::uint64_t slot) noexcept {
    return static_cast<std::uint32_t>(slot) - 1;
  }

  void grow() {
    const std::size_t size = table_.empty() ? 16 : 2 * table_.size();
    table_.assign(size, 0);
    mask_ = size - 1;
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      const std::uint64_t hash = Hash{}(entries_[at].key);
      std::size_t i = hash & mask_;
      while (table_[i] != 0) i = (i + 1) & mask_;
      table_[i] = (hash & kTagMask) | (at + 1);
    }
  }

  std::vector<Entry> entries_;
  std::vector<std::uint64_t> table_;  // 0: free; else the hash's high half and position + 1
  std::size_t mask_ = 0;
};

}  // namespace pel::ledger
