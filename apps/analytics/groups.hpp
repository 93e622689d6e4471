// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "apps/analytics/report.hpp"
#include "apps/analytics/tables.hpp"

namespace pel::apps::analytics {

// What the reports are made of. `Loops` is PelLoops or PlainLoops; `done(n)` is called with rows
// looked at, from any thread, and adds up to the rows of the table.

inline constexpr std::size_t kRowBlock = 1 << 16;  // rows that one loop step looks at
inline std::size_t row_blocks(std::size_t rows) { return (rows + kRowBlock - 1) / kRowBlock; }
// Where each order lies, by its key: a plain array, as the keys span only four times their number.
// (Keys of unknown spread go through KeyTable.)
class OrderRows {
 public:
  // O(largest key). The array is first touched by the loops, not by the allocation: getting its
  // pages is most of the work.
  template <class Loops>
  static OrderRows build(const Orders& orders) {
    OrderRows map;
    const std::size_t size = std::size_t{orders.key.back()} + 1;  // keys ascend
    map.rows_ = std::make_unique_for_overwrite<std::uint32_t[]>(size);
    detail::for_blocks<Loops>(orders.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        map.rows_[orders.key[i]] = static_cast<std::uint32_t>(i);
      }
    });
    return map;
  }
  // The key must be an order's.
  std::uint32_t operator[](std::uint32_t key) const { return rows_[key]; }

 private:
  std::unique_ptr<std::uint32_t[]> rows_;
};

// value(row) for every order.
template <class Loops, class Value, class F>
Array<Value> for_orders(const Orders& orders, F&& value, Where where = Where::current()) {
  Array<Value> values(orders.size());
  detail::for_blocks<Loops>(
      orders.size(),
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) values[i] = static_cast<Value>(value(i));
      },
      where);
  return values;
}

// Sums by a small dense group number, in one pass: group(row) < N, N - 1 means "left out".
template <class Loops, std::size_t N, class Group, class Done>
std::array<Sums, N> sum_dense(const LineItems& items, Group&& group, Done&& done,
                              Where where = Where::current()) {
  const std::size_t rows = items.size();
  using Table = std::array<Sums, N>;
  return Loops::transform_reduce(
      row_blocks(rows), Table{},
      [](Table a, const Table& b) {
        for (std::size_t i = 0; i < N; ++i) a[i] += b[i];
        return a;
      },
      [&](std::size_t block) {
        Table sums{};
        const std::size_t begin = block * kRowBlock, end = std::min(rows, begin + kRowBlock);
        for (std::size_t i = begin; i < end; ++i) {
          sums[group(i)].add(items.quantity[i], items.price[i], items.discount[i]);
        }
        done(end - begin);
        return sums;
      },
      where);
}

// Sums by a group number out of many, in two passes: blocks of rows deal the rows that `group`
// takes to partitions of neighbouring groups; each partition sums its own in an array, so that
// nothing is locked and nothing depends on the order. pick(list) leaves of a list of groups,
// ascending by number, those that may be in the result; it sees each partition's and then what they
// left. group(row) < groups, or kNoGroup for "left out".
inline constexpr std::uint32_t kNoGroup = ~std::uint32_t{0};
using GroupSums = std::pair<std::uint32_t, Sums>;

class DealtRows {
 public:
  static constexpr std::size_t kPartitions = 64;
  struct Row {
    std::uint32_t group, row;
  };

  // Rows [begin, end); partition p has the groups from p << shift on.
  template <class Group>
  static DealtRows deal(std::size_t begin, std::size_t end, unsigned shift, Group&& group) {
    std::vector<Row> taken;
    DealtRows dealt;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t g = group(i);
      if (g == kNoGroup) continue;
      taken.push_back({g, static_cast<std::uint32_t>(i)});
      ++dealt.ends_[g >> shift];
    }
    std::uint32_t sum = 0;
    for (std::uint32_t& end_of : dealt.ends_) sum += std::exchange(end_of, sum);
    dealt.rows_.resize(taken.size());
    for (const Row& row : taken) dealt.rows_[dealt.ends_[row.group >> shift]++] = row;
    return dealt;
  }
  std::span<const Row> partition(std::size_t p) const {
    const std::size_t begin = p == 0 ? 0 : ends_[p - 1];
    return {rows_.data() + begin, ends_[p] - begin};
  }

 private:
  Array<Row> rows_;
  std::array<std::uint32_t, kPartitions> ends_{};
};

template <class Loops, class Group, class Pick, class Done>
std::vector<GroupSums> sum_groups(const LineItems& items, std::size_t groups, Group&& group,
                                  Pick&& pick, Done&& done) {
  const std::size_t rows = items.size();
  unsigned shift = 0;
  while (((groups - 1) >> shift) >= DealtRows::kPartitions) ++shift;
  std::vector<DealtRows> dealt(row_blocks(rows));
  Loops::for_each(dealt.size(), [&](std::size_t block) {
    const std::size_t begin = block * kRowBlock, end = std::min(rows, begin + kRowBlock);
    dealt[block] = DealtRows::deal(begin, end, shift, group);
    done(end - begin);
  });
  std::vector<std::vector<GroupSums>> found(DealtRows::kPartitions);
  Loops::for_each(found.size(), [&](std::size_t p) {
    const std::size_t first = p << shift;
    if (first >= groups) return;
    std::vector<Sums> sums(std::min(groups - first, std::size_t{1} << shift));
    for (const DealtRows& block : dealt) {
      for (const DealtRows::Row& row : block.partition(p)) {
        sums[row.group - first].add(items.quantity[row.row], items.price[row.row],
                                    items.discount[row.row]);
      }
    }
    for (std::size_t g = 0; g < sums.size(); ++g) {
      if (sums[g].rows != 0) found[p].emplace_back(static_cast<std::uint32_t>(first + g), sums[g]);
    }
    pick(found[p]);
  });
  std::vector<GroupSums> all;
  for (const auto& list : found) all.insert(all.end(), list.begin(), list.end());
  pick(all);
  return all;
}

// Leaves the first `count` of a list in the order of `before`, which has no ties.
template <class Before>
void keep_top(std::vector<GroupSums>& list, std::size_t count, Before&& before) {
  const std::size_t top = std::min(count, list.size());
  std::partial_sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(top), list.end(),
                    before);
  list.resize(top);
}

// The rows that `take` takes, ascending.
template <class Loops, class Take, class Done>
std::vector<std::uint32_t> filter_rows(std::size_t rows, Take&& take, Done&& done) {
  std::vector<std::vector<std::uint32_t>> found(row_blocks(rows));
  Loops::for_each(found.size(), [&](std::size_t block) {
    const std::size_t begin = block * kRowBlock, end = std::min(rows, begin + kRowBlock);
    for (std::size_t i = begin; i < end; ++i) {
      if (take(i)) found[block].push_back(static_cast<std::uint32_t>(i));
    }
    done(end - begin);
  });
  std::vector<std::uint32_t> all;
  for (const auto& part : found) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace pel::apps::analytics
