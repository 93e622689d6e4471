// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
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
  // A bool in a vector would have no address.
  struct Cell {
    K key;
  };

  std::size_t size() const noexcept { return cells_.size(); }
  K& key(std::size_t id) noexcept { return cells_[id].key; }
  std::vector<Cell>& cells() noexcept { return cells_; }
  const std::vector<std::uint64_t>& hashes() const noexcept { return hashes_; }

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

  std::vector<Slot> slots_;
  std::vector<Cell> cells_;
  std::vector<std::uint64_t> hashes_;
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
    const auto add_row = [&](auto&& key) { add(key, [&](auto... found) { row(lo, found...); }); };
    if constexpr (SmallKeys<K>::kUsed) {
      while (lo < hi) {
        K key{};
        const auto view = small.view();
        lo = known_rows(lo, hi, [&](std::size_t i) { return view.find(key = key_of(i)); });
        if (lo == hi) return;
        add_row(key);
        ++lo;
      }
    } else {
      for (; lo < hi; ++lo) add_row(key_of(lo));
    }
  }

  KeyTable<K> table;
  SmallKeys<K> small;

 private:
  // use(entry of the key, whether it is new)
  template <class Key, class Use>
  void add(Key&& key, Use&& use) {
    const std::uint64_t hash = hash_key<K>(key);
    const std::size_t before = table.size();
    const std::uint32_t entry = table.add(hash, std::forward<Key>(key));
    if constexpr (SmallKeys<K>::kUsed) {
      if (entry == before) small.add(table.key(entry), entry);
    }
    use(entry, entry == before);
  }
};

// reduce_by_key folds from the left inside blocks of so many rows: part of its result's shape.
inline constexpr std::size_t kKeyBlock = 8192;
inline constexpr std::size_t kOnePartRows = 1 << 15;  // so few groups need no parts
// One table for all rows costs least while they are too few to be worth sharing.
inline constexpr std::uint64_t kBriefRows = 40 * kWorthSplitting;

// Small numbers by the part of a hash that they belong to, in order inside each part.
class PartOrder {
 public:
  static constexpr std::size_t kParts = 64;

  // part_of(i) for 0 <= i < n.
  template <class PartOf>
  void sort(std::size_t n, std::size_t parts, PartOf&& part_of) {
    order_.resize(n);
    std::uint32_t next[kParts] = {};
    for (std::size_t i = 0; i < n; ++i) ++next[part_of(i)];
    ends_.resize(parts);
    std::uint32_t sum = 0;
    for (std::size_t p = 0; p < parts; ++p) {
      sum += std::exchange(next[p], sum);
      ends_[p] = sum;
    }
    for (std::size_t i = 0; i < n; ++i) {
      order_[next[part_of(i)]++] = static_cast<std::uint32_t>(i);
    }
  }

  // The number at a place of the order.
  std::size_t operator[](std::size_t place) const noexcept { return order_[place]; }
  std::size_t size() const noexcept { return order_.size(); }
  // The places of a part are [begin(part), end(part)).
  std::size_t begin(std::size_t part) const noexcept { return part == 0 ? 0 : ends_[part - 1]; }
  std::size_t end(std::size_t part) const noexcept { return ends_[part]; }

 private:
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> ends_;
};

// Groups of equal keys over rows in index order, numbered by first appearance, in two levels: the
// distinct keys of stretches of rows ("entries" of a stretch, in order of appearance), then the
// distinct keys of all entries, in parts by the top bits of the hash. A stretch ends after
// kStretchKeys distinct keys, at the next block of kKeyBlock rows, so that its table stays in the
// cache; where it ends depends on the keys alone, and no result depends on it.
//
// Visitor, what a caller keeps with the rows:
//   Work      kept by who reads rows; clear() is called before each stretch
//   Stretch   kept for good with a stretch
//   Part      kept with a part of the groups
//   open(work, whether row 0 is in the stretch); row(work, i, entry, is_new); known_rows(work, lo,
//   hi, find), see EntryTable; end_block(work, stretch); close(work, stretch, order, parts,
//   part_of) resolve(stretch, part number, part, local): local[entry] is the part's number of its
//   group
template <class K, class Visitor>
class KeyGroups {
 public:
  struct Stretch {
    std::size_t begin, end;            // rows
    std::vector<std::uint32_t> place;  // of each entry, in the order of parts
    // In that order, so that a part reads what is its own and nothing else:
    PartOrder order;  // the entries
    std::vector<typename KeyTable<K>::Cell> cells;
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> local;     // the group's number in its part
    std::vector<unsigned char> is_first;  // no earlier stretch has the key
    std::size_t groups = 0;               // entries that are first
    typename Visitor::Stretch own;
  };
  struct Part {
    KeyTable<K> table;
    std::vector<std::size_t> group;  // of each key of the table
    typename Visitor::Part own;
  };

  KeyGroups(Visitor& visitor, bool serial) noexcept : visitor_(visitor), serial_(serial) {}

  template <class KeyOf>
  void run(std::size_t rows, KeyOf& key_of) {
    number_rows(rows, key_of);
    for (auto& share : shares_) {
      for (Stretch& stretch : share) stretches_.push_back(&stretch);
    }
    drive(parts_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) resolve(p);
    });
    number_groups();
  }

  std::size_t groups() const noexcept { return groups_; }
  std::size_t parts() const noexcept { return parts_.size(); }
  Part& part(std::size_t p) noexcept { return parts_[p]; }
  const Part& part(std::size_t p) const noexcept { return parts_[p]; }
  std::size_t part_of(std::uint64_t hash) const noexcept {
    return parts_.size() == 1 ? 0 : hash >> 58;
  }

  // f(part, number in it, group), for all groups, several parts at once.
  template <class F>
  void for_each_group(F&& f) {
    drive(parts_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) {
        for (std::size_t id = 0; id < parts_[p].group.size(); ++id) {
          f(parts_[p], id, parts_[p].group[id]);
        }
      }
    });
  }

  // f(stretch), several at once. part_at() finds the part of the entry at a place.
  template <class F>
  void for_each_stretch(F&& f) {
    drive(stretches_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t s = lo; s < hi; ++s) f(*stretches_[s]);
    });
  }
  Part& part_at(const Stretch& stretch, std::size_t place) noexcept {
    return parts_[part_of(stretch.hashes[place])];
  }

 private:
  static constexpr std::size_t kStretchKeys = 8192;
  static constexpr std::size_t kShareBlocks = 8;
  struct Work {
    EntryTable<K> keys;
    typename Visitor::Work own;
  };

  template <class KeyOf>
  void number_rows(std::size_t rows, KeyOf& key_of) {
    parts_.resize(rows <= kOnePartRows ? 1 : PartOrder::kParts);
    const std::size_t blocks = (rows + kKeyBlock - 1) / kKeyBlock;
    static Cost row_cost;
    const bool brief = row_cost.load() != 0 && row_cost.load() * rows / 16 < kBriefRows;
    const bool alone = serial_ || worker_limit() == 1;
    std::size_t share = blocks;
    if (!brief && !alone) share = blocks / 4 < kShareBlocks ? blocks / 4 : kShareBlocks;
    if (share < 1) share = 1;
    shares_.resize((blocks + share - 1) / share);
    Scratch<Work> works;
    drive(shares_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      const auto work = works.lease();
      for (std::size_t s = lo; s < hi; ++s) {
        const std::size_t begin = s * share * kKeyBlock;
        const std::size_t end = rows - begin < share * kKeyBlock ? rows : begin + share * kKeyBlock;
        const std::uint64_t before = ticks();
        number_share(*work, shares_[s], {begin, end, rows}, key_of);
        row_cost.store(16 * (ticks() - before) / (end - begin) + 1);
      }
    });
  }

  struct Span {
    std::size_t begin, end, rows;  // rows: of all spans
  };

  template <class KeyOf>
  void number_share(Work& work, std::vector<Stretch>& share, Span span, KeyOf& key_of) {
    auto [begin, end, rows] = span;
    while (begin < end) {
      // A holder that ended with an error may have left something.
      if (work.keys.table.size() != 0) work = Work();
      work.own.clear();
      share.emplace_back();
      Stretch& stretch = share.back();
      stretch.begin = begin;
      visitor_.open(work.own, begin == 0);
      do {
        const std::size_t last = end - begin < kKeyBlock ? end : begin + kKeyBlock;
        work.keys.each_row(
            begin, last, key_of,
            [&](std::size_t lo, std::size_t hi, const auto& find) {
              return visitor_.known_rows(work.own, lo, hi, find);
            },
            [&](std::size_t i, std::uint32_t entry, bool is_new) {
              visitor_.row(work.own, i, entry, is_new);
            });
        begin = last;
        visitor_.end_block(work.own, stretch.own);
      } while (begin < end && work.keys.table.size() < kStretchKeys);
      stretch.end = begin;
      close(work, stretch, stretch.begin == 0 && begin == rows && parts_.size() == 1);
    }
  }

  void close(Work& work, Stretch& stretch, bool only) {
    KeyTable<K>& table = work.keys.table;
    auto& cells = table.cells();
    const std::size_t entries = cells.size();
    if constexpr (SmallKeys<K>::kUsed) work.keys.small.forget(cells);
    const std::vector<std::uint64_t>& hashes = table.hashes();
    stretch.order.sort(entries, parts_.size(), [&](std::size_t e) { return part_of(hashes[e]); });
    stretch.place.resize(entries);
    stretch.hashes.resize(entries);
    for (std::size_t at = 0; at < entries; ++at) {
      stretch.place[stretch.order[at]] = static_cast<std::uint32_t>(at);
      stretch.hashes[at] = hashes[stretch.order[at]];
    }
    if (only) {
      // One stretch and one part: its table is the part's.
      parts_[0].table = std::move(table);
    } else {
      stretch.cells.reserve(entries);
      for (std::size_t at = 0; at < entries; ++at) {
        stretch.cells.push_back(std::move(cells[stretch.order[at]]));
      }
    }
    visitor_.close(work.own, stretch.own, stretch.order, parts_.size(),
                   [&](std::size_t e) { return part_of(stretch.hashes[stretch.place[e]]); });
    table.clear();
    stretch.local.resize(entries);
    stretch.is_first.resize(entries);
  }

  void resolve(std::size_t p) {
    Part& part = parts_[p];
    const bool adopted = part.table.size() != 0;
    for (std::size_t s = 0; s < stretches_.size(); ++s) {
      Stretch& stretch = *stretches_[s];
      for (std::size_t at = stretch.order.begin(p); at < stretch.order.end(p); ++at) {
        const std::size_t before = adopted ? at : part.table.size();
        stretch.local[at] = static_cast<std::uint32_t>(
            adopted ? at : part.table.add(stretch.hashes[at], std::move(stretch.cells[at].key)));
        stretch.is_first[at] = stretch.local[at] == before;
      }
      visitor_.resolve(stretch.own, s, p, part.own, stretch);
    }
    part.group.resize(part.table.size());
  }

  // Groups in the order in which their keys appear first.
  void number_groups() {
    for_each_stretch([](Stretch& stretch) {
      for (const unsigned char first : stretch.is_first) stretch.groups += first;
    });
    for (Stretch* stretch : stretches_) groups_ += std::exchange(stretch->groups, groups_);
    for_each_stretch([this](Stretch& stretch) {
      std::vector<std::uint32_t> number(stretch.place.size());
      std::uint32_t firsts = 0;
      for (const std::uint32_t at : stretch.place) {
        if (stretch.is_first[at] != 0) number[at] = firsts++;
      }
      for (std::size_t at = 0; at < number.size(); ++at) {
        if (stretch.is_first[at] != 0) {
          part_at(stretch, at).group[stretch.local[at]] = stretch.groups + number[at];
        }
      }
    });
  }

  Visitor& visitor_;
  bool serial_;
  std::size_t groups_ = 0;
  std::vector<std::vector<Stretch>> shares_;
  std::vector<Stretch*> stretches_;  // all, in row order
  std::vector<Part> parts_;
};

}  // namespace pel::detail
