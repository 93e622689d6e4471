// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pel/detail/speculation/cell.hpp"

namespace pel::detail::spec {

// Keys to cells. Finding takes no lock; adding takes its shard's. Open addressing, at most half
// full; a shard that grows publishes a larger array and keeps the old one for those who are still
// reading it: who misses there looks again under the lock. Cells never move.
template <class P, class Key, class Value>
class Table {
 public:
  using CellType = Cell<P, Key, Value>;

  Table() = default;
  ~Table() { clear(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // The cell of the key, which it makes in the caller's arena if there is none.
  CellType& at(std::uint64_t hash, const Key& key, Arena& arena) {
    Shard& shard = shards_[hash >> kShift];
    const Slots* slots = shard.slots.load(kAcquire);
    if (slots != nullptr) {
      if (CellType* cell = find(*slots, hash, key)) return *cell;
    }
    return add(shard, hash, key, arena);
  }

  // f(cell), in any order; nobody else is here.
  template <class F>
  void for_each(F&& f) {
    for (Shard& shard : shards_) {
      for (CellType* cell : shard.cells) f(*cell);
    }
  }

  // Destroys all cells; nobody else is here.
  void clear() noexcept {
    for (Shard& shard : shards_) {
      for (CellType* cell : shard.cells) {
        cell->versions.clear();
        cell->readers.clear();
        cell->askers.clear();
        cell->~CellType();
      }
      shard.cells.clear();
      if (shard.arrays.empty()) continue;
      shard.arrays.erase(shard.arrays.begin(), shard.arrays.end() - 1);
      Slots& slots = *shard.arrays.back();
      for (std::uint64_t i = 0; i <= slots.mask; ++i) slots.cells[i].store(nullptr, kRelaxed);
    }
  }

 private:
  static constexpr int kShards = 16;
  static constexpr int kShift = 60;
  struct Slots {
    explicit Slots(std::uint64_t size) : mask(size - 1), cells(new Entry[size]) {}
    const std::uint64_t mask;
    using Entry = typename P::template Atomic<CellType*>;
    std::unique_ptr<Entry[]> cells;
  };
  struct alignas(64) Shard {
    typename P::template Atomic<Slots*> slots{nullptr};
    CellLock<P> lock;
    std::vector<CellType*> cells;
    std::vector<std::unique_ptr<Slots>> arrays;  // the last one is current
  };

  static CellType* find(const Slots& slots, std::uint64_t hash, const Key& key) {
    for (std::uint64_t at = hash & slots.mask;; at = (at + 1) & slots.mask) {
      CellType* cell = slots.cells[at].load(kAcquire);
      if (cell == nullptr || (cell->hash == hash && cell->key == key)) return cell;
    }
  }
  static void place(Slots& slots, CellType* cell) noexcept {
    std::uint64_t at = cell->hash & slots.mask;
    while (slots.cells[at].load(kRelaxed) != nullptr) at = (at + 1) & slots.mask;
    slots.cells[at].store(cell, kRelease);
  }

  CellType& add(Shard& shard, std::uint64_t hash, const Key& key, Arena& arena) {
    Guard<CellLock<P>> guard(shard.lock);
    if (!shard.arrays.empty()) {
      if (CellType* cell = find(*shard.arrays.back(), hash, key)) return *cell;
    }
    if (shard.arrays.empty() || 2 * (shard.cells.size() + 1) > shard.arrays.back()->mask) {
      grow(shard);
    }
    void* room = arena.take(sizeof(CellType), alignof(CellType) < 64 ? 64 : alignof(CellType));
    shard.cells.push_back(::new (room) CellType(key, hash));
    place(*shard.arrays.back(), shard.cells.back());
    return *shard.cells.back();
  }
  void grow(Shard& shard) {
    const std::uint64_t size = shard.arrays.empty() ? 64 : 4 * (shard.arrays.back()->mask + 1);
    auto larger = std::make_unique<Slots>(size);
    for (CellType* cell : shard.cells) place(*larger, cell);
    shard.slots.store(larger.get(), kRelease);
    shard.arrays.push_back(std::move(larger));
  }

  Shard shards_[kShards];
};

}  // namespace pel::detail::spec
