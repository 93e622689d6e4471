// SPDX-License-Identifier: Apache-2.0
#include "cli/tour_sums.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <set>
#include <span>
#include <utility>

#include "pel/detail/base/check.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/math.hpp"
#include "pel/random.hpp"

#ifdef PEL_TOUR_TBB
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_reduce.h>
#else
#include <atomic>
#include <barrier>
#include <mutex>
#include <thread>
#endif

namespace pel::cli {
namespace {

constexpr std::size_t kNumbers = 4'000'000;

// Log-normal with a wide spread, as incomes, prices and populations are: the order of additions
// shows in the last digits.
std::vector<double> numbers() {
  std::vector<double> values(kNumbers);
  const Philox random(1);
  for_each(values.size(), [&](std::size_t i) { values[i] = math::exp(4.0 * random.normal(i)); });
  return values;
}

#ifdef PEL_TOUR_TBB
constexpr const char* kPeer = "tbb::parallel_reduce";

std::vector<double> sums_by_peer(std::span<const double> values, int threads) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  const tbb::blocked_range<const double*> all(values.data(), values.data() + values.size());
  const auto add = [](const auto& range, double sum) {
    return std::accumulate(range.begin(), range.end(), sum);
  };
  std::vector<double> sums;
  for (int i = 0; i < SumRow::kRuns; ++i) {
    sums.push_back(tbb::parallel_reduce(all, 0.0, add, std::plus<>()));
  }
  return sums;
}
#else
constexpr const char* kPeer = "std::thread, one partial sum a thread";

// What `omp parallel for schedule(dynamic) reduction(+)` does: every thread takes the next part of
// the numbers when it is done with its last, and the sums of the threads are added at the end.
std::vector<double> sums_by_peer(std::span<const double> values, int threads) {
  constexpr std::size_t kPart = 1024;
  std::vector<double> sums;
  std::mutex mutex;
  double total = 0;
  std::atomic<std::size_t> next{0};
  std::barrier round(threads, [&]() noexcept {
    sums.push_back(std::exchange(total, 0.0));
    next.store(0);
  });
  const auto work = [&] {
    for (int i = 0; i <= SumRow::kRuns; ++i) {
      double sum = 0;
      for (std::size_t at = 0; (at = next.fetch_add(kPart)) < values.size();) {
        const auto part = values.subspan(at, std::min(kPart, values.size() - at));
        sum = std::accumulate(part.begin(), part.end(), sum);
      }
      {
        const std::lock_guard lock(mutex);
        total += sum;
      }
      round.arrive_and_wait();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  sums.erase(sums.begin());  // threads were still starting
  return sums;
}
#endif

// The sum with a second double for what each addition loses (Neumaier, "Rundungsfehleranalyse
// einiger Verfahren zur Summation endlicher Summen", 1974): off by a rounding or two in all.
double compensated_sum(std::span<const double> values) {
  double sum = 0, lost = 0;
  for (const double value : values) {
    const double next = sum + value;
    lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return sum + lost;
}

template <class F>
double timed(F&& work, double& result) {
  const auto start = std::chrono::steady_clock::now();
  result = work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double sum_with_workers(int workers, std::span<const double> values) {
  Executor executor({.workers = workers});
  return executor.run([&] { return reduce(values, 0.0, std::plus<>()); });
}

}  // namespace

SumRow run_sums(int workers) {
  const std::vector<double> values = numbers();
  const std::span<const double> view(values);
  SumRow row;
  row.input = "4,000,000 log-normal doubles, summed 15 times";
  row.count = values.size();
  row.peer = kPeer;
  row.exact = compensated_sum(view);
  // One thread cannot disagree with itself, so the peer always gets two.
  row.theirs = sums_by_peer(view, std::max(2, workers));
  std::vector<double> plain_s, pel_s;
  for (int i = 0; i < SumRow::kRuns; ++i) {
    double sum = 0, plain = 0;
    pel_s.push_back(timed([&] { return reduce(view, 0.0, std::plus<>()); }, sum));
    row.ours.push_back(i == 0 ? sum : sum_with_workers(i - 1, view));
    plain_s.push_back(timed([&] { return std::accumulate(view.begin(), view.end(), 0.0); }, plain));
    PEL_CHECK(plain > 0);  // and so the loop is really run
  }
  row.plain_s = median(plain_s);
  row.pel_s = median(pel_s);
  return row;
}

int distinct(const std::vector<double>& values) {
  std::set<std::uint64_t> patterns;
  for (const double value : values) patterns.insert(std::bit_cast<std::uint64_t>(value));
  return static_cast<int>(patterns.size());
}

}  // namespace pel::cli
