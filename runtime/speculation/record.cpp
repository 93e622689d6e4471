// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <span>

#include "pel/detail/speculation/options.hpp"

namespace pel {
namespace {

std::span<const std::uint32_t> dependencies_of(const SpeculationRecord& record, std::size_t i) {
  return {record.dependencies.data() + record.first[i], record.first[i + 1] - record.first[i]};
}

}  // namespace

double SpeculationRecord::total_ns() const noexcept {
  return std::accumulate(ns.begin(), ns.end(), 0.0);
}

double SpeculationRecord::critical_path_ns() const noexcept {
  std::vector<double> end(ns.size());
  double longest = 0;
  for (std::size_t i = 0; i < ns.size(); ++i) {
    double start = 0;
    for (const std::uint32_t j : dependencies_of(*this, i)) start = std::max(start, end[j]);
    end[i] = start + ns[i];
    longest = std::max(longest, end[i]);
  }
  return longest;
}

double SpeculationRecord::list_schedule_ns(int workers) const {
  // Whenever a worker is free it takes the lowest attempt whose dependencies have ended.
  std::vector<std::uint32_t> missing(ns.size());
  std::vector<std::vector<std::uint32_t>> followers(ns.size());
  using Lowest = std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>>;
  Lowest ready;
  for (std::size_t i = 0; i < ns.size(); ++i) {
    const auto of = dependencies_of(*this, i);
    missing[i] = static_cast<std::uint32_t>(of.size());
    for (const std::uint32_t j : of) followers[j].push_back(static_cast<std::uint32_t>(i));
    if (of.empty()) ready.push(static_cast<std::uint32_t>(i));
  }
  using Ending = std::pair<double, std::uint32_t>;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> running;
  double now = 0;
  while (!ready.empty() || !running.empty()) {
    while (!ready.empty() && static_cast<int>(running.size()) < std::max(1, workers)) {
      running.emplace(now + ns[ready.top()], ready.top());
      ready.pop();
    }
    now = running.top().first;
    const std::uint32_t ended = running.top().second;
    running.pop();
    for (const std::uint32_t i : followers[ended]) {
      if (--missing[i] == 0) ready.push(i);
    }
  }
  return now;
}

}  // namespace pel
