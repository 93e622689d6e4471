// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "apps/analytics/csv.hpp"
#include "apps/analytics/keys.hpp"

namespace pel::apps::analytics {

// A question to one table, or to two joined by equal keys:
//   join=COLUMN     inner join with the second file on a column that both have (default: the first)
//   where=COLUMN<op>VALUE   op is = != < <= > >=; may come several times, all must hold
//   group=COLUMN    default: the first text column of the first file, else its first column
//   sum=COLUMN,...  number columns to aggregate; default: all but the group's and the join's
//   sort=NAME       group, rows, or an aggregated column (by its sum); default: the first such,
//   else
//                   rows; descending, but ascending by group
//   top=N           groups written; default 20
struct Settings {
  std::string join, group, sort;
  std::vector<std::string> where, sums;
  std::size_t top = 20;
};

// Throws pel::Error for a name it does not know.
Settings read_settings(const std::vector<std::pair<std::string, std::string>>& settings);

// A column of the first (side 0) or second (side 1) table.
struct ColumnAt {
  const Column* column = nullptr;
  unsigned side = 0;
};

enum class Compare : std::uint8_t { kEqual, kDiffers, kLess, kAtMost, kMore, kAtLeast };
inline constexpr std::string_view kCompareTexts[] = {"=", "!=", "<", "<=", ">", ">="};

struct Condition {
  ColumnAt at;
  Compare compare = Compare::kEqual;
  std::int64_t number = 0;          // in the column's places
  std::string text;                 // of a text column
  std::vector<std::uint8_t> holds;  // by word of a text column
};

// A query whose names are resolved against its tables.
struct Plan {
  const Table* tables[2] = {nullptr, nullptr};
  const Column* keys[2] = {nullptr, nullptr};  // of the join
  std::vector<Condition> where;
  ColumnAt group;
  std::vector<ColumnAt> sums;
  int sort = -2;  // -2 group, -1 rows, else an index into sums
  std::size_t top = 20;
};

// Throws pel::Error naming the setting that does not fit the tables. The plan points into them.
Plan make_plan(const Settings& settings, const Table& first, const Table* second);

struct Aggregate {
  std::int64_t count = 0;  // fields that are not missing
  std::int64_t sum = 0, least = 0, most = 0;

  // False if the sum leaves +-kMaxSum.
  bool add(std::int64_t value);
  static constexpr std::int64_t kMaxSum = 40'000'000'000'000'000;
};

struct GroupLine {
  std::int64_t key = 0;  // value in the group column
  std::int64_t rows = 0;
  std::vector<Aggregate> sums;
};

// CSV of the top groups: the group's column, rows, then sum, min, max and average of each measure
// (the average with two decimals more, rounded half away from zero; empty if all are missing).
std::string format_groups(const Plan& plan, std::vector<GroupLine> lines);
std::string group_text(const Plan& plan, std::int64_t key);

namespace detail {

inline constexpr std::size_t kQueryBlock = 1 << 16;  // rows looked at by one loop step

bool holds(const Condition& condition, std::int64_t value);
[[noreturn]] void sum_too_large(const Plan& plan, std::size_t measure);

// Pairs of rows; without a join `right` is empty and pair i is row left[i].
struct RowPairs {
  std::vector<std::uint32_t> left, right;

  std::int64_t value(const ColumnAt& at, std::size_t i) const {
    return at.column->values[at.side == 0 ? left[i] : right[i]];
  }
};

// Keys of both sides of a join in one numbering; ~0 where a left key has no partner.
struct JoinKeys {
  std::vector<std::uint64_t> left, right;
};
JoinKeys join_keys(const Plan& plan);

// Lines up what `find(i, pairs)` appends for blocks of n rows, in row order.
template <class Loops, class Find>
RowPairs collect(std::size_t n, Find&& find) {
  std::vector<RowPairs> found((n + kQueryBlock - 1) / kQueryBlock);
  Loops::for_each(found.size(), [&](std::size_t b) {
    const std::size_t end = std::min(n, (b + 1) * kQueryBlock);
    for (std::size_t i = b * kQueryBlock; i < end; ++i) find(i, found[b]);
  });
  std::vector<std::size_t> starts{0};
  for (const RowPairs& part : found) starts.push_back(starts.back() + part.left.size());
  RowPairs all;
  all.left.resize(starts.back());
  if (std::any_of(found.begin(), found.end(), [](const auto& p) { return !p.right.empty(); })) {
    all.right.resize(starts.back());
  }
  Loops::for_each(found.size(), [&](std::size_t b) {
    const auto at = static_cast<std::ptrdiff_t>(starts[b]);
    std::copy(found[b].left.begin(), found[b].left.end(), all.left.begin() + at);
    std::copy(found[b].right.begin(), found[b].right.end(), all.right.begin() + at);
  });
  return all;
}

// Inner hash join: the second table's rows of each key, in order, for every row of the first.
template <class Loops>
RowPairs join(const Plan& plan) {
  const JoinKeys keys = join_keys(plan);
  const KeyTable table = KeyTable::build<Loops>(keys.right);
  std::vector<std::uint32_t> starts(table.groups() + 1, 0), rows(keys.right.size());
  for (std::size_t i = 0; i < rows.size(); ++i) ++starts[table.group_of(i) + 1];
  for (std::size_t g = 0; g < table.groups(); ++g) starts[g + 1] += starts[g];
  std::vector<std::uint32_t> next(starts);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[next[table.group_of(i)]++] = static_cast<std::uint32_t>(i);
  }
  return collect<Loops>(keys.left.size(), [&](std::size_t i, RowPairs& pairs) {
    const std::uint32_t group = table.find(keys.left[i]);
    if (group == KeyTable::kNone) return;
    for (std::uint32_t at = starts[group]; at < starts[group + 1]; ++at) {
      pairs.left.push_back(static_cast<std::uint32_t>(i));
      pairs.right.push_back(rows[at]);
    }
  });
}

template <class Loops>
RowPairs select(const Plan& plan) {
  const auto fits = [&](const RowPairs& pairs, std::size_t i) {
    return std::all_of(plan.where.begin(), plan.where.end(),
                       [&](const Condition& c) { return holds(c, pairs.value(c.at, i)); });
  };
  RowPairs from;
  if (plan.tables[1] != nullptr) {
    from = join<Loops>(plan);
  } else {
    from.left.resize(plan.tables[0]->rows);
    for (std::size_t i = 0; i < from.left.size(); ++i) from.left[i] = static_cast<std::uint32_t>(i);
  }
  if (plan.where.empty()) return from;
  return collect<Loops>(from.left.size(), [&](std::size_t i, RowPairs& pairs) {
    if (!fits(from, i)) return;
    pairs.left.push_back(from.left[i]);
    if (!from.right.empty()) pairs.right.push_back(from.right[i]);
  });
}

}  // namespace detail

// All groups, in order of their first row. `done(n)` adds up to KeyTable::kPartitions.
template <class Loops, class Done>
std::vector<GroupLine> run_query(const Plan& plan, Done&& done) {
  const detail::RowPairs rows = detail::select<Loops>(plan);
  std::vector<std::uint64_t> keys(rows.left.size());
  Loops::for_each((keys.size() + detail::kQueryBlock - 1) / detail::kQueryBlock,
                  [&](std::size_t b) {
                    const std::size_t end = std::min(keys.size(), (b + 1) * detail::kQueryBlock);
                    for (std::size_t i = b * detail::kQueryBlock; i < end; ++i) {
                      keys[i] = static_cast<std::uint64_t>(rows.value(plan.group, i));
                    }
                  });
  const KeyTable table = KeyTable::build<Loops>(keys);
  std::vector<GroupLine> lines(table.groups());
  Loops::for_each(KeyTable::kPartitions, [&](std::size_t p) {
    for (const std::uint32_t i : table.partition(p)) {
      GroupLine& line = lines[table.group_of(i)];
      if (line.rows++ == 0) {
        line.key = static_cast<std::int64_t>(keys[i]);
        line.sums.resize(plan.sums.size());
      }
      for (std::size_t m = 0; m < plan.sums.size(); ++m) {
        const std::int64_t value = rows.value(plan.sums[m], i);
        if (value != kMissing && !line.sums[m].add(value)) detail::sum_too_large(plan, m);
      }
    }
    done(1);
  });
  return lines;
}

}  // namespace pel::apps::analytics
