// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <numeric>
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
    add_loop("group_by", "plain", make_keys,
             [](Keys& s, int) {
               std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> groups;
               for (std::size_t i = 0; i < s.in.size(); ++i) groups[s.in[i]].push_back(i);
               std::uint64_t value = 0;
               for (const auto& [key, members] : groups) {
                 value += group_value(key, members.size(), members.front());
               }
               return value;
             }) &&
    add_loop("filter", "plain", make_filter, [](Filter& s, int) {
      std::vector<std::uint64_t> out;
      for (const std::uint64_t value : s.in) {
        if (wanted(value)) out.push_back(value);
      }
      return ends_of(out);
    });

}  // namespace
}  // namespace pel::bench::loops
