// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <source_location>
#include <span>
#include <utility>
#include <vector>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/fold_rows.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/keys.hpp"
#include "pel/detail/loops/radix.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/scratch.hpp"
#include "pel/detail/loops/search.hpp"

namespace pel {

namespace detail {

using RowIndices = RawVector<std::size_t>;

}  // namespace detail

// Rows by key: groups in the order in which their keys first appear, rows of a group in index
// order. A value; reading it is thread-safe.
template <class K>
class Groups {
 public:
  Groups(std::vector<K> keys, detail::RoomVector<std::size_t> ends, detail::RowIndices rows)
      : keys_(std::move(keys)), ends_(std::move(ends)), rows_(std::move(rows)) {}

  std::size_t size() const noexcept { return keys_.size(); }
  const K& key(std::size_t group) const noexcept { return keys_[group]; }
  // Indices of the rows of a group, ascending.
  std::span<const std::size_t> rows(std::size_t group) const noexcept {
    const std::size_t begin = group == 0 ? 0 : ends_[group - 1];
    return {rows_.data() + begin, ends_[group] - begin};
  }
  const std::vector<K>& keys() const noexcept { return keys_; }

 private:
  std::vector<K> keys_;
  detail::RoomVector<std::size_t> ends_;
  detail::RowIndices rows_;
};

namespace detail {

// Throws pel::Error: element `index` has bin `bin` of `bins`.
[[noreturn]] void bin_out_of_range(std::size_t index, std::size_t bin, std::size_t bins);

template <class Groups>
auto take_keys(Groups& groups) {
  using K = std::remove_cvref_t<decltype(groups.part(0).table.key(0))>;
  std::vector<K> keys;
  if constexpr (std::is_default_constructible_v<K> && !std::is_same_v<K, bool>) {
    keys.resize(groups.groups());
    groups.for_each_group(
        [&](auto& part, std::size_t id, std::size_t group) { keys[group] = part.table.key(id); });
  } else {
    std::vector<const K*> order(groups.groups());
    groups.for_each_group(
        [&](auto& part, std::size_t id, std::size_t group) { order[group] = &part.table.key(id); });
    for (const K* key : order) keys.push_back(*key);
  }
  return keys;
}

// What group_by keeps: the entry of every row, how many rows an entry has, and then how many rows
// of its group come before it.
class RowLists {
 public:
  struct Work {
    RoomVector<std::uint32_t> counts;
    void clear() noexcept { counts.clear(); }
  };
  struct Stretch {
    RoomVector<std::size_t> before;  // in the order of parts
  };
  struct Part {
    RoomVector<std::size_t> sizes;
  };

  void begin_stretches(std::size_t rows) { entry_.resize(rows); }
  void open(Work&, bool) noexcept {}
  void row(Work& work, std::size_t i, std::uint32_t entry, bool is_new) {
    entry_[i] = static_cast<std::uint16_t>(entry);
    if (is_new) work.counts.push_back(0);
    ++work.counts[entry];
  }
  template <class Find>
  std::size_t known_rows(Work& work, std::size_t lo, std::size_t hi, const Find& find) {
    std::uint32_t* const counts = work.counts.data();
    std::uint16_t* const entries = entry_.data();
    for (; lo < hi; ++lo) {
      const std::uint16_t entry = find(lo);
      if (entry == kNoEntry) break;
      entries[lo] = entry;
      ++counts[entry];
    }
    return lo;
  }
  void end_block(Work&, Stretch&) noexcept {}
  template <class PartOf>
  void close(Work& work, Stretch& stretch, const PartOrder& order, std::size_t, PartOf&&) {
    stretch.before.resize(order.size());
    for (std::size_t at = 0; at < order.size(); ++at) stretch.before[at] = work.counts[order[at]];
  }
  template <class Rows>
  void resolve(Stretch& stretch, std::size_t, std::size_t p, Part& part, const Rows& rows) {
    for (std::size_t at = rows.order.begin(p); at < rows.order.end(p); ++at) {
      if (rows.is_first[at] != 0) part.sizes.push_back(0);
      std::size_t& size = part.sizes[rows.local[at]];
      size += std::exchange(stretch.before[at], size);
    }
  }

  void begin_parts(std::size_t rows) { id_.resize(rows); }
  void part_row(Work& work, std::size_t i, std::uint32_t id, bool is_new) {
    id_[i] = id;
    if (is_new) work.counts.push_back(0);
    ++work.counts[id];
  }
  void end_part_block(Work&) noexcept {}
  void close_part(Work& work, Part& part) {
    part.sizes.assign(work.counts.begin(), work.counts.end());
  }

  // Row indices by group, ascending in each; ends[g]: where group g ends.
  template <class Groups>
  void list(Groups& groups, RowIndices& rows, RoomVector<std::size_t>& ends) {
    ends.resize(groups.groups());
    groups.for_each_group(
        [&](auto& part, std::size_t id, std::size_t group) { ends[group] = part.own.sizes[id]; });
    std::size_t sum = 0;
    for (std::size_t& end : ends) end = sum += end;
    if (groups.part_rows().has_rows()) {
      list_parts(groups, rows, ends);
    } else {
      list_stretches(groups, rows, ends);
    }
  }

 private:
  template <class Groups>
  void list_parts(Groups& groups, RowIndices& rows, const RoomVector<std::size_t>& ends) {
    groups.for_each_part([&](std::size_t p, auto& part) {
      RoomVector<std::size_t> next(part.group.size());  // of each key: where its next row goes
      for (std::size_t id = 0; id < next.size(); ++id) {
        next[id] = part.group[id] == 0 ? 0 : ends[part.group[id] - 1];
      }
      std::size_t* const at = next.data();
      std::size_t* const out = rows.data();
      groups.part_rows().for_each_row(p, [&](std::size_t i) { out[at[id_[i]]++] = i; });
    });
  }

  template <class Groups>
  void list_stretches(Groups& groups, RowIndices& rows, const RoomVector<std::size_t>& ends) {
    groups.for_each_stretch([&](auto& stretch) {
      RoomVector<std::size_t> next(stretch.order.size());  // of each entry: where its next row goes
      for (std::size_t p = 0; p < next.size(); ++p) {
        const std::size_t group = groups.part_at(stretch, p).group[stretch.local[p]];
        next[stretch.order[p]] = stretch.own.before[p] + (group == 0 ? 0 : ends[group - 1]);
      }
      std::size_t* const at = next.data();
      std::size_t* const out = rows.data();
      const std::uint16_t* const entry = entry_.data();
      for (std::size_t i = stretch.begin; i < stretch.end; ++i) out[at[entry[i]]++] = i;
    });
  }

  RawVector<std::uint16_t> entry_;  // of each row in its stretch
  RawVector<std::uint32_t> id_;     // of each row's key in its part
};

template <class K, class KeyOf>
Groups<K> group_rows(std::size_t n, KeyOf& key_of, bool serial) {
  RowLists lists;
  KeyGroups<K, RowLists> groups(lists, serial);
  groups.run(n, key_of);
  RowIndices rows(n);
  RoomVector<std::size_t> ends;
  lists.list(groups, rows, ends);
  return Groups<K>(take_keys(groups), std::move(ends), std::move(rows));
}

// Counts [lo, hi). Four elements are looked up before they are counted: their loads do not wait for
// the stores.
template <class V, class Bin>
void count_bins(const V view, std::size_t lo, std::size_t hi, Bin& bin, std::size_t bins,
                std::size_t* counts) {
  const auto number = [&](std::size_t i) {
    const auto b = static_cast<std::size_t>(bin(view[i]));
    if (b >= bins) [[unlikely]]
      bin_out_of_range(i, b, bins);
    return b;
  };
  for (; hi - lo >= 4; lo += 4) {
    const std::size_t b0 = number(lo), b1 = number(lo + 1);
    const std::size_t b2 = number(lo + 2), b3 = number(lo + 3);
    ++counts[b0], ++counts[b1], ++counts[b2], ++counts[b3];
  }
  for (; lo < hi; ++lo) ++counts[number(lo)];
}

}  // namespace detail

// The rows of a range by key(element). Order as Groups says; O(n), room for about 2 n indices.
template <RandomAccessRange R, std::invocable<RangeReference<R>> Key>
  requires GroupKey<std::remove_cvref_t<std::invoke_result_t<Key&, RangeReference<R>>>>
auto group_by(R&& range, Key&& key, std::source_location where = std::source_location::current()) {
  using K = std::remove_cvref_t<std::invoke_result_t<Key&, RangeReference<R>>>;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("group_by", view.size, where);
  const auto key_of = [&](std::size_t i) -> decltype(auto) { return key(view[i]); };
  std::optional<Groups<K>> groups;
  detail::enter(scope.serial(),
                [&] { groups = detail::group_rows<K>(view.size, key_of, scope.serial()); });
  if constexpr (!std::is_same_v<K, bool>) scope.output(groups->keys().data(), groups->size());
  for (std::size_t g = 0; g < groups->size(); ++g) {
    scope.output(groups->rows(g).data(), groups->rows(g).size());
  }
  scope.done();
  return std::move(*groups);
}

// (key, op(init, values of that key)) for every distinct key(element), keys by first appearance.
// The values of a key combine in index order: from the left inside blocks of 8192 elements of the
// range, then the blocks' results from the left. op is associative in the program's own sense and
// need not commute. O(n).
template <RandomAccessRange R, std::invocable<RangeReference<R>> Key, class T, CombinesTo<T> Op,
          std::invocable<RangeReference<R>> Value>
  requires GroupKey<std::remove_cvref_t<std::invoke_result_t<Key&, RangeReference<R>>>>
auto reduce_by_key(R&& range, Key&& key, T init, Op op, Value&& value,
                   std::source_location where = std::source_location::current()) {
  using K = std::remove_cvref_t<std::invoke_result_t<Key&, RangeReference<R>>>;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("reduce_by_key", view.size, where);
  auto result = detail::reduce_rows<K, T>(
      view.size, [&](std::size_t i) -> decltype(auto) { return key(view[i]); },
      [&](std::size_t i) -> decltype(auto) { return value(view[i]); }, init, op, scope.serial());
  scope.output(result.data(), result.size());
  scope.done();
  return result;
}

// The same for keys and values in two ranges of one length (else pel::Error).
template <RandomAccessRange Keys, RandomAccessRange Values, class T, CombinesTo<T> Op = std::plus<>>
  requires GroupKey<RangeValue<Keys>>
auto reduce_by_key(Keys&& keys, Values&& values, T init, Op op = {},
                   std::source_location where = std::source_location::current()) {
  using K = RangeValue<Keys>;
  const auto key_view = detail::view_of(keys);
  const auto value_view = detail::view_of(values);
  detail::require_equal_sizes("reduce_by_key", key_view.size, value_view.size);
  detail::LoopScope scope("reduce_by_key", key_view.size, where);
  auto result = detail::reduce_rows<K, T>(
      key_view.size, [=](std::size_t i) -> decltype(auto) { return key_view[i]; },
      [=](std::size_t i) -> decltype(auto) { return value_view[i]; }, init, op, scope.serial());
  scope.output(result.data(), result.size());
  scope.done();
  return result;
}

// counts[b]: how many elements have bin(element) == b, for 0 <= b < bins. A bin that is out of
// range is a pel::Error that names the first such element. O(n + bins * workers).
template <RandomAccessRange R, std::invocable<RangeReference<R>> Bin>
  requires std::integral<std::invoke_result_t<Bin&, RangeReference<R>>>
std::vector<std::size_t> histogram(R&& range, std::size_t bins, Bin&& bin,
                                   std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("histogram", view.size, where);
  const auto count = [&](std::size_t lo, std::size_t hi, std::size_t* counts) {
    detail::count_bins(view, lo, hi, bin, bins, counts);
  };
  std::vector<std::size_t> total(bins);
  static detail::Cost cost;
  const bool brief = cost.load() != 0 && cost.load() * view.size / 16 < 4 * detail::kWorthSplitting;
  const bool alone = scope.serial() || worker_limit() == 1;
  if (view.size < 1024 || brief || alone || view.size / 4 < bins) {
    // A table for every holder would cost more than it saves.
    count(0, view.size, total.data());
  } else {
    Scratch<std::vector<std::size_t>> tables;
    detail::drive(view.size, scope.serial(), cost, [&](std::size_t lo, std::size_t hi) {
      const auto lease = tables.lease([&] { return std::vector<std::size_t>(bins); });
      count(lo, hi, lease->data());
    });
    tables.for_all([&](const std::vector<std::size_t>& counts) {
      for (std::size_t b = 0; b < bins; ++b) total[b] += counts[b];
    });
  }
  scope.output(total.data(), total.size());
  scope.done();
  return total;
}

// The same for a range of bin numbers.
template <RandomAccessRange R>
  requires std::integral<RangeValue<R>>
std::vector<std::size_t> histogram(R&& range, std::size_t bins,
                                   std::source_location where = std::source_location::current()) {
  return histogram(
      range, bins, [](const auto& b) { return b; }, where);
}

}  // namespace pel
