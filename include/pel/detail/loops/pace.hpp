// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#if !defined(__x86_64__)
#include <ctime>
#endif

namespace pel::detail {

// A cheap clock for pacing only: ticks of roughly a third of a nanosecond. No result depends on it.
inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
          static_cast<std::uint64_t>(now.tv_nsec)) *
         3;
#endif
}

inline constexpr std::uint64_t kChunkTicks = 6'000;       // work between two polls: about 2 us
inline constexpr std::uint64_t kWorthOffering = 3'000;    // no less is worth sharing
inline constexpr std::uint64_t kWorthSplitting = 12'000;  // nor less worth preparing for it
inline constexpr std::uint64_t kWorthEntering = 24'000;   // nor less worth an executor's entry
inline constexpr std::uint64_t kTicksPerNs = 3;           // roughly: see ticks()

// What it costs to share a piece of a loop with a worker that looks for work, beyond half of the
// piece's time: 0.4 us on two near cores, several times that where lines of memory travel slowly,
// as on virtual machines that neighbours press. So short loops that come from outside an executor,
// where no other work is about, measure it, and pieces are shared only while it pays. It moves
// speed, never bits.
class ShareCost {
 public:
  // A piece is worth sharing from so many ticks on.
  std::uint64_t price() const noexcept { return 2 * ticks_.load(std::memory_order_relaxed); }

  // Sharing a loop of `estimated` ticks took `spent`.
  void measured(std::uint64_t estimated, std::uint64_t spent) noexcept {
    if (estimated > kLongest) return;  // its own bounds, such as memory, count for more
    const std::uint64_t old = ticks_.load(std::memory_order_relaxed);
    const std::uint64_t lost = spent > estimated / 2 ? spent - estimated / 2 : 0;
    // Twice as much as usual: a thread was not running.
    const std::uint64_t now = (7 * old + (lost < 2 * old ? lost : 2 * old)) / 8;
    ticks_.store(now < kLeast ? kLeast : now > kMost ? kMost : now, std::memory_order_relaxed);
  }
  // A piece was not shared: after some hundreds of these one is tried again.
  void refused() noexcept {
    const std::uint64_t old = ticks_.load(std::memory_order_relaxed);
    if (old > kLeast) ticks_.store(old - old / 512 - 1, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t kLongest = 40'000;
  static constexpr std::uint64_t kLeast = 1'500, kMost = kLongest / 2;
  std::atomic<std::uint64_t> ticks_{kLeast};
};

alignas(64) inline constinit ShareCost share_cost;

// When a sleeping worker is woken for a loop of this thread: when what is left of the loop is worth
// the price, or when loops that are too short for it have come one upon the other for that long:
// the worker then stays awake for the next ones (to rent a while, then to buy: Karlin et al.,
// "Competitive randomized algorithms for nonuniform problems", 1994).
class WakeBudget {
 public:
  // `left` ticks of work are left at the time `now`; sharing pays from `price` ticks of it.
  constexpr bool allows(std::uint64_t left, std::uint64_t price, std::uint64_t now) noexcept {
    if (left >= price) return true;
    if (now - seen_ > kGap) since_ = now;
    seen_ = now;
    if (now - since_ < 2 * price) return false;
    since_ = now;
    return true;
  }

 private:
  static constexpr std::uint64_t kGap = 100'000;  // as long as an idle worker looks for work
  std::uint64_t seen_ = 0, since_ = 0;
};

inline constinit thread_local WakeBudget wake_budget;

// What one element of a loop costs, as the last call of the same loop measured it: 1/16 ticks per
// element, 0 when unknown. There is one per loop body (a lambda is a type), so the second call of
// a loop starts with chunks of the right length. It moves speed, never bits.
class Cost {
 public:
  std::uint64_t load() const noexcept { return ticks16_.load(std::memory_order_relaxed); }
  void store(std::uint64_t value) noexcept {
    // A store by every call would make the line bounce between workers.
    const std::uint64_t old = load();
    if (value > old + old / 4 || value + value / 4 < old) {
      ticks16_.store(value, std::memory_order_relaxed);
    }
  }

 private:
  std::atomic<std::uint64_t> ticks16_{0};
};

// The length of the next chunk of one serial stretch of a loop.
class Pace {
 public:
  // From a remembered cost, for n elements: cautious for the first chunk, since this call's
  // elements may cost more than the last call's.
  static Pace from(std::uint64_t cost16, std::size_t n) noexcept {
    Pace pace;
    pace.cost16_ = cost16;
    if (cost16 != 0) {
      std::uint64_t first = 16 * kChunkTicks / 4 / cost16;
      const std::uint64_t limit = cost16 < 16 * 8 ? 1024 : 64;
      if (first > limit) first = limit;
      if (first > n / 16) first = n / 16;
      pace.chunk_ = static_cast<std::size_t>(first < 1 ? 1 : first);
    }
    return pace;
  }

  std::size_t chunk() const noexcept { return chunk_; }
  std::uint64_t cost16() const noexcept { return cost16_; }

  // `done` elements took `spent` ticks.
  void measured(std::size_t done, std::uint64_t spent) noexcept {
    const std::uint64_t cost = 16 * spent / done;
    cost16_ = cost == 0 ? 1 : cost;
    const std::uint64_t fit = 16 * kChunkTicks / cost16_;
    const std::uint64_t limit = 16 * static_cast<std::uint64_t>(chunk_);
    const std::uint64_t next = fit < limit ? fit : limit;
    chunk_ = static_cast<std::size_t>(next < 1 ? 1 : next);
  }

  // Estimated ticks for n more elements; a very large number while nothing is known.
  std::uint64_t estimate(std::size_t n) const noexcept {
    if (cost16_ == 0) return std::uint64_t{1} << 62;
    __extension__ using Wide = unsigned __int128;
    const Wide all = Wide{n} * cost16_ / 16;
    return all > (Wide{1} << 62) ? std::uint64_t{1} << 62 : static_cast<std::uint64_t>(all);
  }

 private:
  std::size_t chunk_ = 1;
  std::uint64_t cost16_ = 0;
};

}  // namespace pel::detail
