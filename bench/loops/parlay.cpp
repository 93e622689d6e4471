// SPDX-License-Identifier: Apache-2.0
#include <parlay/parallel.h>
#include <parlay/primitives.h>
#include <parlay/sequence.h>

#include "bench/loops/input.hpp"

namespace pel::bench::loops {
namespace {

template <class T>
auto slice(const std::vector<T>& values) {
  return parlay::make_slice(values.data(), values.data() + values.size());
}

const bool added =
    add_loop(
        "reduce", "parlay", make_reduce,
        [](Reduce& s, int) { return static_cast<std::uint64_t>(parlay::reduce(slice(s.in))); }) &&
    add_loop(
        "scan", "parlay", make_scan,
        [](Scan& s, int) {
          const auto sums = parlay::scan_inclusive(slice(s.in));
          return static_cast<std::uint64_t>(sums.front() + sums[sums.size() / 2] * 3 + sums.back());
        }) &&
    add_loop("sort", "parlay", make_sort,
             [](Sort& s, int) {
               const auto sorted = parlay::sort(slice(s.in));
               return sorted.front() + sorted[sorted.size() / 2] * 3 + sorted.back() +
                      sorted.size();
             }) &&
    add_loop("histogram", "parlay", make_keys,
             [](Keys& s, int) {
               const auto keys = parlay::delayed_tabulate(
                   s.in.size(), [&](std::size_t i) { return s.in[i] % kBins; });
               const auto bins = parlay::histogram_by_index(keys, kBins);
               return static_cast<std::uint64_t>(bins[0]) + 3 * bins[77];
             }) &&
    add_loop("filter", "parlay", make_filter, [](Filter& s, int) {
      const auto out = parlay::filter(slice(s.in), wanted);
      return out.front() + out[out.size() / 2] * 3 + out.back() + out.size();
    });

std::uint64_t group(Keys& s, int) {
  const auto pairs = parlay::delayed_tabulate(s.in.size(), [&](std::size_t i) {
    return std::pair<std::uint32_t, std::uint64_t>(s.in[i], i);
  });
  std::uint64_t value = 0;
  for (const auto& [key, members] : parlay::group_by_key(pairs)) {
    std::uint64_t first = members.front();
    for (const std::uint64_t member : members) first = std::min(first, member);
    value += group_value(key, members.size(), first);
  }
  return value;
}

std::uint64_t sum_by_key(Pairs& s, int) {
  const auto pairs = parlay::delayed_tabulate(s.keys.size(), [&](std::size_t i) {
    return std::pair<std::uint32_t, double>(s.keys[i], s.values[i]);
  });
  std::uint64_t value = 0;
  for (const auto& [key, sum] : parlay::reduce_by_key(pairs)) {
    value += group_value(key, static_cast<std::uint64_t>(sum), 1);
  }
  return value;
}

const bool grouped = add_loop("group_by", "parlay", make_keys, group) &&
                     add_loop("group_by_few", "parlay", make_few_keys, group) &&
                     add_loop("group_by_many", "parlay", make_many_keys, group) &&
                     add_loop("reduce_by_key", "parlay", make_pairs, sum_by_key) &&
                     add_loop("reduce_by_key_few", "parlay", make_few_pairs, sum_by_key);

const bool mapped =
    add_loop("for_each", "parlay", make_sort,
             [](Sort& s, int) {
               parlay::parallel_for(0, s.in.size(),
                                    [&](std::size_t i) { s.in[i] = stepped(s.in[i]); });
               return ends_of(s.in);
             }) &&
    add_loop("transform", "parlay", make_columns,
             [](Columns& s, int) {
               parlay::parallel_for(0, s.a.size(),
                                    [&](std::size_t i) { s.out[i] = scaled(s.a[i]); });
               return ends_of(s.out);
             }) &&
    add_loop("transform2", "parlay", make_columns,
             [](Columns& s, int) {
               parlay::parallel_for(0, s.a.size(),
                                    [&](std::size_t i) { s.out[i] = plane(s.a[i], s.b[i]); });
               return ends_of(s.out);
             }) &&
    add_loop("generate", "parlay", make_columns,
             [](Columns& s, int) {
               parlay::parallel_for(0, s.out.size(),
                                    [&](std::size_t i) { s.out[i] = generated(i); });
               return ends_of(s.out);
             }) &&
    add_loop("transform_reduce", "parlay", make_reduce,
             [](Reduce& s, int) {
               return static_cast<std::uint64_t>(
                   parlay::reduce(parlay::delayed_map(slice(s.in), scaled)));
             }) &&
    add_loop("dot", "parlay", make_columns,
             [](Columns& s, int) {
               return static_cast<std::uint64_t>(parlay::reduce(parlay::delayed_tabulate(
                   s.a.size(), [&](std::size_t i) { return s.a[i] * s.b[i]; })));
             }) &&
    add_loop("reduce_any_op", "parlay", make_maps, [](Maps& s, int) {
      return parlay::reduce(slice(s.in), parlay::binary_op(composed, Affine{})).add;
    });

const bool searched =
    add_loop("find", "parlay", make_numbers,
             [](Numbers& s, int) {
               const auto values = slice(s.in);
               return static_cast<std::uint64_t>(parlay::find(values, kAbsent) - values.begin());
             }) &&
    add_loop("all_of", "parlay", make_numbers,
             [](Numbers& s, int) { return parlay::all_of(slice(s.in), below_top) ? 1u : 0u; }) &&
    add_loop("count_if", "parlay", make_numbers,
             [](Numbers& s, int) {
               return static_cast<std::uint64_t>(parlay::count_if(slice(s.in), is_even));
             }) &&
    add_loop("equal", "parlay", make_columns,
             [](Columns& s, int) { return parlay::equal(slice(s.a), slice(s.b)) ? 1u : 0u; }) &&
    add_loop("min_element", "parlay", make_numbers,
             [](Numbers& s, int) {
               const auto values = slice(s.in);
               return static_cast<std::uint64_t>(parlay::min_element(values) - values.begin());
             }) &&
    add_loop("minmax_element", "parlay", make_numbers, [](Numbers& s, int) {
      const auto [least, most] = parlay::minmax_element(slice(s.in));
      return *least + std::uint64_t{3} * *most;
    });

const bool ordered =
    add_loop("sort_by", "parlay", make_records,
             [](Records& s, int) {
               s.out = s.in;
               parlay::sort_inplace(parlay::make_slice(s.out), by_key);
               return ends_of(s.out);
             }) &&
    add_loop("stable_sort", "parlay", make_records,
             [](Records& s, int) {
               s.out = s.in;
               parlay::stable_sort_inplace(parlay::make_slice(s.out), by_key);
               return ends_of(s.out);
             }) &&
    add_loop("merge", "parlay", make_halves,
             [](Halves& s, int) {
               const auto out = parlay::merge(slice(s.a), slice(s.b));
               return out.front() + out[out.size() / 2] * 3 + out.back() + out.size();
             }) &&
    add_loop("unique", "parlay", make_runs,
             [](Numbers& s, int) {
               const auto out = parlay::unique(slice(s.in));
               return out.size() + out.back();
             }) &&
    add_loop("shuffle", "parlay", make_sort,
             [](Sort& s, int) { return parlay::random_shuffle(slice(s.in)).size(); });

}  // namespace
}  // namespace pel::bench::loops
