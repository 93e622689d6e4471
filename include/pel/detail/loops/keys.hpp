// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/key_parts.hpp"
#include "pel/detail/loops/key_table.hpp"
#include "pel/detail/loops/scratch.hpp"

namespace pel::detail {

inline constexpr std::size_t kOnePartRows = 1 << 15;  // so few groups need no parts
// One table for all rows costs least while they are too few to be worth sharing.
inline constexpr std::uint64_t kBriefRows = 40 * kWorthSplitting;

// Small numbers by the part of a hash that they belong to, in order inside each part.
class PartOrder {
 public:
  // part_of(i) for 0 <= i < n.
  template <class PartOf>
  void sort(std::size_t n, std::size_t parts, PartOf&& part_of) {
    order_.resize(n);
    std::uint32_t next[kMostParts] = {};
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
  RoomVector<std::uint32_t> order_;
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
    std::size_t begin, end;           // rows
    RoomVector<std::uint32_t> place;  // of each entry, in the order of parts
    // In that order, so that a part reads what is its own and nothing else:
    PartOrder order;  // the entries
    RoomVector<typename KeyTable<K>::Cell> cells;
    RoomVector<std::uint64_t> hashes;
    RoomVector<std::uint32_t> local;     // the group's number in its part
    RoomVector<unsigned char> is_first;  // no earlier stretch has the key
    std::size_t groups = 0;              // entries that are first
    typename Visitor::Stretch own;
  };
  using Part = KeyPart<K, Visitor>;

  KeyGroups(Visitor& visitor, bool serial) noexcept
      : visitor_(visitor), serial_(serial), part_rows_(visitor, serial) {}

  template <class KeyOf>
  void run(std::size_t rows, KeyOf& key_of) {
    if (rows > kOnePartRows && keys_are_many<K>(rows, key_of)) {
      make_parts(parts_for(rows));
      groups_ = part_rows_.read(rows, parts_, key_of);
      return;
    }
    make_parts(rows <= kOnePartRows ? 1 : kMostParts);
    visitor_.begin_stretches(rows);
    number_rows(rows, key_of);
    for (auto& share : shares_) {
      for (Stretch& stretch : share) stretches_.push_back(&stretch);
    }
    for_each_part([&](std::size_t p, Part&) { resolve(p); });
    number_groups();
  }

  std::size_t groups() const noexcept { return groups_; }
  std::size_t parts() const noexcept { return parts_.size(); }
  Part& part(std::size_t p) noexcept { return parts_[p]; }
  const Part& part(std::size_t p) const noexcept { return parts_[p]; }
  std::size_t part_of(std::uint64_t hash) const noexcept { return part_of_(hash); }
  // Of the rows of each part, if the rows were read so: then there are no stretches.
  const PartRows<K, Visitor>& part_rows() const noexcept { return part_rows_; }

  // f(p, part), several at once.
  template <class F>
  void for_each_part(F&& f) {
    drive(parts_.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t p = lo; p < hi; ++p) f(p, parts_[p]);
    });
  }
  // f(part, number in it, group), for all groups, several parts at once.
  template <class F>
  void for_each_group(F&& f) {
    for_each_part([&](std::size_t, Part& part) {
      for (std::size_t id = 0; id < part.group.size(); ++id) f(part, id, part.group[id]);
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
  static constexpr std::size_t kPartRows = 1 << 16;
  static constexpr std::size_t kMostPartsOfRows = 16;
  struct Work {
    EntryTable<K> keys;
    typename Visitor::Work own;
  };

  // Some for each worker, since one key may have many rows; and tables that are not too large.
  std::size_t parts_for(std::size_t rows) const noexcept {
    std::size_t parts = rows / kPartRows < kMostPartsOfRows ? rows / kPartRows : kMostPartsOfRows;
    const auto workers = static_cast<std::size_t>(serial_ ? 1 : worker_limit());
    if (workers > 1 && parts < 2 * workers) parts = 2 * workers;
    return parts < kMostParts ? std::bit_ceil(parts) : kMostParts;
  }
  void make_parts(std::size_t parts) {
    parts_.resize(parts);
    part_of_ = PartOfHash(parts);
  }

  template <class KeyOf>
  void number_rows(std::size_t rows, KeyOf& key_of) {
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
    const auto& hashes = table.hashes();
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
      RoomVector<std::uint32_t> number(stretch.place.size());
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
  PartOfHash part_of_;
  PartRows<K, Visitor> part_rows_;
};

}  // namespace pel::detail
