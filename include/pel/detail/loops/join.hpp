// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <source_location>
#include <utility>
#include <vector>

#include "pel/detail/loops/collect.hpp"
#include "pel/detail/loops/group.hpp"

namespace pel {

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
  constexpr std::size_t kBlock = 4096, kAhead = 16;
  const auto probe = detail::view_of(left);
  const auto build = detail::view_of(right);
  detail::LoopScope scope("hash_join", probe.size + build.size, where);
  std::vector<Row> rows;
  detail::enter(scope.serial(), [&] {
    const auto key_of = [&](std::size_t i) -> decltype(auto) { return right_key(build[i]); };
    detail::KeyGroups<K> table;
    const Groups<K> groups = detail::group_rows(build.size, key_of, table, scope.serial());
    const auto probe_block = [&](std::size_t b, std::vector<Row>& out) {
      const std::size_t lo = b * kBlock;
      const std::size_t hi = probe.size - lo < kBlock ? probe.size : lo + kBlock;
      // Hashes a batch ahead, so that the table's cache misses overlap.
      for (std::size_t i = lo; i < hi; i += kAhead) {
        const std::size_t end = hi - i < kAhead ? hi : i + kAhead;
        std::uint64_t hashes[kAhead];
        for (std::size_t l = i; l < end; ++l) {
          hashes[l - i] = detail::hash_key<K>(left_key(probe[l]));
          table.prefetch(hashes[l - i]);
        }
        for (std::size_t l = i; l < end; ++l) {
          const std::size_t group = table.group_of(hashes[l - i], left_key(probe[l]));
          if (group == groups.size()) continue;
          for (const std::size_t r : groups.rows(group)) out.push_back(emit(l, r));
        }
      }
    };
    if (groups.size() == 0) return;
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
