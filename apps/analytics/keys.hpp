// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pel::apps::analytics {

// Numbers equal keys: the hash table behind group-by and join. Rows are dealt to partitions by a
// hash of their key; each partition has a table of its own, filled in row order, so partitions can
// be built at once. Groups are numbered by their first row: no number depends on a hash.
class KeyTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kPartitions = 64;

  // O(rows). Fewer than 2^32 - 1 rows.
  template <class Loops>
  static KeyTable build(std::span<const std::uint64_t> keys);

  std::size_t groups() const { return first_rows_.size(); }
  std::uint32_t group_of(std::size_t row) const { return group_of_row_[row]; }
  std::uint32_t first_row(std::uint32_t group) const { return first_rows_[group]; }

  // The rows of one partition, ascending. All rows of a group are in one partition, so that work
  // per partition may write to its groups without a lock.
  std::span<const std::uint32_t> partition(std::size_t p) const {
    return {rows_.data() + bounds_[p], bounds_[p + 1] - bounds_[p]};
  }

  // The group of a key, kNone if no row has it. O(1) expected.
  std::uint32_t find(std::uint64_t key) const {
    const std::uint64_t hash = mixed(key);
    const auto& slots = slots_[partition_of(hash)];
    if (slots.empty()) return kNone;
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      if (slots[at].group == kNone || slots[at].key == key) return slots[at].group;
    }
  }

 private:
  static constexpr std::size_t kBlock = 1 << 15;  // rows dealt by one loop step
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t group = kNone;
  };

  // The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
  static constexpr std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }
  static constexpr std::size_t partition_of(std::uint64_t hash) { return hash >> 58; }

  template <class Loops>
  void deal(std::span<const std::uint64_t> keys);
  // Fills a partition's table with numbers of its own; returns the first row of each.
  std::vector<std::uint32_t> number(std::size_t p, std::span<const std::uint64_t> keys);

  std::vector<std::uint32_t> rows_;
  std::vector<std::size_t> bounds_;
  std::vector<std::vector<Slot>> slots_;
  std::vector<std::uint32_t> group_of_row_, first_rows_;
};

template <class Loops>
void KeyTable::deal(std::span<const std::uint64_t> keys) {
  const std::size_t blocks = (keys.size() + kBlock - 1) / kBlock;
  std::vector<std::size_t> starts(kPartitions * blocks);  // partition by partition
  Loops::for_each(blocks, [&](std::size_t b) {
    std::size_t counts[kPartitions] = {};
    const std::size_t end = std::min(keys.size(), (b + 1) * kBlock);
    for (std::size_t i = b * kBlock; i < end; ++i) ++counts[partition_of(mixed(keys[i]))];
    for (std::size_t p = 0; p < kPartitions; ++p) starts[p * blocks + b] = counts[p];
  });
  bounds_.assign(kPartitions + 1, keys.size());
  std::size_t sum = 0;
  for (std::size_t p = 0; p < kPartitions; ++p) {
    bounds_[p] = sum;
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t count = starts[p * blocks + b];
      starts[p * blocks + b] = sum;
      sum += count;
    }
  }
  rows_.resize(keys.size());
  Loops::for_each(blocks, [&](std::size_t b) {
    std::size_t next[kPartitions];
    for (std::size_t p = 0; p < kPartitions; ++p) next[p] = starts[p * blocks + b];
    const std::size_t end = std::min(keys.size(), (b + 1) * kBlock);
    for (std::size_t i = b * kBlock; i < end; ++i) {
      rows_[next[partition_of(mixed(keys[i]))]++] = static_cast<std::uint32_t>(i);
    }
  });
}

inline std::vector<std::uint32_t> KeyTable::number(std::size_t p,
                                                   std::span<const std::uint64_t> keys) {
  std::vector<std::uint32_t> first;
  auto& slots = slots_[p];
  slots.assign(64, {});
  for (const std::uint32_t row : partition(p)) {
    if (2 * (first.size() + 1) > slots.size()) {
      std::vector<Slot> wider(2 * slots.size());
      for (const Slot& slot : slots) {
        if (slot.group == kNone) continue;
        std::size_t at = mixed(slot.key) & (wider.size() - 1);
        while (wider[at].group != kNone) at = (at + 1) & (wider.size() - 1);
        wider[at] = slot;
      }
      slots.swap(wider);
    }
    const std::uint64_t key = keys[row];
    const std::size_t mask = slots.size() - 1;
    std::size_t at = mixed(key) & mask;
    while (slots[at].group != kNone && slots[at].key != key) at = (at + 1) & mask;
    if (slots[at].group == kNone) {
      slots[at] = {key, static_cast<std::uint32_t>(first.size())};
      first.push_back(row);
    }
    group_of_row_[row] = slots[at].group;
  }
  return first;
}

template <class Loops>
KeyTable KeyTable::build(std::span<const std::uint64_t> keys) {
  KeyTable table;
  table.deal<Loops>(keys);
  table.slots_.resize(kPartitions);
  table.group_of_row_.resize(keys.size());
  std::vector<std::vector<std::uint32_t>> firsts(kPartitions);
  Loops::for_each(kPartitions, [&](std::size_t p) { firsts[p] = table.number(p, keys); });
  // A group's number is the rank of its first row.
  for (const auto& first : firsts) {
    table.first_rows_.insert(table.first_rows_.end(), first.begin(), first.end());
  }
  Loops::sort(table.first_rows_);
  Loops::for_each(kPartitions, [&](std::size_t p) {
    std::vector<std::uint32_t> rank(firsts[p].size());
    for (std::size_t g = 0; g < rank.size(); ++g) {
      rank[g] = static_cast<std::uint32_t>(
          std::lower_bound(table.first_rows_.begin(), table.first_rows_.end(), firsts[p][g]) -
          table.first_rows_.begin());
    }
    for (Slot& slot : table.slots_[p]) {
      if (slot.group != kNone) slot.group = rank[slot.group];
    }
    for (const std::uint32_t row : table.partition(p)) {
      table.group_of_row_[row] = rank[table.group_of_row_[row]];
    }
  });
  return table;
}

}  // namespace pel::apps::analytics
