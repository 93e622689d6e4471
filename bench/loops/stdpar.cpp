// SPDX-License-Identifier: Apache-2.0
#include <tbb/task_arena.h>

#include <algorithm>
#include <execution>
#include <numeric>

#include "bench/loops/input.hpp"

// libstdc++'s parallel algorithms, which run on oneTBB.
namespace pel::bench::loops {
namespace {

constexpr auto& kPar = std::execution::par;

template <class F>
auto in_arena(int workers, F f) {
  static tbb::task_arena arena(workers);
  return arena.execute(f);
}

const bool added =
    add_loop(
        "reduce", "stdpar", make_reduce,
        [](Reduce& s, int workers) {
          return in_arena(workers, [&] {
            return static_cast<std::uint64_t>(std::reduce(kPar, s.in.begin(), s.in.end(), 0.0));
          });
        }) &&
    add_loop("scan", "stdpar", make_scan,
             [](Scan& s, int workers) {
               return in_arena(workers, [&] {
                 std::inclusive_scan(kPar, s.in.begin(), s.in.end(), s.out.begin());
                 return ends_of(s.out);
               });
             }) &&
    add_loop("sort", "stdpar", make_sort,
             [](Sort& s, int workers) {
               return in_arena(workers, [&] {
                 s.out = s.in;
                 std::sort(kPar, s.out.begin(), s.out.end());
                 return ends_of(s.out);
               });
             }) &&
    add_loop("filter", "stdpar", make_filter, [](Filter& s, int workers) {
      return in_arena(workers, [&] {
        std::vector<std::uint64_t> out(s.in.size());
        out.resize(static_cast<std::size_t>(
            std::copy_if(kPar, s.in.begin(), s.in.end(), out.begin(), wanted) - out.begin()));
        return ends_of(out);
      });
    });

}  // namespace
}  // namespace pel::bench::loops
