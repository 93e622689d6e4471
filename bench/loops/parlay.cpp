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
    add_loop("group_by", "parlay", make_keys,
             [](Keys& s, int) {
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
             }) &&
    add_loop("filter", "parlay", make_filter, [](Filter& s, int) {
      const auto out = parlay::filter(slice(s.in), wanted);
      return out.front() + out[out.size() / 2] * 3 + out.back() + out.size();
    });

}  // namespace
}  // namespace pel::bench::loops
