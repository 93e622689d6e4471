// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <utility>
#include <vector>

#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/keys.hpp"
#include "pel/detail/loops/radix.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/scratch.hpp"

namespace pel {

// Rows by key: groups in the order in which their keys first appear, rows of a group in index
// order. A value; reading it is thread-safe.
template <class K>
class Groups {
 public:
  Groups(std::vector<K> keys, std::vector<std::size_t> ends, std::vector<std::size_t> rows)
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
  std::vector<std::size_t> ends_;
  std::vector<std::size_t> rows_;
};

namespace detail {

// Throws pel::Error: element `index` has bin `bin` of `bins`.
[[noreturn]] void bin_out_of_range(std::size_t index, std::size_t bin, std::size_t bins);

template <class K>
std::vector<K> take_keys(KeyGroups<K>& groups) {
  std::vector<K> keys;
  if constexpr (std::is_default_constructible_v<K> && !std::is_same_v<K, bool>) {
    keys.resize(groups.groups());
    groups.for_each_group([&](std::size_t g, K& key, auto, auto) { keys[g] = key; });
  } else {
    std::vector<const K*> order(groups.groups());
    groups.for_each_group([&](std::size_t g, K& key, auto, auto) { order[g] = &key; });
    for (const K* key : order) keys.push_back(*key);
  }
  return keys;
}

// Row indices by the group of each row: a stable counting sort by shares of rows.
template <class GroupOf>
void list_rows(std::size_t n, std::size_t groups, bool serial, GroupOf&& group_of,
               std::vector<std::size_t>& ends, std::vector<std::size_t>& rows) {
  ends.assign(groups, 0);
  rows.resize(n);
  // Tables of counts for every share must not outgrow the rows.
  std::size_t shares = (n + kKeyBlock - 1) / kKeyBlock;
  if (shares > 64) shares = 64;
  while (shares > 1 && shares * groups > n) shares /= 2;
  if (shares == 0) return;
  const auto begin_of = [=](std::size_t s) { return n / shares * s + n % shares * s / shares; };
  std::vector<std::vector<std::size_t>> at(shares);
  drive(shares, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t s = lo; s < hi; ++s) {
      at[s].assign(groups, 0);
      for (std::size_t i = begin_of(s); i < begin_of(s + 1); ++i) ++at[s][group_of(i)];
    }
  });
  std::size_t sum = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    for (auto& share : at) sum += std::exchange(share[g], sum);
    ends[g] = sum;
  }
  drive(shares, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t s = lo; s < hi; ++s) {
      for (std::size_t i = begin_of(s); i < begin_of(s + 1); ++i) rows[at[s][group_of(i)]++] = i;
    }
  });
}

template <class K, class KeyOf>
Groups<K> group_rows(std::size_t n, KeyOf& key_of, KeyGroups<K>& groups, bool serial) {
  std::vector<std::size_t> ends, rows;
  std::vector<std::uint16_t> entry(n);
  groups.number_rows(n, serial, key_of, [&](std::size_t, std::size_t i, std::uint32_t e, bool) {
    entry[i] = static_cast<std::uint16_t>(e);
  });
  groups.resolve([](auto...) {});
  list_rows(
      n, groups.groups(), serial,
      [&](std::size_t i) { return groups.group_of(groups.first_entry(i / kKeyBlock) + entry[i]); },
      ends, rows);
  return Groups<K>(take_keys(groups), std::move(ends), std::move(rows));
}

template <class K, class T, class KeyOf, class ValueOf, class Op>
std::vector<std::pair<K, T>> reduce_rows(std::size_t n, KeyOf&& key_of, ValueOf&& value_of,
                                         const T& init, Op& op, bool serial) {
  KeyGroups<K> groups;
  std::vector<std::vector<T>> partial((n + kKeyBlock - 1) / kKeyBlock);
  groups.number_rows(n, serial, key_of,
                     [&](std::size_t b, std::size_t i, std::uint32_t e, bool is_new) {
                       if (is_new) {
                         partial[b].push_back(static_cast<T>(value_of(i)));
                       } else {
                         T& sum = partial[b][e];
                         sum = static_cast<T>(op(std::move(sum), static_cast<T>(value_of(i))));
                       }
                     });
  groups.resolve([&](std::size_t b, std::size_t e, std::size_t to_b, std::size_t to_e) {
    T& sum = partial[to_b][to_e];
    sum = static_cast<T>(op(std::move(sum), std::move(partial[b][e])));
  });
  struct Row {
    const K* key;
    T* sum;
  };
  std::vector<Row> order(groups.groups());
  groups.for_each_group([&](std::size_t g, K& k, std::size_t b, std::size_t e) {
    order[g] = {&k, &partial[b][e]};
  });
  std::vector<std::pair<K, T>> result;
  result.reserve(order.size());
  for (const Row row : order) {
    result.emplace_back(*row.key, static_cast<T>(op(T(init), std::move(*row.sum))));
  }
  return result;
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
  detail::KeyGroups<K> table;
  std::optional<Groups<K>> groups;
  detail::enter(scope.serial(),
                [&] { groups = detail::group_rows(view.size, key_of, table, scope.serial()); });
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
  std::vector<std::pair<K, T>> result;
  detail::enter(scope.serial(), [&] {
    result = detail::reduce_rows<K, T>(
        view.size, [&](std::size_t i) -> decltype(auto) { return key(view[i]); },
        [&](std::size_t i) -> decltype(auto) { return value(view[i]); }, init, op, scope.serial());
  });
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
  std::vector<std::pair<K, T>> result;
  detail::enter(scope.serial(), [&] {
    result = detail::reduce_rows<K, T>(
        key_view.size, [&](std::size_t i) -> decltype(auto) { return key_view[i]; },
        [&](std::size_t i) -> decltype(auto) { return value_view[i]; }, init, op, scope.serial());
  });
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
    for (std::size_t i = lo; i < hi; ++i) {
      const auto b = static_cast<std::size_t>(bin(view[i]));
      if (b >= bins) [[unlikely]]
        detail::bin_out_of_range(i, b, bins);
      ++counts[b];
    }
  };
  std::vector<std::size_t> total(bins);
  if (view.size < 8192 || view.size / 4 < bins) {
    // A table for every holder would cost more than it saves.
    count(0, view.size, total.data());
  } else {
    Scratch<std::vector<std::size_t>> tables;
    detail::drive(view.size, scope.serial(), [&](std::size_t lo, std::size_t hi) {
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
