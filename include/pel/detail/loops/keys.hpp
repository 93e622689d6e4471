// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/scratch.hpp"

namespace pel::detail {

inline std::uint64_t mix_hash(std::uint64_t h) noexcept {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93;
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93;
  return h ^ h >> 32;
}

template <class K>
concept HasHash = requires(const K& key) {
  { std::hash<K>{}(key) } -> std::convertible_to<std::size_t>;
};

// std::hash, and pairs, tuples and arrays of what has one.
template <class K>
inline constexpr bool kHashable = HasHash<K>;
template <template <class...> class Tuple, class... Parts>
  requires(!HasHash<Tuple<Parts...>> && requires { std::tuple_size<Tuple<Parts...>>::value; })
inline constexpr bool kHashable<Tuple<Parts...>> = (kHashable<Parts> && ...);
template <template <class, std::size_t> class Array, class Part, std::size_t kSize>
  requires(requires { std::tuple_size<Array<Part, kSize>>::value; })
inline constexpr bool kHashable<Array<Part, kSize>> = kHashable<Part>;

template <class K>
std::uint64_t hash_key(const K& key) {
  if constexpr (HasHash<K>) {
    return mix_hash(static_cast<std::uint64_t>(std::hash<K>{}(key)));
  } else {
    std::uint64_t h = 0x9E3779B97F4A7C15;
    std::apply([&]<class... Parts>(
                   const Parts&... part) { ((h = mix_hash(h + hash_key<Parts>(part))), ...); },
               key);
    return h;
  }
}

}  // namespace pel::detail

namespace pel {

// What groups and joins compare by: == and std::hash (pairs, tuples and arrays of such, too).
template <class K>
concept GroupKey =
    std::equality_comparable<K> && std::copy_constructible<K> && detail::kHashable<K>;

}  // namespace pel

namespace pel::detail {

// Distinct keys, numbered by first appearance. Open addressing, at most half full.
template <class K>
class KeyTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::size_t size() const noexcept { return keys_.size(); }
  K& key(std::size_t id) noexcept { return keys_[id]; }
  std::uint64_t hash(std::size_t id) const noexcept { return hashes_[id]; }

  // Where keys are looked up. A table may borrow the slots of an earlier one, and give them back
  // once nothing more is added or found; keys and hashes stay.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t id = kNone;
  };
  using Slots = std::vector<Slot>;
  void borrow(Slots& slots) {
    slots_.swap(slots);
    slots_.assign(slots_.size(), Slot{});
  }
  void give_back(Slots& slots) noexcept { slots_.swap(slots); }

  // The number of the key; new if it equals size() before the call.
  template <class Key>
  std::uint32_t add(std::uint64_t hash, Key&& key) {
    if (2 * keys_.size() >= slots_.size()) grow();
    const auto tag = static_cast<std::uint32_t>(hash);
    std::size_t at = tag & (slots_.size() - 1);
    for (; slots_[at].id != kNone; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].tag == tag && keys_[slots_[at].id] == key) return slots_[at].id;
    }
    const auto id = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(std::forward<Key>(key));
    hashes_.push_back(hash);
    slots_[at] = {tag, id};
    return id;
  }

  std::uint32_t find(std::uint64_t hash, const K& key) const {
    if (slots_.empty()) return kNone;
    const auto tag = static_cast<std::uint32_t>(hash);
    std::size_t at = tag & (slots_.size() - 1);
    for (; slots_[at].id != kNone; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].tag == tag && keys_[slots_[at].id] == key) return slots_[at].id;
    }
    return kNone;
  }

  void prefetch(std::uint64_t hash) const noexcept {
    if (!slots_.empty()) {
      __builtin_prefetch(&slots_[static_cast<std::uint32_t>(hash) & (slots_.size() - 1)]);
    }
  }

 private:
  void grow() {
    slots_.assign(slots_.empty() ? 64 : 4 * slots_.size(), Slot{});
    for (std::size_t id = 0; id < keys_.size(); ++id) {
      const auto tag = static_cast<std::uint32_t>(hashes_[id]);
      std::size_t at = tag & (slots_.size() - 1);
      while (slots_[at].id != kNone) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {tag, static_cast<std::uint32_t>(id)};
    }
  }

  Slots slots_;
  std::vector<K> keys_;
  std::vector<std::uint64_t> hashes_;
};

// Groups of equal keys over rows in index order, numbered by first appearance, in two levels: the
// distinct keys of each block of kKeyBlock rows ("entries"), then the distinct keys of the entries.
// Entries are numbered block by block, in order of appearance.
inline constexpr std::size_t kKeyBlock = 8192;

template <class K>
class KeyGroups {
 public:
  // Calls on_row(block, row, entry of the row in its block, entry is new), in order in a block.
  template <class KeyOf, class OnRow>
  void number_rows(std::size_t rows, bool serial, KeyOf& key_of, OnRow&& on_row) {
    serial_ = serial;
    blocks_.resize((rows + kKeyBlock - 1) / kKeyBlock);
    Scratch<typename KeyTable<K>::Slots> slots;
    drive(blocks_.size(), serial, [&](std::size_t first, std::size_t last) {
      const auto lease = slots.lease();
      for (std::size_t b = first; b < last; ++b) {
        KeyTable<K>& table = blocks_[b];
        table.borrow(*lease);
        const std::size_t lo = b * kKeyBlock;
        const std::size_t hi = rows - lo < kKeyBlock ? rows : lo + kKeyBlock;
        for (std::size_t i = lo; i < hi; ++i) {
          decltype(auto) key = key_of(i);
          const std::uint64_t hash = hash_key<K>(key);
          const std::size_t before = table.size();
          const std::uint32_t entry = table.add(hash, std::forward<decltype(key)>(key));
          on_row(b, i, entry, table.size() != before);
        }
        table.give_back(*lease);
      }
    });
    first_entry_.assign(blocks_.size() + 1, 0);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      first_entry_[b + 1] = first_entry_[b] + blocks_[b].size();
    }
  }

  std::size_t entries() const noexcept { return first_entry_.back(); }
  std::size_t first_entry(std::size_t block) const noexcept { return first_entry_[block]; }

  // Finds the group of every entry. on_same(block, entry in it, leader block, leader entry) is
  // called for every entry that repeats an earlier one, in entry order for each group.
  template <class OnSame>
  void resolve(OnSame&& on_same) {
    group_of_.resize(entries());
    parts_.clear();
    parts_.resize(entries() <= kOnePart ? 1 : kParts);
    list_entries();
    drive(parts_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) resolve_part(parts_[p], on_same);
    });
    number_groups();
  }

  std::size_t groups() const noexcept { return groups_; }
  // Of an entry, or of a key (groups() if it is not there).
  std::size_t group_of(std::size_t entry) const noexcept { return group_of_[entry]; }
  std::size_t group_of(std::uint64_t hash, const K& key) const {
    const Part& part = parts_[part_of(hash)];
    const std::uint32_t id = part.table.find(hash, key);
    return id == KeyTable<K>::kNone ? groups_ : part.group[id];
  }
  void prefetch(std::uint64_t hash) const noexcept { parts_[part_of(hash)].table.prefetch(hash); }

  // f(group, key, leader block, leader entry), for all groups, several at once.
  template <class F>
  void for_each_group(F&& f) {
    drive(parts_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) {
        Part& part = parts_[p];
        for (std::size_t id = 0; id < part.table.size(); ++id) {
          f(part.group[id], part.table.key(id), part.leader[id].block, part.leader[id].entry);
        }
      }
    });
  }

 private:
  static constexpr std::size_t kOnePart = 1 << 14;
  static constexpr std::size_t kParts = 64;
  struct Place {
    std::uint32_t block, entry;
  };
  struct Part {
    std::vector<Place> places;  // its entries, in entry order
    KeyTable<K> table;
    std::vector<Place> leader;       // of each key: where it appeared first
    std::vector<std::size_t> group;  // of each key
  };

  std::size_t part_of(std::uint64_t hash) const noexcept {
    return parts_.size() == 1 ? 0 : hash >> 58;
  }

  void list_entries() {
    if (parts_.size() == 1) {
      parts_[0].places.reserve(entries());
      for (std::size_t b = 0; b < blocks_.size(); ++b) list_block(b, parts_.data());
      return;
    }
    // Shares of blocks list their entries apart; a part takes them in order.
    const std::size_t shares = blocks_.size() < 64 ? blocks_.size() : 64;
    std::vector<std::vector<Part>> lists(shares);
    drive(shares, serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t s = lo; s < hi; ++s) {
        lists[s].resize(kParts);
        const std::size_t end = (s + 1) * blocks_.size() / shares;
        for (std::size_t b = s * blocks_.size() / shares; b < end; ++b) {
          list_block(b, lists[s].data());
        }
      }
    });
    drive(kParts, serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) {
        for (auto& share : lists) {
          auto& places = share[p].places;
          parts_[p].places.insert(parts_[p].places.end(), places.begin(), places.end());
        }
      }
    });
  }

  void list_block(std::size_t b, Part* parts) {
    for (std::size_t e = 0; e < blocks_[b].size(); ++e) {
      parts[part_of(blocks_[b].hash(e))].places.push_back(
          {static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(e)});
    }
  }

  template <class OnSame>
  void resolve_part(Part& part, OnSame& on_same) {
    for (const Place place : part.places) {
      KeyTable<K>& block = blocks_[place.block];
      const std::size_t before = part.table.size();
      const std::uint32_t id =
          part.table.add(block.hash(place.entry), std::move(block.key(place.entry)));
      group_of_[first_entry_[place.block] + place.entry] = id;
      if (id == before) {
        part.leader.push_back(place);
      } else {
        on_same(place.block, place.entry, part.leader[id].block, part.leader[id].entry);
      }
    }
  }

  // Groups in the order of their leaders: marks leaders, counts them in entry order.
  void number_groups() {
    std::vector<std::size_t> rank(entries(), 0);
    for (Part& part : parts_) {
      for (const Place place : part.leader) rank[first_entry_[place.block] + place.entry] = 1;
    }
    groups_ = 0;
    for (std::size_t& r : rank) groups_ += std::exchange(r, groups_);
    drive(parts_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) {
        Part& part = parts_[p];
        part.group.resize(part.table.size());
        for (std::size_t id = 0; id < part.group.size(); ++id) {
          const Place place = part.leader[id];
          part.group[id] = rank[first_entry_[place.block] + place.entry];
        }
        for (const Place place : part.places) {
          std::size_t& group = group_of_[first_entry_[place.block] + place.entry];
          group = part.group[group];
        }
        part.places = {};
      }
    });
  }

  bool serial_ = false;
  std::size_t groups_ = 0;
  std::vector<KeyTable<K>> blocks_;
  std::vector<std::size_t> first_entry_;
  std::vector<std::size_t> group_of_;
  std::vector<Part> parts_;
};

}  // namespace pel::detail
