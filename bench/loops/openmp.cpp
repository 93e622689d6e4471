// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
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

template <class Make, class Kernel>
bool add_omp(const char* bench, Make make, Kernel kernel) {
  return add_loop(bench, "openmp", make, [kernel](auto& s, int workers) {
    omp_set_num_threads(workers);
    return static_cast<std::uint64_t>(kernel(s));
  });
}

const bool mapped =
    add_omp("for_each", make_sort,
            [](Sort& s) {
#pragma omp parallel for
              for (std::size_t i = 0; i < s.in.size(); ++i) s.in[i] = stepped(s.in[i]);
              return ends_of(s.in);
            }) &&
    add_omp("tiles", make_square,
            [](Square& s) {
              constexpr std::size_t kSide = 32;
#pragma omp parallel for collapse(2)
              for (std::size_t r = 0; r < s.side; r += kSide) {
                for (std::size_t c = 0; c < s.side; c += kSide) {
                  transpose(s, r, std::min(r + kSide, s.side), c, std::min(c + kSide, s.side));
                }
              }
              return ends_of(s.out);
            }) &&
    add_omp("transform", make_columns,
            [](Columns& s) {
#pragma omp parallel for
              for (std::size_t i = 0; i < s.a.size(); ++i) s.out[i] = scaled(s.a[i]);
              return ends_of(s.out);
            }) &&
    add_omp("transform2", make_columns,
            [](Columns& s) {
#pragma omp parallel for
              for (std::size_t i = 0; i < s.a.size(); ++i) s.out[i] = plane(s.a[i], s.b[i]);
              return ends_of(s.out);
            }) &&
    add_omp("generate", make_columns,
            [](Columns& s) {
#pragma omp parallel for
              for (std::size_t i = 0; i < s.out.size(); ++i) s.out[i] = generated(i);
              return ends_of(s.out);
            }) &&
    add_omp("transform_reduce", make_reduce,
            [](Reduce& s) {
              double sum = 0;
#pragma omp parallel for reduction(+ : sum)
              for (std::size_t i = 0; i < s.in.size(); ++i) sum += scaled(s.in[i]);
              return sum;
            }) &&
    add_omp("dot", make_columns,
            [](Columns& s) {
              double sum = 0;
#pragma omp parallel for reduction(+ : sum)
              for (std::size_t i = 0; i < s.a.size(); ++i) sum += s.a[i] * s.b[i];
              return sum;
            }) &&
    add_omp("count_if", make_numbers, [](Numbers& s) {
      std::uint64_t count = 0;
#pragma omp parallel for reduction(+ : count)
      for (std::size_t i = 0; i < s.in.size(); ++i) count += is_even(s.in[i]);
      return count;
    });

// libstdc++'s parallel mode.
const bool ordered =
    add_omp("sort_by", make_records,
            [](Records& s) {
              s.out = s.in;
              __gnu_parallel::sort(s.out.begin(), s.out.end(), by_key);
              return ends_of(s.out);
            }) &&
    add_omp("stable_sort", make_records,
            [](Records& s) {
              s.out = s.in;
              __gnu_parallel::stable_sort(s.out.begin(), s.out.end(), by_key);
              return ends_of(s.out);
            }) &&
    add_omp("merge", make_halves,
            [](Halves& s) {
              __gnu_parallel::merge(s.a.begin(), s.a.end(), s.b.begin(), s.b.end(), s.out.begin());
              return ends_of(s.out);
            }) &&
    add_omp("nth_element", make_sort,
            [](Sort& s) {
              s.out = s.in;
              const auto place = s.out.begin() + static_cast<std::ptrdiff_t>(s.out.size() / 3);
              __gnu_parallel::nth_element(s.out.begin(), place, s.out.end());
              return *place;
            }) &&
    add_omp("min_element", make_numbers,
            [](Numbers& s) {
              return __gnu_parallel::min_element(s.in.begin(), s.in.end()) - s.in.begin();
            }) &&
    add_omp("find", make_numbers,
            [](Numbers& s) {
              return __gnu_parallel::find(s.in.begin(), s.in.end(), kAbsent) - s.in.begin();
            }) &&
    add_omp("shuffle", make_sort, [](Sort& s) {
      s.out = s.in;
      __gnu_parallel::random_shuffle(s.out.begin(), s.out.end());
      return s.out.size();
    });

const bool added = add_loop("reduce", "openmp", make_reduce, reduce) &&
                   add_loop("scan", "openmp", make_scan, scan) &&
                   add_loop("sort", "openmp", make_sort, sort) &&
                   add_loop("histogram", "openmp", make_keys, histogram);

}  // namespace
}  // namespace pel::bench::loops
