// SPDX-License-Identifier: Apache-2.0
#include <tbb/blocked_range.h>
#include <tbb/blocked_range2d.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/parallel_reduce.h>
#include <tbb/parallel_scan.h>
#include <tbb/parallel_sort.h>

#include <array>
#include <unordered_map>

#include "bench/loops/input.hpp"

namespace pel::bench::loops {
namespace {

using Range = tbb::blocked_range<std::size_t>;

// One number of workers a process; no arena to enter.
template <class F>
auto limited(int workers, F f) {
  static const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                         static_cast<std::size_t>(workers));
  return f();
}

std::uint64_t reduce(Reduce& s, int workers) {
  return limited(workers, [&] {
    return static_cast<std::uint64_t>(tbb::parallel_reduce(
        Range(0, s.in.size()), 0.0,
        [&](const Range& range, double sum) {
          for (std::size_t i = range.begin(); i < range.end(); ++i) sum += s.in[i];
          return sum;
        },
        std::plus<>()));
  });
}

std::uint64_t scan(Scan& s, int workers) {
  return limited(workers, [&] {
    tbb::parallel_scan(
        Range(0, s.in.size()), 0.0,
        [&](const Range& range, double sum, bool final) {
          for (std::size_t i = range.begin(); i < range.end(); ++i) {
            sum += s.in[i];
            if (final) s.out[i] = sum;
          }
          return sum;
        },
        std::plus<>());
    return ends_of(s.out);
  });
}

std::uint64_t sort(Sort& s, int workers) {
  return limited(workers, [&] {
    s.out = s.in;
    tbb::parallel_sort(s.out);
    return ends_of(s.out);
  });
}

std::uint64_t histogram(Keys& s, int workers) {
  return limited(workers, [&] {
    using Bins = std::array<std::uint64_t, kBins>;
    tbb::enumerable_thread_specific<Bins> locals([] { return Bins{}; });
    tbb::parallel_for(Range(0, s.in.size()), [&](const Range& range) {
      Bins& bins = locals.local();
      for (std::size_t i = range.begin(); i < range.end(); ++i) ++bins[s.in[i] % kBins];
    });
    Bins sum{};
    for (const Bins& bins : locals) {
      for (std::size_t bin = 0; bin < kBins; ++bin) sum[bin] += bins[bin];
    }
    return sum[0] + 3 * sum[77];
  });
}

// oneTBB has no grouping; its users sort (key, index) pairs and cut the runs.
std::uint64_t group_by(Keys& s, int workers) {
  return limited(workers, [&] {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs(s.in.size());
    tbb::parallel_for(Range(0, s.in.size()), [&](const Range& range) {
      for (std::size_t i = range.begin(); i < range.end(); ++i) {
        pairs[i] = {s.in[i], static_cast<std::uint32_t>(i)};
      }
    });
    tbb::parallel_sort(pairs);
    std::uint64_t value = 0;
    for (std::size_t first = 0, i = 1; i <= pairs.size(); ++i) {
      if (i < pairs.size() && pairs[i].first == pairs[first].first) continue;
      value += group_value(pairs[first].first, i - first, pairs[first].second);
      first = i;
    }
    return value;
  });
}

const bool added = add_loop("reduce", "tbb", make_reduce, reduce) &&
                   add_loop("scan", "tbb", make_scan, scan) &&
                   add_loop("sort", "tbb", make_sort, sort) &&
                   add_loop("histogram", "tbb", make_keys, histogram) &&
                   add_loop("group_by", "tbb", make_keys, group_by) &&
                   add_loop("group_by_few", "tbb", make_few_keys, group_by) &&
                   add_loop("group_by_many", "tbb", make_many_keys, group_by);

// add_loop() with body(state, range) on a parallel_for over `length(state)` elements.
template <class Make, class Body, class Result>
bool add_for(const char* bench, Make make, Body body, Result result) {
  return add_loop(bench, "tbb", make, [body, result](auto& s, int workers) {
    return limited(workers, [&] {
      tbb::parallel_for(Range(0, result(s).size()), [&](const Range& range) { body(s, range); });
      return ends_of(result(s));
    });
  });
}

// add_loop() with a sum of value(state, i) over the elements of column(state).
template <class Make, class Column, class Value>
bool add_sum(const char* bench, Make make, Column column, Value value) {
  return add_loop(bench, "tbb", make, [column, value](auto& s, int workers) {
    return limited(workers, [&] {
      return static_cast<std::uint64_t>(tbb::parallel_reduce(
          Range(0, column(s).size()), 0.0,
          [&](const Range& range, double sum) {
            for (std::size_t i = range.begin(); i < range.end(); ++i) sum += value(s, i);
            return sum;
          },
          std::plus<>()));
    });
  });
}

std::uint64_t tiles(Square& s, int workers) {
  return limited(workers, [&] {
    tbb::parallel_for(tbb::blocked_range2d<std::size_t>(0, s.side, 32, 0, s.side, 32),
                      [&](const tbb::blocked_range2d<std::size_t>& tile) {
                        transpose(s, tile.rows().begin(), tile.rows().end(), tile.cols().begin(),
                                  tile.cols().end());
                      });
    return ends_of(s.out);
  });
}

std::uint64_t sort_by(Records& s, int workers) {
  return limited(workers, [&] {
    s.out = s.in;
    tbb::parallel_sort(s.out, by_key);
    return ends_of(s.out);
  });
}

std::uint64_t sum_by_key(Pairs& s, int workers) {
  return limited(workers, [&] {
    using Sums = std::unordered_map<std::uint32_t, double>;
    tbb::enumerable_thread_specific<Sums> locals;
    tbb::parallel_for(Range(0, s.keys.size()), [&](const Range& range) {
      Sums& sums = locals.local();
      for (std::size_t i = range.begin(); i < range.end(); ++i) sums[s.keys[i]] += s.values[i];
    });
    Sums all;
    for (const Sums& sums : locals) {
      for (const auto& [key, sum] : sums) all[key] += sum;
    }
    std::uint64_t value = 0;
    for (const auto& [key, sum] : all) {
      value += group_value(key, static_cast<std::uint64_t>(sum), 1);
    }
    return value;
  });
}

std::uint64_t pipeline(Sort& s, int workers) {
  return limited(workers, [&] {
    std::uint64_t sum = 0;
    std::size_t next = 0;
    tbb::parallel_pipeline(
        static_cast<std::size_t>(4 * workers),
        tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order,
                                              [&](tbb::flow_control& control) -> std::uint64_t {
                                                if (next < s.in.size()) return s.in[next++];
                                                control.stop();
                                                return 0;
                                              }) &
            tbb::make_filter<std::uint64_t, std::uint64_t>(
                tbb::filter_mode::parallel, [](std::uint64_t x) { return milled(x); }) &
            tbb::make_filter<std::uint64_t, void>(
                tbb::filter_mode::serial_in_order,
                [&](std::uint64_t x) { sum = stepped(sum) ^ x; }));
    return sum;
  });
}

const bool mapped = add_for(
                        "for_each", make_sort,
                        [](Sort& s, const Range& range) {
                          for (std::size_t i = range.begin(); i < range.end(); ++i)
                            s.in[i] = stepped(s.in[i]);
                        },
                        [](Sort& s) -> auto& { return s.in; }) &&
                    add_for(
                        "transform", make_columns,
                        [](Columns& s, const Range& range) {
                          for (std::size_t i = range.begin(); i < range.end(); ++i)
                            s.out[i] = scaled(s.a[i]);
                        },
                        [](Columns& s) -> auto& { return s.out; }) &&
                    add_for(
                        "transform2", make_columns,
                        [](Columns& s, const Range& range) {
                          for (std::size_t i = range.begin(); i < range.end(); ++i) {
                            s.out[i] = plane(s.a[i], s.b[i]);
                          }
                        },
                        [](Columns& s) -> auto& { return s.out; }) &&
                    add_for(
                        "generate", make_columns,
                        [](Columns& s, const Range& range) {
                          for (std::size_t i = range.begin(); i < range.end(); ++i)
                            s.out[i] = generated(i);
                        },
                        [](Columns& s) -> auto& { return s.out; });

const bool others = add_sum(
                        "transform_reduce", make_reduce, [](Reduce& s) -> auto& { return s.in; },
                        [](Reduce& s, std::size_t i) { return scaled(s.in[i]); }) &&
                    add_sum(
                        "dot", make_columns, [](Columns& s) -> auto& { return s.a; },
                        [](Columns& s, std::size_t i) { return s.a[i] * s.b[i]; }) &&
                    add_sum(
                        "count_if", make_numbers, [](Numbers& s) -> auto& { return s.in; },
                        [](Numbers& s, std::size_t i) { return is_even(s.in[i]) ? 1.0 : 0.0; }) &&
                    add_loop("tiles", "tbb", make_square, tiles) &&
                    add_loop("sort_by", "tbb", make_records, sort_by) &&
                    add_loop("reduce_by_key", "tbb", make_pairs, sum_by_key) &&
                    add_loop("reduce_by_key_few", "tbb", make_few_pairs, sum_by_key) &&
                    add_loop("reduce_by_key_many", "tbb", make_many_pairs, sum_by_key) &&
                    add_loop("pipeline", "tbb", make_sort, pipeline);

}  // namespace
}  // namespace pel::bench::loops
