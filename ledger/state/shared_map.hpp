// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "ledger/state/shared_values.hpp"

namespace pel::ledger {

// A FlatMap to which several threads add at once. Positions and references are stable. A lookup
// takes no lock: one probe of 8 bytes and one comparison on average; adding takes one. Entries lie
// in chunks, each twice as large as the one before.
//
// All but clear() and the destructor is thread-safe; what becomes of values is for their own types.
//
// Invariants: (1) an entry is built before its table word is published (release); (2) a table that
// was outgrown stays readable until clear(): who misses there looks again under the lock.
template <class Key, class Value, class Hash = std::hash<Key>>
class SharedMap {
 public:
  using Position = std::uint32_t;
  // No two share a cache line: what one core writes in an entry does not take another from others.
  struct alignas(64) Entry {
    const Key key;
    Value value;
  };
  static constexpr Position kNone = 0xffffffffU;

  SharedMap() { add_table(1024); }
  ~SharedMap() { destroy_entries(); }
  SharedMap(const SharedMap&) = delete;
  SharedMap& operator=(const SharedMap&) = delete;

  Position position(const Key& key) const noexcept {
    return find(*table_.load(std::memory_order_acquire), key, Hash{}(key));
  }
  // The position of `key`, which is added with a default value if need be.
  Position insert(const Key& key) {
    const std::uint64_t hash = Hash{}(key);
    const Position at = find(*table_.load(std::memory_order_acquire), key, hash);
    return at != kNone ? at : add(key, hash);
  }

  Entry& at(Position position) noexcept { return *entry(position); }
  const Entry& at(Position position) const noexcept { return *entry(position); }
  // Positions below it are valid.
  Position size() const noexcept { return size_.load(std::memory_order_acquire); }

  // Forgets all entries; keeps the memory. Nobody else is here. O(size()), or O(table) if that is
  // cheaper: a small block after a large one does not pay for it.
  void clear() noexcept {
    if (tables_.size() > 1) tables_.erase(tables_.begin(), tables_.end() - 1);
    wipe(*tables_.back());
    destroy_entries();
    size_.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t kTagMask = 0xffffffff00000000U;
  static constexpr std::size_t kFirstChunk = 64;

  struct Table {
    explicit Table(std::size_t size)
        : mask(size - 1), words(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}
    std::size_t mask;
    // 0: free; else the hash's high half and position + 1.
    std::unique_ptr<std::atomic<std::uint64_t>[]> words;
  };
  struct Storage {
    alignas(Entry) std::byte bytes[sizeof(Entry)];
  };

  static std::size_t chunk_of(Position position) noexcept {
    return static_cast<std::size_t>(std::bit_width(position + kFirstChunk)) - 7;
  }
  Entry* entry(Position position) const noexcept {
    const std::size_t chunk = chunk_of(position);
    Storage* const first = chunks_[chunk].load(std::memory_order_acquire);
    return reinterpret_cast<Entry*>(first + (position + kFirstChunk - (kFirstChunk << chunk)));
  }

  Position find(const Table& table, const Key& key, std::uint64_t hash) const noexcept {
    for (std::size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
      const std::uint64_t word = table.words[i].load(std::memory_order_acquire);
      if (word == 0) return kNone;
      if (((word ^ hash) & kTagMask) != 0) continue;
      const Position at = static_cast<Position>(word) - 1;
      if (entry(at)->key == key) return at;
    }
  }

  Position add(const Key& key, std::uint64_t hash) {
    const CellGuard guard(lock_);
    if (const Position at = find(*tables_.back(), key, hash); at != kNone) return at;
    const Position at = size_.load(std::memory_order_relaxed);
    if (2 * (std::size_t{at} + 1) > tables_.back()->mask) grow();
    const std::size_t chunk = chunk_of(at);
    if (chunks_[chunk].load(std::memory_order_relaxed) == nullptr) {
      owned_.push_back(std::make_unique_for_overwrite<Storage[]>(kFirstChunk << chunk));
      chunks_[chunk].store(owned_.back().get(), std::memory_order_release);
    }
    ::new (static_cast<void*>(entry(at))) Entry{key, Value{}};
    size_.store(at + 1, std::memory_order_release);
    put(*tables_.back(), hash, at);
    return at;
  }
  static void put(Table& table, std::uint64_t hash, Position at) noexcept {
    std::size_t i = hash & table.mask;
    while (table.words[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & table.mask;
    table.words[i].store((hash & kTagMask) | (std::uint64_t{at} + 1), std::memory_order_release);
  }
  void wipe(Table& table) noexcept {
    if (4 * std::size_t{size()} > table.mask) {
      for (std::size_t i = 0; i <= table.mask; ++i)
        table.words[i].store(0, std::memory_order_relaxed);
      return;
    }
    for (Position at = 0; at < size(); ++at) {
      std::size_t i = Hash{}(entry(at)->key) & table.mask;
      while (static_cast<Position>(table.words[i].load(std::memory_order_relaxed)) != at + 1)
        i = (i + 1) & table.mask;  // what was wiped before lies on the way as a zero
      table.words[i].store(0, std::memory_order_relaxed);
    }
  }
  void grow() {
    Table& table = make_table(2 * (tables_.back()->mask + 1));
    for (Position at = 0; at < size_.load(std::memory_order_relaxed); ++at)
      put(table, Hash{}(entry(at)->key), at);
    table_.store(&table, std::memory_order_release);
  }
  Table& make_table(std::size_t size) {
    tables_.push_back(std::make_unique<Table>(size));
    return *tables_.back();
  }
  void add_table(std::size_t size) { table_.store(&make_table(size), std::memory_order_release); }
  void destroy_entries() noexcept {
    for (Position at = 0; at < size(); ++at) entry(at)->~Entry();
  }

  // Every lookup reads these; what adding writes lies elsewhere.
  alignas(64) std::atomic<Table*> table_{nullptr};
  std::array<std::atomic<Storage*>, 27> chunks_{};
  alignas(64) std::atomic<Position> size_{0};
  CellLock lock_;  // of all below, and of adding
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<std::unique_ptr<Storage[]>> owned_;
};

}  // namespace pel::ledger
