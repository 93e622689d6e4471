// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <source_location>
#include <utility>
#include <vector>

#include "pel/detail/loops/collect.hpp"
#include "pel/detail/loops/group.hpp"

namespace pel {

namespace detail {

// The rows of the right side by key, to be looked up by rows of the left side.
template <class K>
class JoinTable {
 public:
  template <class KeyOf>
  JoinTable(std::size_t n, KeyOf& key_of, bool serial) : lists_(n), groups_(lists_, serial) {
    groups_.run(n, key_of);
    rows_.resize(n);
    std::vector<std::size_t> ends;
    lists_.list(groups_, rows_, ends);
    places_.resize(groups_.parts());
    for (std::size_t p = 0; p < places_.size(); ++p) {
      places_[p].reserve(groups_.part(p).group.size());
      for (std::size_t id = 0; id < groups_.part(p).group.size(); ++id) {
        const std::size_t group = groups_.part(p).group[id];
        const std::size_t begin = group == 0 ? 0 : ends[group - 1], count = ends[group] - begin;
        places_[p].push_back(
            {groups_.part(p).table.key(id), count == 1 ? rows_[begin] : begin, count});
      }
    }
  }

  bool empty() const noexcept { return groups_.groups() == 0; }

  // The steps of a look-up that may miss the cache, one ahead of the other.
  void prefetch(std::uint64_t hash) const noexcept {
    groups_.part_of_hash(hash).table.prefetch(hash);
  }
  void prefetch_rows(std::uint64_t hash) const noexcept {
    const auto& part = groups_.part_of_hash(hash);
    const std::uint32_t id = part.table.candidate(hash);
    if (id != KeyTable<K>::kNone) __builtin_prefetch(&places_[number_of(part)][id]);
  }

  // f(row) for every row of the key, in order.
  template <class F>
  void for_rows(std::uint64_t hash, const K& key, F&& f) const {
    const auto& part = groups_.part_of_hash(hash);
    const auto& places = places_[number_of(part)];
    const std::uint32_t id =
        part.table.find_if(hash, [&](std::uint32_t i) -> bool { return places[i].key == key; });
    if (id == KeyTable<K>::kNone) return;
    const Place& place = places[id];
    if (place.count == 1) return f(place.begin);
    for (std::size_t r = place.begin; r < place.begin + place.count; ++r) f(rows_[r]);
  }

 private:
  // Where the rows of a key are; the row itself if there is but one.
  struct Place {
    K key;
    std::size_t begin, count;
  };

  template <class Part>
  std::size_t number_of(const Part& part) const noexcept {
    return static_cast<std::size_t>(&part - &groups_.part(0));
  }

  RowLists lists_;
  KeyGroups<K, RowLists> groups_;
  RowIndices rows_;
  std::vector<std::vector<Place>> places_;  // by part and number in it
};

}  // namespace detail

// emit(l, r) for every pair of rows with left_key(left[l]) == right_key(right[r]), as a vector in
// the order of l, then r. Builds a table of the right side: let that be the shorter one.
// O(left + right + pairs).
template <RandomAccessRange L, RandomAccessRange R, std::invocable<RangeReference<L>> LeftKey,
          std::invocable<RangeReference<R>> RightKey, std::invocable<std::size_t, std::size_t> Emit>
  requires GroupKey<std::remove_cvref_t<std::invoke_result_t<RightKey&, RangeReference<R>>>>
auto hash_join(L&& left, R&& right, LeftKey&& left_key, RightKey&& right_key, Emit&& emit,
               std::source_location where = std::source_location::current()) {
  using K = std::remove_cvref_t<std::invoke_result_t<RightKey&, RangeReference<R>>>;
  using Row = std::remove_cvref_t<std::invoke_result_t<Emit&, std::size_t, std::size_t>>;
  constexpr std::size_t kBlock = 4096, kAhead = 32;
  const auto probe = detail::view_of(left);
  const auto build = detail::view_of(right);
  detail::LoopScope scope("hash_join", probe.size + build.size, where);
  std::vector<Row> rows;
  detail::enter(scope.serial(), [&] {
    const auto key_of = [&](std::size_t i) -> decltype(auto) { return right_key(build[i]); };
    detail::JoinTable<K> table(build.size, key_of, scope.serial());
    const auto probe_block = [&](std::size_t b, std::vector<Row>& out) {
      const std::size_t lo = b * kBlock;
      const std::size_t hi = probe.size - lo < kBlock ? probe.size : lo + kBlock;
      detail::make_room(out, hi - lo);
      // Stages of a batch, so that the table's cache misses overlap.
      for (std::size_t i = lo; i < hi; i += kAhead) {
        const std::size_t end = hi - i < kAhead ? hi : i + kAhead;
        std::uint64_t hashes[kAhead];
        for (std::size_t l = i; l < end; ++l) {
          hashes[l - i] = detail::hash_key<K>(left_key(probe[l]));
          table.prefetch(hashes[l - i]);
        }
        for (std::size_t l = i; l < end; ++l) table.prefetch_rows(hashes[l - i]);
        for (std::size_t l = i; l < end; ++l) {
          table.for_rows(hashes[l - i], left_key(probe[l]),
                         [&](std::size_t r) { out.push_back(emit(l, r)); });
        }
      }
    };
    if (table.empty()) return;
    rows = detail::collect<Row>((probe.size + kBlock - 1) / kBlock, scope.serial(), probe_block);
  });
  if constexpr (!std::is_same_v<Row, bool>) scope.output(rows.data(), rows.size());
  scope.done();
  return rows;
}

// The pairs (l, r) of row numbers.
template <RandomAccessRange L, RandomAccessRange R, std::invocable<RangeReference<L>> LeftKey,
          std::invocable<RangeReference<R>> RightKey>
std::vector<std::pair<std::size_t, std::size_t>> hash_join(
    L&& left, R&& right, LeftKey&& left_key, RightKey&& right_key,
    std::source_location where = std::source_location::current()) {
  return hash_join(
      left, right, left_key, right_key,
      [](std::size_t l, std::size_t r) { return std::pair(l, r); }, where);
}

}  // namespace pel
