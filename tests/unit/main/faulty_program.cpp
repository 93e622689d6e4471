// SPDX-License-Identifier: Apache-2.0
// A user's program with one planted fault per argument, for the tests of --verify. The tests look
// for the lines that carry the word in brackets.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/main.hpp"

namespace {

using Numbers = std::vector<double>;

Numbers numbers(std::size_t n) {
  Numbers values(n);
  pel::for_each(n, [&](std::size_t i) { values[i] = std::sqrt(static_cast<double>(i + 1)); });
  return values;
}

void put(pel::Run& run, double value) { run.output(std::vector<double>{value}); }

// All results come from pel: nothing moves.
void sound(pel::Run& run, const Numbers& values) {
  Numbers squares(values.size());
  pel::for_each(values.size(), [&](std::size_t i) { squares[i] = values[i] * values[i]; });
  put(run, pel::reduce(squares, 0.0, std::plus<>()));
}

// An unprotected sum: updates are lost, and their order, which the last terms show, is the
// schedule's. (Rounding alone would now and then give the same bits in another order.)
void race(pel::Run& run, const Numbers& values) {
  double sum = 0;
  std::vector<double> halves(values.size());
  pel::for_each(values.size(), [&](std::size_t i) { halves[i] = values[i] / 2; });
  pel::for_each(values.size(), [&](std::size_t i) { sum = sum / 2 + halves[i]; });  // [race]
  pel::for_each(values.size(), [&](std::size_t i) { halves[i] += 1; });
  put(run, sum);
}

// No data race in the language's sense, and yet the order of additions is the schedule's.
void locked_sum(pel::Run& run, const Numbers& values) {
  double sum = 0;
  std::mutex mutex;
  pel::for_each(values.size(), [&](std::size_t i) {  // [locked]
    const std::lock_guard lock(mutex);
    sum = sum / 2 + values[i];
  });
  put(run, sum);
}

// The fault is in one loop, and the first value that pel compares is another loop's.
void seen_later(pel::Run& run, const Numbers& values) {
  std::vector<std::uint64_t> order(values.size());
  std::atomic<std::uint64_t> next{0};
  pel::for_each(values.size(), [&](std::size_t i) { order[i] = next++; });  // [cause]
  const auto total = pel::transform_reduce(                                 // [seen]
      values.size(), std::uint64_t{0}, std::plus<>(),
      [&](std::size_t i) { return order[i] * (i + 1); });
  run.output(std::vector<std::uint64_t>{total});
}

void watched(pel::Run&, const Numbers& values) {
  double sum = 0;
  std::mutex mutex;
  pel::for_each(values.size(), [&](std::size_t i) {
    const std::lock_guard lock(mutex);
    sum = sum / 2 + values[i];
  });
  pel::watch(sum);  // [watch]
}

// Differs from run to run without any thread.
void clock_value(pel::Run& run, const Numbers&) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  run.output(std::vector<std::int64_t>{now});
}

void forked(pel::Run& run, const Numbers&) {
  std::vector<int> order;
  std::mutex mutex;
  const auto add = [&](int who) {
    const std::lock_guard lock(mutex);
    order.push_back(who);
  };
  pel::invoke(
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));  // the others come first
        add(1);
      },
      [&] { add(2); }, [&] { add(3); });
  run.output(order);
}

void crash(pel::Run& run, const Numbers& values) {
  std::atomic<std::size_t> last{0};
  pel::for_each(values.size(), [&](std::size_t i) {  // [crash]
    if (i < last.exchange(i)) std::abort();
  });
  put(run, 1);
}

// The same error in every run is no difference.
void failing(pel::Run&, const Numbers& values) {
  pel::for_each(values.size(), [&](std::size_t i) {
    if (i % 100 == 57) throw pel::Error("element " + std::to_string(i), "is odd in a bad way");
  });
}

void in_global(pel::Run& run, const Numbers& values) {
  static double kept = 0;
  kept += pel::reduce(values, 0.0, std::plus<>());
  put(run, kept);
}

void inner(pel::Run& run, const Numbers& values) {
  std::vector<double> sums(8);
  pel::for_each(sums.size(), [&](std::size_t row) {
    double sum = 0;
    std::mutex mutex;
    pel::for_each(values.size(), [&](std::size_t i) {  // [inner]
      const std::lock_guard lock(mutex);
      sum = sum / 2 + values[i] * static_cast<double>(row);
    });
    sums[row] = sum;
  });
  run.output(sums);
}

}  // namespace

int main(int argc, char** argv) {
  pel::ProgramInfo info;
  info.name = "faulty";
  info.arguments = "FAULT";
  return pel::main(
      argc, argv,
      [](pel::Run& run) {
        const std::string fault = run.arguments().empty() ? "" : run.arguments().front();
        const Numbers values =
            numbers(30'000);  // loops that any machine's load leaves long enough to be shared
        if (fault == "sound") return sound(run, values);
        if (fault == "race") return race(run, values);
        if (fault == "locked") return locked_sum(run, values);
        if (fault == "later") return seen_later(run, values);
        if (fault == "watch") return watched(run, values);
        if (fault == "clock") return clock_value(run, values);
        if (fault == "forked") return forked(run, values);
        if (fault == "crash") return crash(run, values);
        if (fault == "failing") return failing(run, values);
        if (fault == "global") return in_global(run, values);
        if (fault == "inner") return inner(run, values);
        throw pel::Error("FAULT", "is none of mine");
      },
      info);
}
