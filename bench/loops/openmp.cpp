// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <array>
#include <parallel/algorithm>

#include "bench/loops/input.hpp"

namespace pel::bench::loops {
namespace {

std::uint64_t reduce(Reduce& s, int workers) {
  double sum = 0;
#pragma omp parallel for num_threads(workers) reduction(+ : sum)
  for (std::size_t i = 0; i < s.in.size(); ++i) sum += s.in[i];
  return static_cast<std::uint64_t>(sum);
}

std::uint64_t scan(Scan& s, int workers) {
  double sum = 0;
#pragma omp parallel for num_threads(workers) reduction(inscan, + : sum)
  for (std::size_t i = 0; i < s.in.size(); ++i) {
    sum += s.in[i];
#pragma omp scan inclusive(sum)
    s.out[i] = sum;
  }
  return ends_of(s.out);
}

// libstdc++'s parallel mode: a multiway merge sort on OpenMP.
std::uint64_t sort(Sort& s, int workers) {
  omp_set_num_threads(workers);
  s.out = s.in;
  __gnu_parallel::sort(s.out.begin(), s.out.end());
  return ends_of(s.out);
}

std::uint64_t histogram(Keys& s, int workers) {
  std::uint64_t bins[kBins] = {};
#pragma omp parallel for num_threads(workers) reduction(+ : bins[ : kBins])
  for (std::size_t i = 0; i < s.in.size(); ++i) ++bins[s.in[i] % kBins];
  return bins[0] + 3 * bins[77];
}

const bool added = add_loop("reduce", "openmp", make_reduce, reduce) &&
                   add_loop("scan", "openmp", make_scan, scan) &&
                   add_loop("sort", "openmp", make_sort, sort) &&
                   add_loop("histogram", "openmp", make_keys, histogram);

}  // namespace
}  // namespace pel::bench::loops
