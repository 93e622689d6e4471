// SPDX-License-Identifier: Apache-2.0
#include "apps/exchange/exchange.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "apps/exchange/book.hpp"
#include "apps/exchange/csv.hpp"
#include "apps/exchange/simulate.hpp"
#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/observe.hpp"
#include "pel/speculation.hpp"
#include "pel/workload.hpp"

namespace pel::apps {
namespace {

constexpr std::uint64_t kTourSize = 100'000;
constexpr std::uint64_t kFullSize = 2'000'000;
constexpr std::uint64_t kMaxSize = 50'000'000;  // about 150 bytes each
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;
constexpr std::size_t kBatch = 2'000;  // orders that arrive together
constexpr std::size_t kTimed = 16;     // of so many orders one is timed

using Clock = std::chrono::steady_clock;
using Entries = std::unordered_map<std::uint64_t, Entry>;

// The view of the plain loop: every access at once in the table.
class PlainView {
 public:
  explicit PlainView(Entries& entries) : entries_(entries) {}
  Entry read(std::uint64_t key) { return at(key); }
  void write(std::uint64_t key, const Entry& entry) { at(key) = entry; }
  template <class Change>
  void update(std::uint64_t key, Change&& change) {
    Entry& entry = at(key);
    entry = change(std::as_const(entry));
  }
  void add(std::uint64_t key, const Entry& delta) {
    Entry& entry = at(key);
    entry = entry + delta;
  }
  template <class Predicate>
  bool test(std::uint64_t key, const Predicate& predicate) {
    return predicate(at(key));
  }

 private:
  Entry& at(std::uint64_t key) { return entries_.try_emplace(key, opening(key)).first->second; }
  Entries& entries_;
};

std::string microseconds(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return "none";
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return std::to_string(static_cast<std::uint64_t>(sorted[at])) + " us";
}

class Exchange final : public Workload {
 public:
  void load(const WorkloadConfig& config) override {
    if (config.files.size() > 1) {
      throw Error(config.files[1].string(), "one file too many",
                  "exchange reads one CSV of orders");
    }
    if (config.files.empty()) {
      const std::uint64_t size =
          config.size != 0 ? config.size : (config.tour ? kTourSize : kFullSize);
      flow_ = simulate_orders(size, config.seed);
      origin_ = "generated orders";
    } else {
      origin_ = config.files[0].string();
      flow_ = parse_orders(base::read_text(config.files[0], kMaxFileBytes), origin_);
      if (config.size != 0 && config.size < flow_.orders.size()) {
        flow_.orders.resize(config.size);
      }
    }
  }

  std::string input() const override {
    return origin_ + ", " + std::to_string(flow_.orders.size()) + " orders, " +
           std::to_string(flow_.accounts.size()) + " accounts, " +
           std::to_string(flow_.symbols.size()) + " symbols";
  }

  WorkloadResult run(Progress& progress) override {
    progress.set_total(flow_.orders.size());
    std::vector<Outcome> outcomes(flow_.orders.size());
    std::vector<double> waits_us;
    waits_us.reserve(outcomes.size() / kTimed + 1);
    SpeculationOptions options;
    options.keep_values = true;
    Speculator<std::uint64_t, Entry> books(options);
    std::uint64_t repeated = 0;
    for (std::size_t first = 0; first < outcomes.size(); first += kBatch) {
      const std::size_t count = std::min(kBatch, outcomes.size() - first);
      const auto arrival = Clock::now();
      books.run(
          count, opening,
          [&](std::size_t i, auto& view) { return Matching(flow_, view).execute(first + i); },
          [&](std::size_t i, const Outcome& outcome, const auto&) {
            outcomes[first + i] = outcome;
            if ((first + i) % kTimed != 0) return;
            waits_us.push_back(
                std::chrono::duration<double, std::micro>(Clock::now() - arrival).count());
          });
      repeated += books.counters().incarnations - count;
      progress.add(count);
    }
    std::sort(waits_us.begin(), waits_us.end());
    return result_of(outcomes, "latency p50 " + microseconds(waits_us, 0.5) + ", p99 " +
                                   microseconds(waits_us, 0.99) + " in batches of " +
                                   std::to_string(kBatch) + ", " + std::to_string(repeated) +
                                   " repeated");
  }

  WorkloadResult run_plain() override {
    std::vector<Outcome> outcomes(flow_.orders.size());
    Entries entries;
    PlainView view(entries);
    Matching matching(flow_, view);
    for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] = matching.execute(i);
    return result_of(outcomes, "plain loop");
  }

  WorkloadCheck check(const WorkloadResult& result) override {
    WorkloadCheck check{"a plain serial book of maps and queues, every byte", true, {}};
    const std::vector<std::uint8_t> expected = write_outcomes(plain_book(flow_));
    check.passed = result.bytes == expected;
    if (check.passed) {
      check.detail = std::to_string(flow_.orders.size()) + " outcomes";
    } else {
      const auto [at, other] =
          std::mismatch(result.bytes.begin(), result.bytes.end(), expected.begin(), expected.end());
      check.detail = "line " + std::to_string(1 + std::count(result.bytes.begin(), at, '\n')) +
                     " differs from the plain book's";
    }
    return check;
  }

 private:
  static WorkloadResult result_of(const std::vector<Outcome>& outcomes, const std::string& how) {
    std::uint64_t filled = 0;
    for (const Outcome& outcome : outcomes) filled += outcome.value != 0 ? 1 : 0;
    return {write_outcomes(outcomes), std::to_string(filled) + " of " +
                                          std::to_string(outcomes.size()) + " orders traded, " +
                                          how};
  }

  OrderFlow flow_;
  std::string origin_;
};

const bool registered = register_workload({
    .name = "exchange",
    .summary = "limit-order books of many symbols whose accounts are shared",
    .reads = "CSV of orders",
    .writes = "CSV of outcomes",
    .extension = "csv",
    .size_unit = "orders",
    .tour_size = kTourSize,
    .full_size = kFullSize,
    .max_size = kMaxSize,
    .make = [] { return std::make_unique<Exchange>(); },
});

}  // namespace
}  // namespace pel::apps
