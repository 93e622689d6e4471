// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "pel/detail/loops/pace.hpp"
#include "pel/executor.hpp"

namespace pel::detail {

// This thread works in some executor.
inline bool on_worker() noexcept { return worker_index() >= 0; }

// True when a loop with `left` ticks of work left shall be shared now: each piece pays, and what it
// costs to get help is little against what is left.
inline bool sharing_pays(std::uint64_t left, std::uint64_t now) {
  if (left < kWorthOffering) [[likely]]
    return false;
  const std::int64_t price = share_price_ns();
  if (price == kNeverShare || price == 0) return price == 0;  // 0: a schedule insists
  if (left < share_cost.price()) {
    share_cost.refused();
    return false;
  }
  return wake_budget.allows(left, kTicksPerNs * static_cast<std::uint64_t>(price), now);
}

// How every loop is distributed: lazy binary splitting (Tzannes et al., PPoPP 2010). A worker runs
// its range from the front in chunks of a few microseconds; between two chunks, if somebody looks
// for work and what is left is worth a steal, it forks: the front half stays, the back half may be
// stolen. Where the cuts fall depends on time, so nothing that a loop computes may depend on them.
//
// body(lo, hi) handles the elements lo <= i < hi in index order. Disjoint ranges run at once; the
// first error in index order wins, since the left branch's error wins at every fork.
template <class Body>
class Drive {
 public:
  Drive(Body& body, Cost& cost, bool serial) noexcept : body_(body), cost_(cost), serial_(serial) {}

  void run(std::size_t lo, std::size_t hi, Pace pace) {
    std::uint64_t before = ticks();
    if (hand_over(lo, hi, pace, before)) return;
    while (true) {
      std::size_t step = pace.chunk();
      if (hi - lo <= step + step / 2) step = hi - lo;
      body_(lo, lo + step);
      lo += step;
      const std::uint64_t now = ticks();
      pace.measured(step, now - before);
      before = now;
      if (lo == hi) break;
      check_cancel();
      if (hand_over(lo, hi, pace, now)) return;
    }
    cost_.store(pace.cost16());
  }

 private:
  // True when the rest of the range was run by this call, split in two.
  bool hand_over(std::size_t lo, std::size_t hi, Pace pace, std::uint64_t now) {
    if (serial_ || hi - lo < 2) return false;
    const std::uint64_t left = pace.estimate(hi - lo);
    if (!sharing_pays(left, now)) return false;
    if (!on_worker()) {
      Executor::current().run([&] { split(lo, hi, pace); });
      share_cost.measured(left, ticks() - now);
    } else {
      split(lo, hi, pace);
    }
    return true;
  }

  void split(std::size_t lo, std::size_t hi, Pace pace) {
    const std::size_t middle = lo + (hi - lo) / 2;
    invoke([&] { run(lo, middle, pace); }, [&] { run(middle, hi, pace); });
  }

  Body& body_;
  Cost& cost_;
  bool serial_;
};

template <class Body>
void drive(std::size_t n, bool serial, Cost& cost, Body&& body) {
  if (n == 0) return;
  Drive<std::remove_reference_t<Body>> loop(body, cost, serial);
  loop.run(0, n, Pace::from(cost.load(), n));
}

// The same with a cost that belongs to the type of `body`.
template <class Body>
void drive(std::size_t n, bool serial, Body&& body) {
  static Cost cost;
  drive(n, serial, cost, body);
}

// Two halves of a divide-and-conquer step that is known to be worth a fork; left first.
template <class L, class R>
void fork_two(bool serial, L&& left, R&& right) {
  if (serial) {
    left();
    right();
  } else {
    invoke(left, right);
  }
}

// Runs f inside an executor, so that its forks can be stolen.
template <class F>
void enter(bool serial, F&& f) {
  if (serial || on_worker()) {
    f();
  } else {
    Executor::current().run([&] { f(); });
  }
}

}  // namespace pel::detail
