// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "pel/detail/speculation/door.hpp"
#include "pel/detail/speculation/pacer.hpp"
#include "pel/detail/speculation/pool.hpp"
#include "pel/detail/speculation/program.hpp"
#include "pel/detail/speculation/recorder.hpp"
#include "pel/detail/speculation/rest.hpp"
#include "pel/detail/speculation/view.hpp"
#include "pel/detail/speculation/waits.hpp"
#include "pel/executor.hpp"

namespace pel::detail::spec {

// Runs n attempts so that what is committed is what the serial loop would have done. One run at a
// time. docs/design/speculation.md has the argument.
//
// Roles of a worker, from one loop to the next
//  * the leader holds the token: it commits what has executed in order, and runs the head itself
//    when nobody else does, without versions or records, since nothing before it can change;
//  * others run the lowest attempt that is ready or not begun, and publish what it wrote;
//  * the thread that called run() stays until all is committed; helpers come and go.
template <class P, class Key, class Value>
class Engine {
 public:
  using ViewType = View<P, Key, Value>;
  using WritesType = Writes<P, Key, Value>;
  using AttemptType = Attempt<P, Key, Value>;
  using StoreType = Store<P, Key, Value>;
  using SeatType = Seat<P, Key, Value>;

  using Span = spec::Span;
  using SerialRun = spec::SerialRun<P, Key, Value>;
  using Program = spec::Program<P, Key, Value>;

  explicit Engine(const SpeculationOptions& options)
      : options_(options), board_(options.window), store_(board_), waits_(options.policy) {}

  // Returns how many attempts were committed; throws the first error in order. Afterwards the
  // store holds what was committed, also after an error.
  std::size_t run(std::size_t n, const Program& program) {
    start(static_cast<std::uint32_t>(n), program);
    std::uint32_t i = 0;
    const int limit = worker_limit();
    if (limit < 2 || !options_.always_parallel) {
      i = run_alone(0, limit > 1 ? Until::kHelpPays : Until::kEnd);
    }
    try {
      if (i < n_ && !over()) join_executor(i);
    } catch (...) {  // nothing has begun
      if (failure_ == nullptr) failure_ = std::current_exception();
    }
    finish();
    pacer_.ended(ticks());
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    return committed_;
  }

  const StoreType& store() const noexcept { return store_; }
  const SpeculationCounters& counters() const noexcept { return counters_; }
  const SpeculationRecord& record() const noexcept { return recorder_.record(); }

 private:
  void start(std::uint32_t n, const Program& program) {
    program_ = program;
    n_ = n;
    failure_ = nullptr;
    committed_ = 0;
    counters_ = {};
    over_.store(n == 0 ? 1 : 0, kSeqCst);
    door_.shut();
    has_cells_ = false;
    store_.start({program.self, program.base}, options_);
    recorder_.start(options_.record, n);
    if (options_.record) need_cells();
  }
  // What only attempts on cells need; most short runs do without.
  void need_cells() {
    if (std::exchange(has_cells_, true)) return;
    pool_.forget();
    store_.start_cells(options_.window);
    board_.start(0, n_);
    waits_.start();
  }
  void finish() {
    if (has_cells_) {
      store_.settle_ground(static_cast<std::uint32_t>(committed_));
      store_.drop_attempts([&](AttemptType* left) { pool_.recycle(pool_.first(), left); });
    }
    pool_.rest([&](SpeculationCounters& of_seat) { move_counters(of_seat, counters_); });
    counters_.attempts = committed_;
    recorder_.finish();
  }

  bool over() const noexcept { return over_.load(kSeqCst) != 0; }
  void end() noexcept {
    over_.store(1, kSeqCst);
    rest_.wake();
  }
  // For the holder of the token: nothing more is committed.
  void fail(std::exception_ptr failure) noexcept {
    failure_ = std::move(failure);
    board_.stop();
    end();
  }

  // --- the serial loop ---

  enum class Until { kEnd, kHelpPays, kKnock };

  // Runs attempts from i on without anybody beside. Returns where it stopped: n, or where helpers
  // would pay, or where one is at the door.
  std::uint32_t run_alone(std::uint32_t i, Until until) {
    SeatType& seat = pool_.first();
    store_.set_alone(true);
    AttemptType* attempt = pool_.obtain(seat);
    attempt->head = true;
    const std::uint64_t begin = ticks();
    const std::uint32_t first = i;
    std::uint64_t look = 1;
    std::uint64_t spent = 0;
    std::uint64_t next_stretch = 0;
    while (i < n_) {
      const auto stop = static_cast<std::uint32_t>(std::min<std::uint64_t>(n_, first + look));
      const bool new_stretch = spent >= next_stretch;
      if (new_stretch) next_stretch = spent + StoreType::GroundType::kStretchTicks;
      i = store_.direct() ? run_on_ground(seat, *attempt, {i, stop, new_stretch})
                          : run_on_cells(seat, *attempt, i, stop);
      if (i != stop || i == n_ || !checked_cancel()) break;
      spent = ticks() - begin;
      if (until == Until::kHelpPays && pacer_.pays(spent, look, n_ - i)) break;
      if (until == Until::kKnock && is_knocked()) break;
      look += Pacer::next_look(spent, look);
    }
    pacer_.ran_alone(spent, std::max<std::uint64_t>(1, i - first));
    seat.counters.alone += i - first;
    seat.counters.incarnations += i - first;
    pool_.recycle(seat, attempt);
    if (i == n_) over_.store(1, kSeqCst);
    return i;
  }
  // Both return where they stopped: `end`, or the attempt that ends the run.
  std::uint32_t run_on_ground(SeatType& seat, AttemptType& attempt, Span span) {
    SerialRun run{store_, seat, attempt, span, nullptr};
    const std::uint32_t at = program_.serial(program_.self, run);
    committed_ += at - span.first;
    if (at != span.end) fail(std::move(run.failure));
    return at;
  }
  std::uint32_t run_on_cells(SeatType& seat, AttemptType& attempt, std::uint32_t i,
                             std::uint32_t end) {
    for (; i < end; ++i) {
      attempt.begin(i, 0);
      execute(seat, attempt);
      if (!commit(seat, attempt)) break;
    }
    return i;
  }

  bool checked_cancel() noexcept {
    try {
      check_cancel();
      return true;
    } catch (...) {
      fail(std::current_exception());
      return false;
    }
  }

  // --- several workers ---

  void join_executor(std::uint32_t i) {
    if (worker_index() >= 0) {
      run_together(i);
    } else {
      Executor::current().run([&] { run_together(i); });
    }
  }
  void run_together(std::uint32_t i) {
    TaskGroup group;
    group_ = &group;
    helpers_.store(0, kSeqCst);
    max_helpers_ = worker_limit() - 1;
    may_close_ = !options_.always_parallel;
    SeatType& seat = pool_.first();
    open(i);
    while (!over()) {
      if (door_shut_and_empty()) {
        go_alone(seat);
      } else if (!work_once(seat)) {
        wait_for_work();
      }
    }
    door_.shut();
    door_.expect(false);
    try {
      group.wait();
    } catch (const Cancelled&) {  // of helpers that had not begun
    }
    group_ = nullptr;
  }

  // Attempt i is the first of those that are not committed. Until a helper has come, which may take
  // longer than all the rest, the serial loop goes on.
  void open(std::uint32_t i) {
    if (may_close_ && !pacer_.opens_at_once()) {
      door_.expect(true);
      call_first_helper();
      i = run_alone(i, Until::kKnock);
      if (over()) return;
    }
    need_cells();
    board_.jump(i);
    store_.set_alone(false);
    pacer_.opened(ticks());
    door_.open();
    door_.expect(false);
    call_helper();
  }
  bool door_shut_and_empty() const noexcept { return !door_.looks_open() && door_.empty(); }

  // The helpers have left: finishes what they began, then goes on serially.
  void go_alone(SeatType& seat) {
    if (!board_.take_token()) return yield_processor();
    while (board_.head() != board_.next() && lead_once(seat)) {
    }
    board_.release_token();
    if (over() || board_.head() != board_.next()) return;
    if (!options_.record) {
      store_.settle_ground(board_.head());
      pool_.forget();
    }
    pacer_.closed(ticks());
    const std::uint32_t i = run_alone(board_.head(), Until::kHelpPays);
    if (!over()) open(i);
  }

  // There is more to do than this worker does now: calls the others.
  void share_work() {
    const bool asleep = rest_.is_taken();
    const bool missing = static_cast<int>(helpers_.load(kRelaxed)) < max_helpers_;
    if (!(asleep || missing) || !door_.looks_open() || !board_.has_work()) return;
    if (asleep) {
      rest_.wake();
    } else {
      call_helper();
    }
  }
  void call_helper() {
    std::uint32_t there = helpers_.load(kRelaxed);
    while (static_cast<int>(there) < max_helpers_) {
      if (!helpers_.compare_exchange(there, there + 1, kSeqCst)) continue;
      group_->run([this] { help(); });
      return;
    }
  }
  // Whether a helper is at the door; sees to it that one is on its way.
  bool is_knocked() {
    if (door_.is_knocked()) return true;
    if (helpers_.load(kSeqCst) == 0) call_first_helper();
    return false;
  }
  void call_first_helper() {
    const std::uint64_t begin = ticks();
    call_helper();
    pacer_.called(ticks() - begin);
  }
  void help() {
    const std::uint64_t begin = ticks();
    door_.knock([&] { return over() || ticks() - begin > Door<P>::kPatienceTicks; });
    if (door_.enter()) {
      SeatType& seat = pool_.take_seat();
      ++seat.counters.helpers;
      while (door_.is_open() && !over()) {
        if (!work_once(seat) && !spin_for_work()) break;
      }
      pool_.give_seat(seat);
      door_.leave();
    }
    helpers_.fetch_sub(1, kSeqCst);
    rest_.wake();
  }

  // One piece of work; false: there is none.
  bool work_once(SeatType& seat) {
    if (lead(seat)) return true;
    const std::uint32_t i = board_.take();
    if (i == Board<P>::kNone) return false;
    if (board_.stopped()) return false;
    share_work();
    run_speculative(seat, i);
    return true;
  }

  // Takes the token, if it is free, and commits and runs what is at the head. True: it did.
  bool lead(SeatType& seat) {
    bool led = false;
    do {
      if (over() || !board_.take_token()) return led;
      bool more = true;
      while (more && !door_shut_and_empty()) {
        more = lead_once(seat);
        led = led || more;
      }
      board_.release_token();
    } while (board_.head_executed() && !over() && !door_shut_and_empty());
    return led;
  }
  bool lead_once(SeatType& seat) {
    if (board_.stopped()) return false;
    const std::uint32_t head = board_.head();
    if (head == n_) {
      end();
      return false;
    }
    if (P::kSpecBug == Bug::kCommitOutOfOrder && board_.word(head + 1).executed(head + 1)) {
      AttemptType& next = *store_.attempt_at(head + 1);
      if (next.error == nullptr && !commit(seat, next)) return false;
    }
    if (board_.word(head).executed(head)) {
      AttemptType* attempt = store_.attempt_at(head);
      return commit_head(seat, *attempt);
    }
    if (!checked_cancel()) return false;
    if (may_close_ && door_.looks_open() && !still_pays()) door_.shut();
    const std::uint32_t i = board_.take_head();
    if (i == Board<P>::kNone) return false;
    share_work();
    AttemptType& attempt = prepare(seat, i);
    attempt.head = true;
    if (program_.predict != nullptr && attempt.incarnation == 0) {
      waits_.note(i, program_.predict(program_.self, i));
    }
    execute(seat, attempt);
    ++seat.counters.incarnations;
    return !board_.stopped() && commit_head(seat, attempt);
  }
  bool still_pays() noexcept {
    const std::uint64_t now = ticks();
    return door_.empty() ? pacer_.still_waits(now) : pacer_.still_pays(now);
  }
  bool commit_head(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t i = attempt.index;
    pacer_.committed(attempt.ticks, attempt.accesses.size(), attempt.incarnation != 0);
    board_.adapt_depth(attempt.incarnation != 0, static_cast<std::uint32_t>(2 * max_helpers_ + 2));
    if (!commit(seat, attempt)) return false;
    waits_.learn(attempt.contested, attempt.incarnation != 0);
    store_.attempt_at(i) = nullptr;
    pool_.recycle(seat, &attempt);
    board_.advance(i);
    if (i + 1 == n_) end();
    return i + 1 != n_;
  }

  // The caller holds the token, or is alone. False: the run has ended before this attempt.
  bool commit(SeatType& seat, AttemptType& attempt) {
    if (attempt.error != nullptr) return refuse(attempt.error);
    try {
      if (program_.commit != nullptr &&
          !program_.commit(program_.self, attempt, WritesType(store_, attempt))) {
        return refuse(nullptr);
      }
      if (options_.record) recorder_.commit(store_, attempt);
      store_.commit(seat, attempt);
    } catch (...) {
      return refuse(std::current_exception());
    }
    ++committed_;
    return true;
  }
  bool refuse(std::exception_ptr failure) noexcept {
    fail(std::move(failure));
    return false;
  }

  void run_speculative(SeatType& seat, std::uint32_t i) {
    AttemptType& attempt = prepare(seat, i);
    attempt.head = false;
    if (program_.predict != nullptr && attempt.incarnation == 0 && wait_predicted(seat, attempt)) {
      return;
    }
    execute(seat, attempt);
    ++seat.counters.incarnations;
    if (board_.stopped()) return;
    if (attempt.blocker != Board<P>::kNone) {
      put_aside(seat, attempt);
    } else if (P::kSpecBug == Bug::kErrorUnvalidated && attempt.error != nullptr) {
      while (!board_.take_token()) yield_processor();
      fail(attempt.error);
    } else if (attempt.unwound || board_.word(i).doomed()) {
      ++seat.counters.aborts;
      board_.make_ready(i, attempt.incarnation + 1);
    } else {
      publish(seat, attempt);
    }
  }
  bool wait_predicted(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t i = attempt.index;
    const ConflictClasses classes = program_.predict(program_.self, i);
    const std::uint32_t before = waits_.before(i, classes, attempt.contested, board_);
    if (before == Board<P>::kNone || !board_.wait_for(i, 1, before)) return false;
    ++seat.counters.waits;
    ++seat.counters.predicted_waits;
    return true;
  }
  void put_aside(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t i = attempt.index;
    if (board_.wait_for(i, attempt.incarnation + 1, attempt.blocker)) {
      ++seat.counters.waits;
    } else {
      board_.make_ready(i, attempt.incarnation + 1);
    }
  }
  void publish(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t i = attempt.index, incarnation = attempt.incarnation;
    if (store_.publish(seat, attempt)) {
      board_.wake(i);
      return;  // the next piece of work is to lead, if nobody does
    }
    ++seat.counters.aborts;
    board_.make_ready(i, incarnation + 1);
  }

  void execute(SeatType& seat, AttemptType& attempt) noexcept {
    ViewType view(store_, seat, attempt);
    const bool timed = !store_.alone() || options_.record;
    const std::uint64_t begin = timed ? ticks() : 0;
    try {
      program_.attempt(program_.self, view, attempt, seat.arena);
    } catch (const Unwound&) {
      attempt.unwound = true;
    } catch (...) {
      attempt.error = std::current_exception();
    }
    if (timed) attempt.ticks = ticks() - begin;
  }

  AttemptType& prepare(SeatType& seat, std::uint32_t i) {
    AttemptType*& at = store_.attempt_at(i);
    if (at == nullptr) at = pool_.obtain(seat);
    at->begin(i, board_.word(i).incarnation());
    return *at;
  }

  // --- having nothing to do ---

  bool work_in_sight() const noexcept { return board_.has_work() || board_.head_executed(); }
  bool spin_for_work() noexcept {
    const std::uint64_t begin = ticks();
    while (ticks() - begin < kSpinTicks) {
      if (over() || !door_.looks_open()) return false;
      if (work_in_sight()) return true;
      P::pause();
    }
    return false;
  }
  void wait_for_work() noexcept {
    const std::uint64_t begin = ticks();
    while (ticks() - begin < kSpinTicks) {
      if (over() || work_in_sight()) return;
      if (door_shut_and_empty()) return;
      P::pause();
    }
    rest_.take([&] { return over() || work_in_sight() || door_shut_and_empty(); });
  }

  static constexpr std::uint64_t kSpinTicks = 30'000;

  const SpeculationOptions options_;
  Pool<P, Key, Value> pool_;  // the cells of the store are in its arenas
  Program program_;
  Board<P> board_;
  StoreType store_;
  Pacer pacer_;
  Waits<P> waits_;
  Recorder<P, Key, Value> recorder_;
  SpeculationCounters counters_;
  std::uint32_t n_ = 0;
  std::size_t committed_ = 0;  // the token's, like failure_
  std::exception_ptr failure_;
  TaskGroup* group_ = nullptr;
  int max_helpers_ = 0;
  bool may_close_ = true;
  bool has_cells_ = false;
  typename P::template Atomic<std::uint32_t> over_{0};
  Door<P> door_;
  typename P::template Atomic<std::uint32_t> helpers_{0};  // called and not gone
  Rest<P> rest_;                                           // of the caller
};

}  // namespace pel::detail::spec
