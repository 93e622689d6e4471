// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

#include "pel/detail/loops/room.hpp"

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
  // A bool in a vector would have no address.
  struct Cell {
    K key;
  };

  std::size_t size() const noexcept { return cells_.size(); }
  K& key(std::size_t id) noexcept { return cells_[id].key; }
  RoomVector<Cell>& cells() noexcept { return cells_; }
  const RoomVector<std::uint64_t>& hashes() const noexcept { return hashes_; }

  // Forgets the keys, keeps the room.
  void clear() noexcept {
    if (cells_.empty()) return;
    for (Slot& slot : slots_) slot = Slot{};
    cells_.clear();
    hashes_.clear();
  }

  // The number of the key; new if it equals size() before the call.
  template <class Key>
  std::uint32_t add(std::uint64_t hash, Key&& key) {
    if (2 * cells_.size() >= slots_.size()) [[unlikely]]
      grow();
    const auto tag = static_cast<std::uint32_t>(hash);
    const std::size_t mask = slots_.size() - 1;
    Slot* const slots = slots_.data();
    const Cell* const cells = cells_.data();
    std::size_t at = tag & mask;
    for (; slots[at].id != kNone; at = (at + 1) & mask) {
      if (slots[at].tag == tag && cells[slots[at].id].key == key) return slots[at].id;
    }
    const auto id = static_cast<std::uint32_t>(cells_.size());
    hashes_.push_back(hash);
    try {
      cells_.push_back({K(std::forward<Key>(key))});
    } catch (...) {
      hashes_.pop_back();
      throw;
    }
    slots[at] = {tag, id};
    return id;
  }

  // The number of the key that same(number) is true for, or kNone.
  template <class Same>
  std::uint32_t find_if(std::uint64_t hash, Same&& same) const {
    if (slots_.empty()) return kNone;
    const auto tag = static_cast<std::uint32_t>(hash);
    std::size_t at = tag & (slots_.size() - 1);
    for (; slots_[at].id != kNone; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].tag == tag && same(slots_[at].id)) return slots_[at].id;
    }
    return kNone;
  }

  // The first key that may be it, or kNone.
  std::uint32_t candidate(std::uint64_t hash) const noexcept {
    return find_if(hash, [](std::uint32_t) { return true; });
  }

  void prefetch(std::uint64_t hash) const noexcept {
    if (!slots_.empty()) {
      __builtin_prefetch(&slots_[static_cast<std::uint32_t>(hash) & (slots_.size() - 1)]);
    }
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t id = kNone;
  };

  void grow() {
    slots_.assign(slots_.empty() ? 64 : 4 * slots_.size(), Slot{});
    for (std::size_t id = 0; id < cells_.size(); ++id) {
      const auto tag = static_cast<std::uint32_t>(hashes_[id]);
      std::size_t at = tag & (slots_.size() - 1);
      while (slots_[at].id != kNone) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {tag, static_cast<std::uint32_t>(id)};
    }
  }

  RoomVector<Slot> slots_;
  RoomVector<Cell> cells_;
  RoomVector<std::uint64_t> hashes_;
};

// Adds the keys of a batch of rows to a table; the cache misses of small keys overlap. An error is
// that of the first row that has one.
template <class K>
class KeyBatch {
 public:
  static constexpr std::size_t kRows = 32;

  // For 0 <= r < count <= kRows, in order: use(r, the number of key_at(r), whether it is new).
  // hash_at(r, key) is the key's hash.
  template <class KeyAt, class HashAt, class Use>
  void add(KeyTable<K>& table, std::size_t count, KeyAt&& key_at, HashAt&& hash_at, Use&& use) {
    if constexpr (kAtOnce) {
      K keys[kRows];
      std::uint64_t hashes[kRows];
      std::size_t got = 0;
      std::exception_ptr error;
      try {
        for (; got < count; ++got) {
          keys[got] = key_at(got);
          hashes[got] = hash_at(got, keys[got]);
          table.prefetch(hashes[got]);
        }
      } catch (...) {
        error = std::current_exception();
      }
      for (at_ = 0; at_ < got; ++at_) add_one(table, hashes[at_], keys[at_], use);
      if (error) std::rethrow_exception(error);
    } else {
      for (at_ = 0; at_ < count; ++at_) {
        auto&& key = key_at(at_);
        const std::uint64_t hash = hash_at(at_, key);
        add_one(table, hash, std::forward<decltype(key)>(key), use);
      }
    }
  }

  // The row whose error ended add().
  std::size_t at() const noexcept { return at_; }

 private:
  static constexpr bool kAtOnce =
      std::is_trivially_copyable_v<K> && std::is_default_constructible_v<K> && sizeof(K) <= 16;

  template <class Key, class Use>
  void add_one(KeyTable<K>& table, std::uint64_t hash, Key&& key, Use& use) {
    const std::size_t before = table.size();
    const std::uint32_t entry = table.add(hash, std::forward<Key>(key));
    use(at_, entry, entry == before);
  }

  std::size_t at_ = 0;
};

inline constexpr std::uint16_t kNoEntry = 0xffff;

// The numbers of small integer keys, found without a hash: a quick way past the table.
template <class K>
class SmallKeys {
 public:
  static constexpr bool kUsed = std::is_integral_v<K>;

  // For so many rows: a table that is larger would cost more to clear than it saves.
  explicit SmallKeys(std::size_t rows = kMostRoom)
      : entry_(kUsed ? std::bit_ceil(rows < kMostRoom ? rows + 1 : kMostRoom) : 0, kNoEntry) {}

  // Looks keys up while none is added.
  class View {
   public:
    explicit View(const std::vector<std::uint16_t>& entry) noexcept
        : entry_(entry.data()), room_(entry.size()) {}
    // kNoEntry when the key is not known; the table may know it.
    std::uint16_t find(K key) const noexcept {
      const auto at = static_cast<std::uint64_t>(key);
      return at < room_ ? entry_[at] : kNoEntry;
    }

   private:
    const std::uint16_t* entry_;
    std::size_t room_;
  };
  View view() const noexcept { return View(entry_); }
  void add(K key, std::uint32_t entry) noexcept {
    const auto at = static_cast<std::uint64_t>(key);
    if (at < entry_.size() && entry <= kNoEntry) entry_[at] = static_cast<std::uint16_t>(entry);
  }
  // Forgets these keys, which are all that were added.
  template <class Cells>
  void forget(const Cells& cells) noexcept {
    for (const auto& cell : cells) add(cell.key, kNoEntry);
  }

 private:
  static constexpr std::size_t kMostRoom = 8192;
  std::vector<std::uint16_t> entry_;
};

// The distinct keys of some rows, numbered by first appearance ("entries").
template <class K>
struct EntryTable {
  explicit EntryTable(std::size_t rows = ~std::size_t{0}) : small(rows) {}

  // Hands rows lo <= i < hi to a visitor: runs of rows whose keys are known to `small` as
  // known_rows(lo, hi, find), which ends before the first row that find(i) gives kNoEntry for, and
  // the other rows as row(i, entry, whether it is new).
  template <class KeyOf, class KnownRows, class Row>
  void each_row(std::size_t lo, std::size_t hi, KeyOf& key_of, KnownRows&& known_rows, Row&& row) {
    while (lo < hi) {
      const std::size_t end = hi - lo < kTurn ? hi : lo + kTurn;
      bool known = false;
      if constexpr (SmallKeys<K>::kUsed) {
        known = unknown_turns_ == 0;
        if (known) known_turn(lo, end, key_of, known_rows, row);
      }
      if (!known) {
        if (unknown_turns_ != 0) --unknown_turns_;
        for (; lo < end; lo += KeyBatch<K>::kRows) add_rows(lo, end, key_of, row);
      }
      lo = end;
    }
  }

  KeyTable<K> table;
  SmallKeys<K> small;

 private:
  static constexpr std::size_t kTurn = 1024;         // rows
  static constexpr std::uint32_t kMostUnknown = 64;  // turns

  // Looks for known rows first. That pays where nearly all are; else it is left for some turns,
  // for twice as many each time.
  template <class KeyOf, class KnownRows, class Row>
  void known_turn(std::size_t lo, std::size_t hi, KeyOf& key_of, KnownRows& known_rows, Row& row) {
    std::size_t unknown = 0;
    const std::size_t rows = hi - lo;
    while (true) {
      K key{};
      const auto view = small.view();
      lo = known_rows(lo, hi, [&](std::size_t i) { return view.find(key = key_of(i)); });
      if (lo == hi) break;
      const std::uint64_t hash = hash_key<K>(key);
      const std::size_t before = table.size();
      const std::uint32_t entry = table.add(hash, key);
      if (entry == before) small.add(key, entry);
      row(lo, entry, entry == before);
      ++unknown, ++lo;
    }
    if (unknown > rows / 8) {
      unknown_turns_ = next_unknown_turns_;
      if (next_unknown_turns_ < kMostUnknown) next_unknown_turns_ *= 2;
    } else {
      next_unknown_turns_ = 1;
    }
  }

  template <class KeyOf, class Row>
  void add_rows(std::size_t lo, std::size_t hi, KeyOf& key_of, Row& row) {
    const std::size_t count = hi - lo < KeyBatch<K>::kRows ? hi - lo : KeyBatch<K>::kRows;
    KeyBatch<K>().add(
        table, count, [&](std::size_t r) -> decltype(auto) { return key_of(lo + r); },
        [](std::size_t, const K& key) { return hash_key<K>(key); },
        [&](std::size_t r, std::uint32_t entry, bool is_new) {
          if constexpr (SmallKeys<K>::kUsed) {
            if (is_new) small.add(table.key(entry), entry);
          }
          row(lo + r, entry, is_new);
        });
  }

  std::uint32_t unknown_turns_ = 0;  // for which known rows are not looked for
  std::uint32_t next_unknown_turns_ = 1;
};

}  // namespace pel::detail
