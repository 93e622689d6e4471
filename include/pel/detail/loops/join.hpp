// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/detail/loops/chain_table.hpp"
#include "pel/detail/loops/collect.hpp"
#include "pel/detail/loops/group.hpp"

namespace pel {

namespace detail {

template <class L, class R>
using JoinKey = std::common_type_t<std::remove_cvref_t<L>, std::remove_cvref_t<R>>;

// The rows of the right side by key, to be looked up by rows of the left side. Integer keys that
// lie close together are found by an array, others by their hash. A look-up has three steps, each
// to be run ahead for a batch of keys, so that their cache misses overlap.
template <class K>
class JoinTable {
 public:
  static constexpr std::uint32_t kNone = KeyTable<K>::kNone;

  template <class KeyOf>
  JoinTable(std::size_t n, KeyOf& key_of, bool serial) : groups_(lists_, serial) {
    groups_.run(n, key_of);
    rows_.resize(n);
    RoomVector<std::size_t> ends;
    lists_.list(groups_, rows_, ends);
    places_.reserve(groups_.groups());
    for (std::size_t p = 0; p < groups_.parts(); ++p) {
      auto& part = groups_.part(p);
      base_.push_back(static_cast<std::uint32_t>(places_.size()));
      for (std::size_t id = 0; id < part.group.size(); ++id) {
        const std::size_t group = part.group[id];
        const std::size_t begin = group == 0 ? 0 : ends[group - 1], count = ends[group] - begin;
        places_.push_back({part.table.key(id), count == 1 ? rows_[begin] : begin, count});
      }
    }
    if constexpr (kIntegers) index_close_keys();
  }

  bool empty() const noexcept { return places_.empty(); }

  // 1. What stands for a key: where it is in the array, or its hash.
  std::uint64_t token(const K& key) const {
    if constexpr (kIntegers) {
      if (!index_.empty()) {
        const std::uint64_t at = static_cast<std::uint64_t>(key) - lowest_;
        if (at < index_.size()) __builtin_prefetch(index_.data() + at);
        return at;
      }
    }
    const std::uint64_t hash = hash_key<K>(key);
    groups_.part(groups_.part_of(hash)).table.prefetch(hash);
    return hash;
  }

  // 2. The place that it probably has, or kNone.
  std::uint32_t guess(std::uint64_t token) const noexcept {
    std::uint32_t place = kNone;
    if (!index_.empty()) {
      if (token < index_.size()) place = index_[token];
    } else {
      const std::size_t p = groups_.part_of(token);
      const std::uint32_t id = groups_.part(p).table.candidate(token);
      if (id != kNone) place = base_[p] + id;
    }
    if (place != kNone) __builtin_prefetch(places_.data() + place);
    return place;
  }

  // 3. f(row) for every row of the key, in order.
  template <class F>
  void for_rows(std::uint64_t token, std::uint32_t guess, const K& key, F&& f) const {
    if (guess == kNone) return;
    const Place* place = places_.data() + guess;
    if (!(place->key == key)) [[unlikely]] {
      const std::size_t p = groups_.part_of(token);
      const Place* const places = places_.data() + base_[p];
      const std::uint32_t id = groups_.part(p).table.find_if(
          token, [&](std::uint32_t i) -> bool { return places[i].key == key; });
      if (id == kNone) return;
      place = places + id;
    }
    if (place->count == 1) return f(place->begin);
    for (std::size_t r = place->begin; r < place->begin + place->count; ++r) f(rows_[r]);
  }

 private:
  static constexpr bool kIntegers = std::is_integral_v<K>;
  // Where the rows of a key are; the row itself if there is but one.
  struct Place {
    K key;
    std::size_t begin, count;
  };

  void index_close_keys() {
    if (places_.empty()) return;
    K low = places_[0].key, high = low;
    for (const Place& place : places_) {
      if (place.key < low) low = place.key;
      if (high < place.key) high = place.key;
    }
    lowest_ = static_cast<std::uint64_t>(low);
    const std::uint64_t range = static_cast<std::uint64_t>(high) - lowest_;
    if (range / 4 > places_.size() + 64) return;
    index_.assign(range + 1, kNone);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      index_[static_cast<std::uint64_t>(places_[i].key) - lowest_] = static_cast<std::uint32_t>(i);
    }
  }

  RowLists lists_;
  KeyGroups<K, RowLists> groups_;
  RowIndices rows_;
  RoomVector<Place> places_;         // part by part
  std::vector<std::uint32_t> base_;  // where the places of a part begin
  RoomVector<std::uint32_t> index_;
  std::uint64_t lowest_ = 0;
};

}  // namespace detail

// emit(l, r) for every pair of rows with left_key(left[l]) == right_key(right[r]), compared as
// their common type, as a vector in the order of l, then r. Builds a table of the right side: let
// that be the shorter one. O(left + right + pairs).
template <RandomAccessRange L, RandomAccessRange R, std::invocable<RangeReference<L>> LeftKey,
          std::invocable<RangeReference<R>> RightKey, std::invocable<std::size_t, std::size_t> Emit>
  requires GroupKey<detail::JoinKey<std::invoke_result_t<LeftKey&, RangeReference<L>>,
                                    std::invoke_result_t<RightKey&, RangeReference<R>>>>
auto hash_join(L&& left, R&& right, LeftKey&& left_key, RightKey&& right_key, Emit&& emit,
               std::source_location where = std::source_location::current()) {
  using RightResult = std::invoke_result_t<RightKey&, RangeReference<R>>;
  using K = detail::JoinKey<std::invoke_result_t<LeftKey&, RangeReference<L>>, RightResult>;
  using Held =
      std::conditional_t<std::is_same_v<K, std::remove_cvref_t<RightResult>>, RightResult, K>;
  using Row = std::remove_cvref_t<std::invoke_result_t<Emit&, std::size_t, std::size_t>>;
  constexpr std::size_t kBlock = 4096, kAhead = 32;
  const auto probe = detail::view_of(left);
  const auto build = detail::view_of(right);
  detail::LoopScope scope("hash_join", probe.size + build.size, where);
  std::vector<Row> rows;
  const auto key_of = [&](std::size_t i) -> Held { return right_key(build[i]); };
  const auto join_all = [&] {
    detail::JoinTable<K> table(build.size, key_of, scope.serial());
    const auto probe_block = [&](std::size_t b, std::vector<Row>& out) {
      const std::size_t lo = b * kBlock;
      const std::size_t hi = probe.size - lo < kBlock ? probe.size : lo + kBlock;
      detail::make_room(out, hi - lo);
      for (std::size_t i = lo; i < hi; i += kAhead) {
        const std::size_t end = hi - i < kAhead ? hi : i + kAhead;
        std::uint64_t tokens[kAhead];
        std::uint32_t guesses[kAhead];
        for (std::size_t l = i; l < end; ++l) tokens[l - i] = table.token(left_key(probe[l]));
        for (std::size_t l = i; l < end; ++l) guesses[l - i] = table.guess(tokens[l - i]);
        for (std::size_t l = i; l < end; ++l) {
          table.for_rows(tokens[l - i], guesses[l - i], left_key(probe[l]),
                         [&](std::size_t r) { out.push_back(emit(l, r)); });
        }
      }
    };
    if (table.empty()) return;
    rows = detail::collect<Row>((probe.size + kBlock - 1) / kBlock, scope.serial(), probe_block);
  };
  const auto join_few = [&] {
    if (build.size == 0) return;
    const detail::ChainTable<K> table(build.size, key_of);
    rows.reserve(probe.size);
    for (std::size_t l = 0; l < probe.size; ++l) {
      table.for_rows(left_key(probe[l]), [&](std::size_t r) { rows.push_back(emit(l, r)); });
    }
  };
  if constexpr (detail::ChainTable<K>::kUsed) {
    if (build.size <= detail::ChainTable<K>::kMostRows && probe.size <= kBlock) {
      join_few();
    } else {
      detail::enter(scope.serial(), join_all);
    }
  } else {
    detail::enter(scope.serial(), join_all);
  }
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
