// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/speculation/options.hpp"

#include <sched.h>

#include <chrono>
#include <string>

#include "pel/detail/speculation/policy.hpp"
#include "pel/detail/speculation/recorder.hpp"
#include "pel/error.hpp"

namespace pel::detail::spec {

const SpeculationOptions& checked(const SpeculationOptions& options) {
  const std::uint32_t window = options.window;
  if (window < 64 || window > 65'536 || (window & (window - 1)) != 0) {
    throw Error("pel::SpeculationOptions", "window is " + std::to_string(window),
                "use a power of two from 64 to 65536");
  }
  return options;
}

void move_counters(SpeculationCounters& from, SpeculationCounters& to) noexcept {
  to.incarnations += from.incarnations;
  to.aborts += from.aborts;
  to.waits += from.waits;
  to.predicted_waits += from.predicted_waits;
  to.alone += from.alone;
  to.helpers += from.helpers;
  from = {};
}

void too_many(std::size_t attempts) {
  throw Error("pel::Speculator", std::to_string(attempts) + " attempts in one run",
              "run fewer than 4294967295 at a time");
}

void yield_processor() noexcept { sched_yield(); }

std::int64_t clock_ns() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace pel::detail::spec
