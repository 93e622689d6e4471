// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <queue>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {

double BlockGraph::serial_seconds() const {
  double sum = 0;
  for (const double time : seconds) sum += time;
  return sum;
}

double BlockGraph::critical_path_seconds() const {
  std::vector<double> end(seconds.size());
  double last = 0;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    for (const std::uint32_t earlier : needs[i]) end[i] = std::max(end[i], end[earlier]);
    end[i] += seconds[i];
    last = std::max(last, end[i]);
  }
  return last;
}

double BlockGraph::schedule_seconds(int workers) const {
  struct Running {
    double end;
    std::size_t index;
    bool operator>(const Running& other) const noexcept { return end > other.end; }
  };
  const std::size_t n = seconds.size();
  std::vector<std::size_t> open(n);
  std::vector<std::vector<std::size_t>> later(n);
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < n; ++i) {
    open[i] = needs[i].size();
    for (const std::uint32_t earlier : needs[i]) later[earlier].push_back(i);
    if (open[i] == 0) ready.push(i);
  }
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running;
  double now = 0;
  while (!ready.empty() || !running.empty()) {
    while (!ready.empty() && running.size() < static_cast<std::size_t>(workers)) {
      running.push({now + seconds[ready.top()], ready.top()});
      ready.pop();
    }
    const Running first = running.top();
    running.pop();
    now = first.end;
    for (const std::size_t i : later[first.index])
      if (--open[i] == 0) ready.push(i);
  }
  return now;
}

}  // namespace pel::ledger
