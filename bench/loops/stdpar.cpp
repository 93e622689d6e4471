// SPDX-License-Identifier: Apache-2.0
#include <tbb/global_control.h>

#include <algorithm>
#include <execution>
#include <numeric>

#include "bench/loops/input.hpp"

// libstdc++'s parallel algorithms, which run on oneTBB.
namespace pel::bench::loops {
namespace {

constexpr auto& kPar = std::execution::par;

// One number of workers a process; no arena to enter.
template <class F>
auto limited(int workers, F f) {
  static const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                         static_cast<std::size_t>(workers));
  return f();
}

const bool added =
    add_loop(
        "reduce", "stdpar", make_reduce,
        [](Reduce& s, int workers) {
          return limited(workers, [&] {
            return static_cast<std::uint64_t>(std::reduce(kPar, s.in.begin(), s.in.end(), 0.0));
          });
        }) &&
    add_loop("scan", "stdpar", make_scan,
             [](Scan& s, int workers) {
               return limited(workers, [&] {
                 std::inclusive_scan(kPar, s.in.begin(), s.in.end(), s.out.begin());
                 return ends_of(s.out);
               });
             }) &&
    add_loop("sort", "stdpar", make_sort,
             [](Sort& s, int workers) {
               return limited(workers, [&] {
                 s.out = s.in;
                 std::sort(kPar, s.out.begin(), s.out.end());
                 return ends_of(s.out);
               });
             }) &&
    add_loop("filter", "stdpar", make_filter, [](Filter& s, int workers) {
      return limited(workers, [&] {
        std::vector<std::uint64_t> out(s.in.size());
        out.resize(static_cast<std::size_t>(
            std::copy_if(kPar, s.in.begin(), s.in.end(), out.begin(), wanted) - out.begin()));
        return ends_of(out);
      });
    });

// add_loop() inside the arena of as many threads.
template <class Make, class Kernel>
bool add_par(const char* bench, Make make, Kernel kernel) {
  return add_loop(bench, "stdpar", make, [kernel](auto& s, int workers) {
    return limited(workers, [&] { return static_cast<std::uint64_t>(kernel(s)); });
  });
}

const bool mapped =
    add_par("for_each", make_sort,
            [](Sort& s) {
              std::for_each(kPar, s.in.begin(), s.in.end(),
                            [](std::uint64_t& x) { x = stepped(x); });
              return ends_of(s.in);
            }) &&
    add_par("transform", make_columns,
            [](Columns& s) {
              std::transform(kPar, s.a.begin(), s.a.end(), s.out.begin(), scaled);
              return ends_of(s.out);
            }) &&
    add_par("transform2", make_columns,
            [](Columns& s) {
              std::transform(kPar, s.a.begin(), s.a.end(), s.b.begin(), s.out.begin(), plane);
              return ends_of(s.out);
            }) &&
    add_par("exclusive_scan", make_scan,
            [](Scan& s) {
              std::exclusive_scan(kPar, s.in.begin(), s.in.end(), s.out.begin(), 1.0);
              return ends_of(s.out);
            }) &&
    add_par("transform_reduce", make_reduce,
            [](Reduce& s) {
              return std::transform_reduce(kPar, s.in.begin(), s.in.end(), 0.0, std::plus<>(),
                                           scaled);
            }) &&
    add_par("dot", make_columns, [](Columns& s) {
      return std::transform_reduce(kPar, s.a.begin(), s.a.end(), s.b.begin(), 0.0);
    });

const bool searched =
    add_par("find", make_numbers,
            [](Numbers& s) {
              return std::find(kPar, s.in.begin(), s.in.end(), kAbsent) - s.in.begin();
            }) &&
    add_par("all_of", make_numbers,
            [](Numbers& s) {
              return std::all_of(kPar, s.in.begin(), s.in.end(), below_top) ? 1 : 0;
            }) &&
    add_par("count_if", make_numbers,
            [](Numbers& s) { return std::count_if(kPar, s.in.begin(), s.in.end(), is_even); }) &&
    add_par("equal", make_columns,
            [](Columns& s) {
              return std::equal(kPar, s.a.begin(), s.a.end(), s.b.begin(), s.b.end()) ? 1 : 0;
            }) &&
    add_par("min_element", make_numbers,
            [](Numbers& s) {
              return std::min_element(kPar, s.in.begin(), s.in.end()) - s.in.begin();
            }) &&
    add_par("minmax_element", make_numbers, [](Numbers& s) {
      const auto [least, most] = std::minmax_element(kPar, s.in.begin(), s.in.end());
      return *least + std::uint64_t{3} * *most;
    });

const bool ordered =
    add_par("sort_by", make_records,
            [](Records& s) {
              s.out = s.in;
              std::sort(kPar, s.out.begin(), s.out.end(), by_key);
              return ends_of(s.out);
            }) &&
    add_par("stable_sort", make_records,
            [](Records& s) {
              s.out = s.in;
              std::stable_sort(kPar, s.out.begin(), s.out.end(), by_key);
              return ends_of(s.out);
            }) &&
    add_par("merge", make_halves,
            [](Halves& s) {
              std::merge(kPar, s.a.begin(), s.a.end(), s.b.begin(), s.b.end(), s.out.begin());
              return ends_of(s.out);
            }) &&
    add_par("nth_element", make_sort,
            [](Sort& s) {
              s.out = s.in;
              const auto place = s.out.begin() + static_cast<std::ptrdiff_t>(s.out.size() / 3);
              std::nth_element(kPar, s.out.begin(), place, s.out.end());
              return *place;
            }) &&
    add_par("top_k", make_sort,
            [](Sort& s) {
              std::vector<std::uint64_t> top(kTop);
              std::partial_sort_copy(kPar, s.in.begin(), s.in.end(), top.begin(), top.end(),
                                     std::greater<>());
              return ends_of(top);
            }) &&
    add_par("partition", make_sort,
            [](Sort& s) {
              s.out = s.in;
              const auto end = std::stable_partition(kPar, s.out.begin(), s.out.end(), wanted);
              return static_cast<std::uint64_t>(end - s.out.begin()) + ends_of(s.out);
            }) &&
    add_par("unique", make_runs, [](Numbers& s) {
      s.out = s.in;
      const auto end = std::unique(kPar, s.out.begin(), s.out.end());
      return static_cast<std::uint64_t>(end - s.out.begin()) + end[-1];
    });

}  // namespace
}  // namespace pel::bench::loops
