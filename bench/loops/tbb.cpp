// SPDX-License-Identifier: Apache-2.0
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/parallel_scan.h>
#include <tbb/parallel_sort.h>
#include <tbb/task_arena.h>

#include <array>

#include "bench/loops/input.hpp"

namespace pel::bench::loops {
namespace {

using Range = tbb::blocked_range<std::size_t>;

template <class F>
auto in_arena(int workers, F f) {
  static tbb::task_arena arena(workers);
  return arena.execute(f);
}

std::uint64_t reduce(Reduce& s, int workers) {
  return in_arena(workers, [&] {
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
  return in_arena(workers, [&] {
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
  return in_arena(workers, [&] {
    s.out = s.in;
    tbb::parallel_sort(s.out);
    return ends_of(s.out);
  });
}

std::uint64_t histogram(Keys& s, int workers) {
  return in_arena(workers, [&] {
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
  return in_arena(workers, [&] {
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
                   add_loop("group_by", "tbb", make_keys, group_by);

}  // namespace
}  // namespace pel::bench::loops
