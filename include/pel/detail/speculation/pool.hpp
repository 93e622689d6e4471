// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "pel/detail/speculation/store.hpp"

namespace pel::detail::spec {

// The seats of a run's workers and the attempts that they use over and over. Attempts go back to
// the seat that committed them, so a worker's next attempt is in its cache; what is too many at one
// seat is for all. forget(), rest() and first() are for the caller while it is alone.
template <class P, class Key, class Value>
class Pool {
 public:
  using AttemptType = Attempt<P, Key, Value>;
  using SeatType = Seat<P, Key, Value>;

  Pool() { seats_.push_back(std::make_unique<SeatType>()); }

  // Forgets what is in the arenas, the results among it; the cells are destroyed already.
  void forget() {
    const auto forget_result = [](auto& attempt) {
      attempt->drop_result();
      attempt->room = nullptr;
    };
    for (auto& seat : seats_) {
      seat->arena.reset();
      seat->recent.fill(nullptr);
      for (auto& attempt : seat->free) forget_result(attempt);
    }
    for (auto& attempt : spare_) forget_result(attempt);
  }
  // Destroys results and errors; collect(counters) of each seat.
  template <class Collect>
  void rest(Collect collect) {
    for (auto& seat : seats_) {
      collect(seat->counters);
      for (auto& attempt : seat->free) attempt->rest();
    }
    for (auto& attempt : spare_) attempt->rest();
  }

  // The caller's own seat.
  SeatType& first() noexcept { return *seats_.front(); }
  SeatType& take_seat() {
    Guard guard(lock_);
    if (free_seats_.empty()) {
      seats_.push_back(std::make_unique<SeatType>());
      return *seats_.back();
    }
    SeatType* seat = free_seats_.back();
    free_seats_.pop_back();
    return *seat;
  }
  void give_seat(SeatType& seat) {
    Guard guard(lock_);
    free_seats_.push_back(&seat);
  }

  // The caller owns it until recycle().
  AttemptType* obtain(SeatType& seat) {
    if (!seat.free.empty()) return take(seat.free);
    Guard guard(lock_);
    return spare_.empty() ? new AttemptType : take(spare_);
  }
  void recycle(SeatType& seat, AttemptType* attempt) {
    seat.free.emplace_back(attempt);
    if (seat.free.size() < kKept) return;
    Guard guard(lock_);
    while (seat.free.size() > kKept / 2) {
      spare_.push_back(std::move(seat.free.back()));
      seat.free.pop_back();
    }
  }

 private:
  static constexpr std::size_t kKept = 64;
  using Attempts = std::vector<std::unique_ptr<AttemptType>>;

  static AttemptType* take(Attempts& attempts) noexcept {
    AttemptType* attempt = attempts.back().release();
    attempts.pop_back();
    return attempt;
  }

  std::vector<std::unique_ptr<SeatType>> seats_;
  SmallLock<P> lock_;  // of the rest, and of adding to seats_ beside helpers
  std::vector<SeatType*> free_seats_;
  Attempts spare_;
};

}  // namespace pel::detail::spec
