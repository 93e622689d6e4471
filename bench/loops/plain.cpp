// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <unordered_map>

#include "bench/loops/input.hpp"

// The loops that one would write without any library.
namespace pel::bench::loops {
namespace {

const bool added =
    add_loop("reduce", "plain", make_reduce,
             [](Reduce& s, int) {
               return static_cast<std::uint64_t>(std::accumulate(s.in.begin(), s.in.end(), 0.0));
             }) &&
    add_loop("scan", "plain", make_scan,
             [](Scan& s, int) {
               std::partial_sum(s.in.begin(), s.in.end(), s.out.begin());
               return ends_of(s.out);
             }) &&
    add_loop("sort", "plain", make_sort,
             [](Sort& s, int) {
               s.out = s.in;
               std::sort(s.out.begin(), s.out.end());
               return ends_of(s.out);
             }) &&
    add_loop("histogram", "plain", make_keys,
             [](Keys& s, int) {
               std::array<std::uint64_t, kBins> bins{};
               for (const std::uint32_t key : s.in) ++bins[key % kBins];
               return bins[0] + 3 * bins[77];
             }) &&
    add_loop("filter", "plain", make_filter, [](Filter& s, int) {
      std::vector<std::uint64_t> out;
      for (const std::uint64_t value : s.in) {
        if (wanted(value)) out.push_back(value);
      }
      return ends_of(out);
    });

std::uint64_t group(Keys& s, int) {
  std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> groups;
  for (std::size_t i = 0; i < s.in.size(); ++i) groups[s.in[i]].push_back(i);
  std::uint64_t value = 0;
  for (const auto& [key, members] : groups) {
    value += group_value(key, members.size(), members.front());
  }
  return value;
}

std::uint64_t sum_by_key(Pairs& s, int) {
  std::unordered_map<std::uint32_t, double> sums;
  for (std::size_t i = 0; i < s.keys.size(); ++i) sums[s.keys[i]] += s.values[i];
  std::uint64_t value = 0;
  for (const auto& [key, sum] : sums) {
    value += group_value(key, static_cast<std::uint64_t>(sum), 1);
  }
  return value;
}

std::uint64_t join(Tables& s, int) {
  std::unordered_multimap<std::uint32_t, std::size_t> places;
  places.reserve(s.right.size());
  for (std::size_t r = 0; r < s.right.size(); ++r) places.emplace(s.right[r], r);
  std::vector<std::pair<std::size_t, std::size_t>> rows;
  for (std::size_t l = 0; l < s.left.size(); ++l) {
    const auto [first, last] = places.equal_range(s.left[l]);
    for (auto it = first; it != last; ++it) rows.emplace_back(l, it->second);
  }
  return rows.size() + rows[rows.size() / 2].second;
}

const bool grouped = add_loop("group_by", "plain", make_keys, group) &&
                     add_loop("group_by_few", "plain", make_few_keys, group) &&
                     add_loop("group_by_many", "plain", make_many_keys, group) &&
                     add_loop("reduce_by_key", "plain", make_pairs, sum_by_key) &&
                     add_loop("reduce_by_key_few", "plain", make_few_pairs, sum_by_key) &&
                     add_loop("reduce_by_key_many", "plain", make_many_pairs, sum_by_key) &&
                     add_loop("hash_join", "plain", make_tables, join);

const bool mapped =
    add_loop("for_each", "plain", make_sort,
             [](Sort& s, int) {
               for (std::uint64_t& x : s.in) x = stepped(x);
               return ends_of(s.in);
             }) &&
    add_loop("tiles", "plain", make_square,
             [](Square& s, int) {
               constexpr std::size_t kSide = 32;
               for (std::size_t r = 0; r < s.side; r += kSide) {
                 for (std::size_t c = 0; c < s.side; c += kSide) {
                   transpose(s, r, std::min(r + kSide, s.side), c, std::min(c + kSide, s.side));
                 }
               }
               return ends_of(s.out);
             }) &&
    add_loop("transform", "plain", make_columns,
             [](Columns& s, int) {
               for (std::size_t i = 0; i < s.a.size(); ++i) s.out[i] = scaled(s.a[i]);
               return ends_of(s.out);
             }) &&
    add_loop("transform2", "plain", make_columns,
             [](Columns& s, int) {
               for (std::size_t i = 0; i < s.a.size(); ++i) s.out[i] = plane(s.a[i], s.b[i]);
               return ends_of(s.out);
             }) &&
    add_loop("generate", "plain", make_columns,
             [](Columns& s, int) {
               for (std::size_t i = 0; i < s.out.size(); ++i) s.out[i] = generated(i);
               return ends_of(s.out);
             }) &&
    add_loop("exclusive_scan", "plain", make_scan, [](Scan& s, int) {
      std::exclusive_scan(s.in.begin(), s.in.end(), s.out.begin(), 1.0);
      return ends_of(s.out);
    });

const bool folded =
    add_loop("transform_reduce", "plain", make_reduce,
             [](Reduce& s, int) {
               double sum = 0;
               for (const double x : s.in) sum += scaled(x);
               return static_cast<std::uint64_t>(sum);
             }) &&
    add_loop("reduce_any_op", "plain", make_maps,
             [](Maps& s, int) {
               Affine all;
               for (const Affine& map : s.in) all = composed(all, map);
               return all.add;
             }) &&
    add_loop("dot", "plain", make_columns,
             [](Columns& s, int) {
               return static_cast<std::uint64_t>(
                   std::inner_product(s.a.begin(), s.a.end(), s.b.begin(), 0.0));
             }) &&
    add_loop("left_fold", "plain", make_reduce,
             [](Reduce& s, int) {
               return static_cast<std::uint64_t>(std::accumulate(s.in.begin(), s.in.end(), 0.0));
             }) &&
    add_loop("find", "plain", make_numbers,
             [](Numbers& s, int) {
               return static_cast<std::uint64_t>(std::find(s.in.begin(), s.in.end(), kAbsent) -
                                                 s.in.begin());
             }) &&
    add_loop("all_of", "plain", make_numbers,
             [](Numbers& s, int) {
               return std::all_of(s.in.begin(), s.in.end(), below_top) ? 1u : 0u;
             }) &&
    add_loop("count_if", "plain", make_numbers,
             [](Numbers& s, int) {
               return static_cast<std::uint64_t>(std::count_if(s.in.begin(), s.in.end(), is_even));
             }) &&
    add_loop("equal", "plain", make_columns,
             [](Columns& s, int) {
               return std::equal(s.a.begin(), s.a.end(), s.b.begin(), s.b.end()) ? 1u : 0u;
             }) &&
    add_loop("min_element", "plain", make_numbers,
             [](Numbers& s, int) {
               return static_cast<std::uint64_t>(std::min_element(s.in.begin(), s.in.end()) -
                                                 s.in.begin());
             }) &&
    add_loop("minmax_element", "plain", make_numbers, [](Numbers& s, int) {
      const auto [least, most] = std::minmax_element(s.in.begin(), s.in.end());
      return *least + std::uint64_t{3} * *most;
    });

const bool ordered =
    add_loop("sort_by", "plain", make_records,
             [](Records& s, int) {
               s.out = s.in;
               std::sort(s.out.begin(), s.out.end(), by_key);
               return ends_of(s.out);
             }) &&
    add_loop("stable_sort", "plain", make_records,
             [](Records& s, int) {
               s.out = s.in;
               std::stable_sort(s.out.begin(), s.out.end(), by_key);
               return ends_of(s.out);
             }) &&
    add_loop("merge", "plain", make_halves,
             [](Halves& s, int) {
               std::merge(s.a.begin(), s.a.end(), s.b.begin(), s.b.end(), s.out.begin());
               return ends_of(s.out);
             }) &&
    add_loop("nth_element", "plain", make_sort,
             [](Sort& s, int) {
               s.out = s.in;
               const auto place = s.out.begin() + static_cast<std::ptrdiff_t>(s.out.size() / 3);
               std::nth_element(s.out.begin(), place, s.out.end());
               return *place;
             }) &&
    add_loop("top_k", "plain", make_sort,
             [](Sort& s, int) {
               std::vector<std::uint64_t> top(kTop);
               std::partial_sort_copy(s.in.begin(), s.in.end(), top.begin(), top.end(),
                                      std::greater<>());
               return ends_of(top);
             }) &&
    add_loop("partition", "plain", make_sort,
             [](Sort& s, int) {
               s.out = s.in;
               const auto end = std::stable_partition(s.out.begin(), s.out.end(), wanted);
               return static_cast<std::uint64_t>(end - s.out.begin()) + ends_of(s.out);
             }) &&
    add_loop("unique", "plain", make_runs,
             [](Numbers& s, int) {
               s.out = s.in;
               const auto end = std::unique(s.out.begin(), s.out.end());
               return static_cast<std::uint64_t>(end - s.out.begin()) + end[-1];
             }) &&
    add_loop("shuffle", "plain", make_sort,
             [](Sort& s, int) {
               s.out = s.in;
               std::shuffle(s.out.begin(), s.out.end(), std::mt19937_64(1));
               return s.out.size();
             }) &&
    add_loop("sample", "plain", make_sort,
             [](Sort& s, int) {
               std::vector<std::uint64_t> drawn;
               std::sample(s.in.begin(), s.in.end(), std::back_inserter(drawn), s.in.size() / 10,
                           std::mt19937_64(1));
               return drawn.size();
             }) &&
    add_loop("pipeline", "plain", make_sort, [](Sort& s, int) {
      std::uint64_t sum = 0;
      for (const std::uint64_t item : s.in) sum = stepped(sum) ^ milled(item);
      return sum;
    });

}  // namespace
}  // namespace pel::bench::loops
