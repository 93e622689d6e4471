// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include "pel/detail/loops/keys.hpp"
#include "pel/detail/loops/lanes.hpp"
#include "pel/detail/loops/search.hpp"

// reduce_by_key: the folds of the rows of each key.
namespace pel::detail {

// The folds of the entries that occur in one block of rows; "open" are those seen in it so far.
template <class T, class Op>
class BlockFolds {
 public:
  void clear() noexcept {
    slots_.clear();
    block_ = 0;
  }

  void add(Op& op, std::size_t row, std::uint32_t entry, bool is_new, T&& value) {
    if (is_new) {
      slots_.push_back({std::move(value), block_});
      if (open_.size() <= slots_.size()) open_.resize(64 + 2 * slots_.size());
      open_[opened_++] = {entry, row};
    } else {
      opened_ += fold(op, slots_.data(), open_.data() + opened_, {entry, row}, std::move(value));
    }
  }

  // Adds value_of(i) to the entry find(i) for lo <= i < hi, up to a row whose entry is kNoEntry.
  template <class Find, class ValueOf>
  std::size_t add_known(Op& op, std::size_t lo, std::size_t hi, const Find& find,
                        ValueOf& value_of) {
    Slot* const slots = slots_.data();
    Open* open = open_.data() + opened_;
    for (; lo < hi; ++lo) {
      const std::uint16_t entry = find(lo);
      if (entry == kNoEntry) break;
      open += fold(op, slots, open, {entry, lo}, static_cast<T>(value_of(lo)));
    }
    opened_ = static_cast<std::size_t>(open - open_.data());
    return lo;
  }

  // take(entry, the row that opened it, fold) for the open entries, in the order of these rows: new
  // ones in the order of their numbers.
  template <class Take>
  void end_block(Take&& take) {
    for (std::size_t i = 0; i < opened_; ++i) {
      take(open_[i].entry, open_[i].row, std::move(slots_[open_[i].entry].fold));
    }
    opened_ = 0;
    ++block_;
  }

 private:
  struct Slot {
    T fold;
    std::uint32_t block;  // in which it was opened
  };
  struct Open {
    std::uint32_t entry;
    std::size_t row;
  };

  // Returns how many entries this opened.
  std::size_t fold(Op& op, Slot* slots, Open* open, Open at, T&& value) const {
    Slot& slot = slots[at.entry];
    if constexpr (kUsesLanes<Op, T>) {
      // With many keys it cannot be foreseen which rows open theirs, so there is no branch.
      const std::uint32_t block = block_;
      const bool is_open = slot.block == block;
      const T folded = lane_step<Op, T>(slot.fold, value);
      slot.fold = is_open ? folded : value;
      slot.block = block;
      *open = at;
      return is_open ? 0 : 1;
    } else {
      if (slot.block == block_) {
        slot.fold = static_cast<T>(op(std::move(slot.fold), std::move(value)));
        return 0;
      }
      slot.fold = std::move(value);
      slot.block = block_;
      *open = at;
      return 1;
    }
  }

  RoomVector<Slot> slots_;
  RoomVector<Open> open_;  // with room for all entries and one more
  std::size_t opened_ = 0;
  std::uint32_t block_ = 0;
};

// What reduce_by_key keeps: the fold of each entry's rows in the block that is read, and these
// folds ("partials") in block order. The stretch of row 0 folds its own partials: nothing comes
// before them.
template <class T, class ValueOf, class Op>
class RowFolds {
 public:
  struct Work {
    BlockFolds<T, Op> folds;
    RoomVector<T> total;  // of each entry, in the stretch of row 0
    bool first = false;   // the stretch has row 0
    void clear() noexcept { folds.clear(), total.clear(); }
  };
  struct Stretch {
    RoomVector<std::uint16_t> entry;
    RoomVector<T> partial;
    PartOrder order;
  };
  struct Part {
    RoomVector<T> fold;
  };

  RowFolds(ValueOf& value_of, Op& op) noexcept : value_of_(value_of), op_(op) {}

  void begin_stretches(std::size_t) noexcept {}
  void open(Work& work, bool first) noexcept { work.first = first; }

  void row(Work& work, std::size_t i, std::uint32_t entry, bool is_new) {
    work.folds.add(op_, i, entry, is_new, static_cast<T>(value_of_(i)));
  }
  template <class Find>
  std::size_t known_rows(Work& work, std::size_t lo, std::size_t hi, const Find& find) {
    return work.folds.add_known(op_, lo, hi, find, value_of_);
  }
  void end_block(Work& work, Stretch& stretch) {
    if (work.first) return end_block(work);
    work.folds.end_block([&](std::uint32_t e, std::size_t, T&& fold) {
      stretch.entry.push_back(static_cast<std::uint16_t>(e));
      stretch.partial.push_back(std::move(fold));
    });
  }
  void end_block(Work& work) {
    work.folds.end_block([&](std::uint32_t e, std::size_t row, T&& fold) {
      if (e == work.total.size()) {
        work.total.push_back(std::move(fold));
      } else {
        merge(work.total[e], std::move(fold), row);
      }
    });
  }

  void begin_parts(std::size_t) noexcept {}
  void part_row(Work& work, std::size_t i, std::uint32_t id, bool is_new) {
    row(work, i, id, is_new);
  }
  void end_part_block(Work& work) { end_block(work); }
  void close_part(Work& work, Part& part) noexcept { part.fold = std::move(work.total); }

  template <class PartOf>
  void close(Work& work, Stretch& stretch, const PartOrder&, std::size_t parts, PartOf&& part_of) {
    for (std::size_t e = 0; e < work.total.size(); ++e) {
      stretch.entry.push_back(static_cast<std::uint16_t>(e));
      stretch.partial.push_back(std::move(work.total[e]));
    }
    stretch.order.sort(stretch.entry.size(), parts,
                       [&](std::size_t i) { return part_of(stretch.entry[i]); });
  }
  template <class Rows>
  void resolve(Stretch& stretch, std::size_t s, std::size_t p, Part& part, const Rows& rows) {
    for (std::size_t at = stretch.order.begin(p); at < stretch.order.end(p); ++at) {
      const std::size_t i = stretch.order[at];
      const std::size_t id = rows.local[rows.place[stretch.entry[i]]];
      // An entry's first partial comes in the order of the entries.
      if (id == part.fold.size()) {
        part.fold.push_back(std::move(stretch.partial[i]));
        continue;
      }
      merge(part.fold[id], std::move(stretch.partial[i]), s << 40 | i);
    }
  }
  // Throws the first error of folding the blocks' results, if there was one.
  void finish() { error_.finish(); }

 private:
  // Folds two blocks' results, unless an earlier such fold has failed. These come after the rows:
  // an error waits until all rows are read. `at` orders them: by the row that opened the later one
  // in its block, or that of its entry.
  void merge(T& total, T&& fold, std::size_t at) {
    if (at >= error_.at()) return;
    try {
      total = static_cast<T>(op_(std::move(total), std::move(fold)));
    } catch (...) {
      error_.stop(at, std::current_exception());
    }
  }

  ValueOf& value_of_;
  Op& op_;
  FirstStop error_{~std::size_t{0}};
};

// One table for all rows, on the calling thread.
template <class K, class T, class KeyOf, class ValueOf, class Op>
std::vector<std::pair<K, T>> reduce_few_rows(std::size_t n, KeyOf& key_of, ValueOf& value_of,
                                             const T& init, Op& op) {
  using Folds = RowFolds<T, ValueOf, Op>;
  Folds folds(value_of, op);
  typename Folds::Work work;
  EntryTable<K> entries(n);
  for (std::size_t lo = 0; lo < n;) {
    const std::size_t hi = n - lo < kKeyBlock ? n : lo + kKeyBlock;
    entries.each_row(
        lo, hi, key_of,
        [&](std::size_t a, std::size_t b, const auto& find) {
          return folds.known_rows(work, a, b, find);
        },
        [&](std::size_t i, std::uint32_t entry, bool is_new) {
          folds.row(work, i, entry, is_new);
        });
    lo = hi;
    folds.end_block(work);
    if (lo < n) check_cancel();
  }
  folds.finish();
  std::vector<std::pair<K, T>> result;
  result.reserve(work.total.size());
  for (std::size_t e = 0; e < work.total.size(); ++e) {
    result.emplace_back(entries.table.key(e),
                        static_cast<T>(op(T(init), std::move(work.total[e]))));
  }
  return result;
}

// The keys with op(init, fold), in the order of the groups.
template <class K, class T, class Groups, class Op>
std::vector<std::pair<K, T>> fold_groups(Groups& groups, const T& init, Op& op) {
  using Row = std::pair<K, T>;
  using Part = typename Groups::Part;
  const auto row_of = [&](Part& part, std::size_t id) {
    return Row(part.table.key(id), static_cast<T>(op(T(init), std::move(part.own.fold[id]))));
  };
  std::vector<Row> result;
  if constexpr (std::is_default_constructible_v<Row>) {
    result.resize(groups.groups());
    FirstStop error(groups.groups());
    groups.for_each_group([&](Part& part, std::size_t id, std::size_t group) {
      try {
        result[group] = row_of(part, id);
      } catch (...) {
        error.stop(group, std::current_exception());
      }
    });
    error.finish();
  } else {
    std::vector<std::pair<Part*, std::size_t>> order(groups.groups());
    groups.for_each_group([&](Part& part, std::size_t id, std::size_t group) {
      order[group] = {&part, id};
    });
    result.reserve(order.size());
    for (const auto& [part, id] : order) result.push_back(row_of(*part, id));
  }
  return result;
}

template <class K, class T, class KeyOf, class ValueOf, class Op>
std::vector<std::pair<K, T>> reduce_many_rows(std::size_t n, KeyOf& key_of, ValueOf& value_of,
                                              const T& init, Op& op, bool serial) {
  using Folds = RowFolds<T, ValueOf, Op>;
  Folds folds(value_of, op);
  KeyGroups<K, Folds> groups(folds, serial);
  groups.run(n, key_of);
  folds.finish();
  return fold_groups<K, T>(groups, init, op);
}

template <class K, class T, class KeyOf, class ValueOf, class Op>
std::vector<std::pair<K, T>> reduce_rows(std::size_t n, KeyOf key_of, ValueOf value_of,
                                         const T& init, Op& op, bool serial) {
  constexpr std::size_t kOneTable = 1 << 18;  // rows whose table is in the cache, whatever the keys
  constexpr std::size_t kShort = 1 << 17;     // and that two workers would not be faster with, if
  constexpr std::uint64_t kCheap16 = 16 * 16;  // a row takes less than 6 ns
  static Cost cost;
  const std::uint64_t cost16 = cost.load();
  const bool brief = cost16 != 0 && cost16 * n / 16 < kBriefRows;
  const bool cheap = cost16 != 0 && cost16 < kCheap16 && worker_limit() == 2;
  const bool alone = serial || worker_limit() == 1;
  const std::uint64_t before = ticks();
  if (n <= kKeyBlock || (n <= kOnePartRows && brief) || (n <= kShort && cheap) ||
      (n <= kOneTable && alone)) {
    auto result = reduce_few_rows<K, T>(n, key_of, value_of, init, op);
    if (n > kKeyBlock) cost.store(16 * (ticks() - before) / n + 1);
    return result;
  }
  std::vector<std::pair<K, T>> result;
  enter(serial, [&] { result = reduce_many_rows<K, T>(n, key_of, value_of, init, op, serial); });
  cost.store(16 * (ticks() - before) / n + 1);
  return result;
}

}  // namespace pel::detail
