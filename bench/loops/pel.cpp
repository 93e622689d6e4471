// SPDX-License-Identifier: Apache-2.0
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"

#include "bench/loops/input.hpp"

namespace pel::bench::loops {
namespace {

bool has_workers(int workers) {
  if (Executor::current().workers() == workers) return true;
  throw Error("pel-bench", "PEL_WORKERS is not the number of workers that is measured");
}

// The loops are called as a program would, from a thread outside of the executor: the process-wide
// one, which has PEL_WORKERS workers.
template <class Make, class Kernel>
bool add_pel(const char* bench, Make make, Kernel kernel) {
  return add_loop(bench, "pel", make, [kernel](auto& s, int workers) {
    static const bool set = has_workers(workers);
    keep(set);
    return static_cast<std::uint64_t>(kernel(s));
  });
}

const bool added =
    add_pel("reduce", make_reduce,
            [](Reduce& s) {
              return static_cast<std::uint64_t>(pel::reduce(s.in, 0.0, std::plus<>()));
            }) &&
    add_pel("scan", make_scan,
            [](Scan& s) {
              pel::inclusive_scan(s.in, s.out, std::plus<>());
              return ends_of(s.out);
            }) &&
    add_pel("sort", make_sort,
            [](Sort& s) {
              s.out = s.in;
              pel::sort(s.out);
              return ends_of(s.out);
            }) &&
    add_pel("histogram", make_keys,
            [](Keys& s) {
              const auto bins =
                  pel::histogram(s.in, kBins, [](std::uint32_t key) { return key % kBins; });
              return static_cast<std::uint64_t>(bins[0] + 3 * bins[77]);
            }) &&
    add_pel("filter", make_filter, [](Filter& s) { return ends_of(pel::filter(s.in, wanted)); });

std::uint64_t group(Keys& s) {
  const auto groups = pel::group_by(s.in, [](std::uint32_t key) { return key; });
  std::uint64_t value = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto rows = groups.rows(g);
    value += group_value(groups.key(g), rows.size(), rows.front());
  }
  return value;
}

std::uint64_t sum_by_key(Pairs& s) {
  std::uint64_t value = 0;
  for (const auto& [key, sum] : pel::reduce_by_key(s.keys, s.values, 0.0)) {
    value += group_value(key, static_cast<std::uint64_t>(sum), 1);
  }
  return value;
}

const bool grouped = add_pel("group_by", make_keys, group) &&
                     add_pel("group_by_few", make_few_keys, group) &&
                     add_pel("group_by_many", make_many_keys, group) &&
                     add_pel("reduce_by_key", make_pairs, sum_by_key) &&
                     add_pel("reduce_by_key_few", make_few_pairs, sum_by_key) &&
                     add_pel("reduce_by_key_many", make_many_pairs, sum_by_key) &&
                     add_pel("hash_join", make_tables, [](Tables& s) {
                       const auto rows = pel::hash_join(
                           s.left, s.right, [](std::uint32_t key) { return key; },
                           [](std::uint32_t key) { return key; });
                       return rows.size() + rows[rows.size() / 2].second;
                     });

const bool mapped =
    add_pel("for_each", make_sort,
            [](Sort& s) {
              pel::for_each(s.in, [](std::uint64_t& x) { x = stepped(x); });
              return ends_of(s.in);
            }) &&
    add_pel("tiles", make_square,
            [](Square& s) {
              pel::for_each(pel::tiles(s.side, s.side), [&](const Tile2& tile) {
                transpose(s, tile.row_begin, tile.row_end, tile.col_begin, tile.col_end);
              });
              return ends_of(s.out);
            }) &&
    add_pel("transform", make_columns,
            [](Columns& s) {
              pel::transform(s.a, s.out, scaled);
              return ends_of(s.out);
            }) &&
    add_pel("transform2", make_columns,
            [](Columns& s) {
              pel::transform(s.a, s.b, s.out, plane);
              return ends_of(s.out);
            }) &&
    add_pel("generate", make_columns,
            [](Columns& s) {
              pel::generate(s.out, generated);
              return ends_of(s.out);
            }) &&
    add_pel("exclusive_scan", make_scan, [](Scan& s) {
      pel::exclusive_scan(s.in, s.out, 1.0);
      return ends_of(s.out);
    });

const bool folded =
    add_pel("transform_reduce", make_reduce,
            [](Reduce& s) {
              return static_cast<std::uint64_t>(
                  pel::transform_reduce(s.in, 0.0, std::plus<>(), scaled));
            }) &&
    add_pel("reduce_any_op", make_maps,
            [](Maps& s) { return pel::reduce(s.in, Affine{}, composed).add; }) &&
    add_pel("dot", make_columns,
            [](Columns& s) { return static_cast<std::uint64_t>(pel::dot(s.a, s.b)); }) &&
    add_pel(
        "left_fold", make_reduce,
        [](Reduce& s) {
          return static_cast<std::uint64_t>(pel::reduce(pel::left_fold, s.in, 0.0, std::plus<>()));
        }) &&
    add_pel("find", make_numbers, [](Numbers& s) { return pel::find(s.in, kAbsent); }) &&
    add_pel("all_of", make_numbers,
            [](Numbers& s) { return pel::all_of(s.in, below_top) ? 1u : 0u; }) &&
    add_pel("count_if", make_numbers, [](Numbers& s) { return pel::count_if(s.in, is_even); }) &&
    add_pel("equal", make_columns, [](Columns& s) { return pel::equal(s.a, s.b) ? 1u : 0u; }) &&
    add_pel("min_element", make_numbers, [](Numbers& s) { return pel::min_element(s.in); }) &&
    add_pel("minmax_element", make_numbers, [](Numbers& s) {
      const MinMax ends = pel::minmax_element(s.in);
      return s.in[ends.min] + std::uint64_t{3} * s.in[ends.max];
    });

const bool ordered =
    add_pel("sort_by", make_records,
            [](Records& s) {
              s.out = s.in;
              pel::sort(s.out, by_key);
              return ends_of(s.out);
            }) &&
    add_pel("stable_sort", make_records,
            [](Records& s) {
              s.out = s.in;
              pel::stable_sort(s.out, by_key);
              return ends_of(s.out);
            }) &&
    add_pel("merge", make_halves,
            [](Halves& s) {
              pel::merge(s.a, s.b, s.out);
              return ends_of(s.out);
            }) &&
    add_pel("nth_element", make_sort,
            [](Sort& s) {
              s.out = s.in;
              pel::nth_element(s.out, s.out.size() / 3);
              return s.out[s.out.size() / 3];
            }) &&
    add_pel("top_k", make_sort, [](Sort& s) { return ends_of(pel::top_k(s.in, kTop)); }) &&
    add_pel("partition", make_sort,
            [](Sort& s) {
              s.out = s.in;
              return pel::partition(s.out, wanted) + ends_of(s.out);
            }) &&
    add_pel("unique", make_runs,
            [](Numbers& s) {
              s.out = s.in;
              const std::size_t count = pel::unique(s.out);
              return count + s.out[count - 1];
            }) &&
    add_pel("shuffle", make_sort,
            [](Sort& s) {
              s.out = s.in;
              pel::shuffle(s.out, 1);
              return s.out.size();
            }) &&
    add_pel("sample", make_sort,
            [](Sort& s) { return pel::sample(s.in, s.in.size() / 10, 1).size(); }) &&
    add_pel("pipeline", make_sort, [](Sort& s) {
      std::uint64_t sum = 0;
      std::size_t next = 0;
      pel::pipeline(
          [&]() -> std::optional<std::uint64_t> {
            if (next == s.in.size()) return std::nullopt;
            return s.in[next++];
          },
          milled, [&](std::uint64_t x) { sum = stepped(sum) ^ x; });
      return sum;
    });

}  // namespace
}  // namespace pel::bench::loops
