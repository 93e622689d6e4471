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
#include "pel/detail/speculation/recorder.hpp"
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

  // Attempts first <= i < end.
  struct Span {
    std::uint32_t first;
    std::uint32_t end;
    bool new_stretch;  // of the ground
  };
  // For the serial loop.
  struct SerialRun {
    StoreType& store;
    SeatType& seat;
    AttemptType& attempt;
    Span span;
    std::exception_ptr failure;

    ViewType view() { return ViewType(store.ground(), store, seat, attempt); }
    WritesType writes() { return WritesType(store, attempt); }
  };

  // The caller's functions with their types erased.
  struct Program {
    void* self = nullptr;
    Value (*base)(void* self, const Key& key) = nullptr;
    // Returns where it ended: before its end if an attempt failed or its commit said so.
    std::uint32_t (*serial)(void* self, SerialRun& run) = nullptr;
    // Calls fn and keeps its result in the attempt.
    void (*attempt)(void* self, ViewType& view, AttemptType& attempt, Arena& arena) = nullptr;
    // False: the run ends before this attempt.
    bool (*commit)(void* self, AttemptType& attempt, const WritesType& writes) = nullptr;
    ConflictClasses (*predict)(void* self, std::size_t index) = nullptr;
  };

  explicit Engine(const SpeculationOptions& options)
      : options_(options), board_(options.window), store_(board_), waits_(options.policy) {}

  // Returns how many attempts were committed; throws the first error in order. Afterwards the
  // store holds what was committed, also after an error.
  std::size_t run(std::size_t n, const Program& program) {
    start(static_cast<std::uint32_t>(n), program);
    std::uint32_t i = 0;
    const int limit = worker_limit();
    if (limit < 2 || !options_.always_parallel) i = run_alone(0, limit > 1);
    try {
      if (i < n_ && !over()) join_executor(i);
    } catch (...) {  // nothing has begun
      if (failure_ == nullptr) failure_ = std::current_exception();
    }
    finish();
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
    pacer_.start();
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
      for (std::uint32_t i = 0; i < options_.window; ++i) {
        if (AttemptType* attempt = std::exchange(store_.attempt_at(i), nullptr)) {
          pool_.recycle(pool_.first(), attempt);
        }
      }
    }
    pool_.rest([&](SpeculationCounters& of_seat) { add_counters(of_seat); });
    counters_.attempts = committed_;
    recorder_.finish();
  }
  void add_counters(SpeculationCounters& of_seat) noexcept {
    counters_.incarnations += of_seat.incarnations;
    counters_.aborts += of_seat.aborts;
    counters_.waits += of_seat.waits;
    counters_.predicted_waits += of_seat.predicted_waits;
    counters_.alone += of_seat.alone;
    counters_.helpers += of_seat.helpers;
    of_seat = {};
  }

  bool over() const noexcept { return over_.load(kSeqCst) != 0; }
  void end() noexcept {
    over_.store(1, kSeqCst);
    wake_caller();
  }
  // For the holder of the token: nothing more is committed.
  void fail(std::exception_ptr failure) noexcept {
    failure_ = std::move(failure);
    board_.stop();
    end();
  }

  // --- the serial loop ---

  // Runs attempts from i on without anybody beside. Returns where it stopped: n, or where helpers
  // are to be let in.
  std::uint32_t run_alone(std::uint32_t i, bool may_open) {
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
      if (new_stretch) next_stretch = spent + kStretchTicks;
      i = store_.direct() ? run_on_ground(seat, *attempt, {i, stop, new_stretch})
                          : run_on_cells(seat, *attempt, i, stop);
      if (i != stop || i == n_ || !checked_cancel()) break;
      spent = ticks() - begin;
      if (may_open && pacer_.pays(spent, look, n_ - i)) break;
      look += Pacer::next_look(spent, look);
    }
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
    need_cells();
    board_.jump(i);
    open();
    while (!over()) {
      if (door_shut_and_empty()) {
        go_alone(seat);
      } else if (!work_once(seat)) {
        wait_for_work();
      }
    }
    door_.shut();
    try {
      group.wait();
    } catch (const Cancelled&) {  // of helpers that had not begun
    }
    group_ = nullptr;
  }

  void open() {
    store_.set_alone(false);
    pacer_.opened();
    door_.open();
    call_helper();
  }
  bool door_shut_and_empty() const noexcept { return !door_.looks_open() && door_.empty(); }

  // The helpers have left: finishes what they began, then goes on serially.
  void go_alone(SeatType& seat) {
    lead(seat);
    if (over() || board_.head() != board_.next()) {
      if (!over() && !work_once(seat)) yield_processor();
      return;
    }
    if (!options_.record) {
      store_.settle_ground(board_.head());
      pool_.forget();
    }
    const std::uint32_t i = run_alone(board_.head(), true);
    if (over()) return;
    board_.jump(i);
    open();
  }

  // There is more to do than this worker does now: calls the others.
  void share_work() {
    const bool parked = parked_.load(kRelaxed) != 0;
    const bool missing = static_cast<int>(helpers_.load(kRelaxed)) < max_helpers_;
    if (!(parked || missing) || !door_.looks_open() || !board_.has_work()) return;
    if (parked) {
      wake_caller();
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
  void help() {
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
    wake_caller();
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
      while (lead_once(seat)) led = true;
      board_.release_token();
    } while (board_.head_executed() && !over());
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
    if (door_.empty()) return true;  // nobody has come yet
    return pacer_.still_pays(ticks());
  }
  bool commit_head(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t i = attempt.index;
    pacer_.committed(attempt.ticks, attempt.accesses.size(), attempt.incarnation);
    adapt_depth(attempt.incarnation != 0);
    if (!commit(seat, attempt)) return false;
    waits_.learn(attempt.contested, attempt.incarnation != 0);
    store_.attempt_at(i) = nullptr;
    pool_.recycle(seat, &attempt);
    board_.advance(i);
    if (i + 1 == n_) end();
    return i + 1 != n_;
  }

  void adapt_depth(bool repeated) noexcept {
    const std::uint32_t depth = board_.depth();
    const auto least = static_cast<std::uint32_t>(2 * max_helpers_ + 2);
    board_.set_depth(repeated ? std::max(least, depth - depth / 4) : depth + 4);
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

  // --- attempts and seats ---

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
    parked_.store(1, kSeqCst);
    const bool leave = over() || work_in_sight() || door_shut_and_empty();
    if (!leave) parker_.park();
    parked_.store(0, kSeqCst);
  }
  void wake_caller() noexcept {
    if (parked_.load(kSeqCst) != 0 && parked_.exchange(0, kSeqCst) != 0) parker_.unpark();
  }

  static constexpr std::uint64_t kSpinTicks = 30'000;
  // What may have to run again when an attempt fails in the serial loop.
  static constexpr std::uint64_t kStretchTicks = 300'000;

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
  typename P::template Atomic<std::uint32_t> parked_{0};
  Parker<P> parker_;
};

}  // namespace pel::detail::spec
