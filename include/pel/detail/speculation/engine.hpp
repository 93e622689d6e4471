// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "pel/detail/speculation/pacer.hpp"
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

  // The caller's functions with their types erased.
  struct Program {
    void* self = nullptr;
    Value (*base)(void* self, const Key& key) = nullptr;
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
    if (i < n_ && !over()) {
      if (worker_index() >= 0) {
        run_together(i);
      } else {
        Executor::current().run([&] { run_together(i); });
      }
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
    open_.store(0, kSeqCst);
    if (seats_.empty()) seats_.push_back(std::make_unique<SeatType>());
    store_.start({program.self, program.base}, options_, options_.window);
    for (auto& seat : seats_) {
      seat->arena.reset();
      for (auto& attempt : seat->free) attempt->room = nullptr;
    }
    for (auto& attempt : spare_) attempt->room = nullptr;
    board_.start(0, n);
    pacer_.start();
    waits_.start();
    recorder_.start(options_.record, n);
  }
  void finish() noexcept {
    for (std::uint32_t i = 0; i < options_.window; ++i) {
      if (AttemptType* attempt = std::exchange(store_.attempt_at(i), nullptr)) {
        recycle(*seats_.front(), attempt);
      }
    }
    for (auto& seat : seats_) {
      add_counters(seat->counters);
      for (auto& attempt : seat->free) attempt->rest();
    }
    for (auto& attempt : spare_) attempt->rest();
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
    SeatType& seat = *seats_.front();
    store_.set_alone(true);
    AttemptType* attempt = obtain(seat);
    attempt->head = true;
    const std::uint64_t begin = ticks();
    const std::uint32_t first = i;
    std::uint64_t look = 1;
    while (i < n_) {
      attempt->begin(i, 0);
      execute(seat, *attempt);
      if (!commit(seat, *attempt)) break;
      ++i;
      if (i - first == look && i < n_) {
        if (!checked_cancel()) break;
        const std::uint64_t spent = ticks() - begin;
        if (may_open && pacer_.pays(spent, look, n_ - i)) break;
        look += Pacer::next_look(spent, look);
      }
    }
    seat.counters.alone += i - first;
    seat.counters.incarnations += i - first;
    recycle(seat, attempt);
    if (i == n_) over_.store(1, kSeqCst);
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

  void run_together(std::uint32_t i) {
    TaskGroup group;
    group_ = &group;
    max_helpers_ = worker_limit() - 1;
    may_close_ = !options_.always_parallel;
    SeatType& seat = *seats_.front();
    board_.jump(i);
    open();
    while (!over()) {
      if (open_.load(kRelaxed) == 0 && inside_.load(kSeqCst) == 0) {
        go_alone(seat);
      } else if (!work_once(seat)) {
        wait_for_work();
      }
    }
    close();
    group.wait();
    group_ = nullptr;
  }

  void open() {
    store_.set_alone(false);
    pacer_.opened(ticks());
    open_.store(1, kSeqCst);
    call_helper();
  }
  void close() noexcept { open_.store(0, kSeqCst); }

  // The helpers have left: finishes what they began, then goes on serially.
  void go_alone(SeatType& seat) {
    lead(seat);
    if (over() || board_.head() != board_.next()) {
      if (!over() && !work_once(seat)) yield_processor();
      return;
    }
    const std::uint32_t i = run_alone(board_.head(), true);
    if (over()) return;
    board_.jump(i);
    open();
  }

  bool wants_helper() const noexcept {
    return static_cast<int>(helpers_.load(kRelaxed)) < max_helpers_ && open_.load(kRelaxed) != 0;
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
    inside_.fetch_add(1, kSeqCst);
    if (open_.load(kSeqCst) != 0 && !over()) {
      SeatType& seat = take_seat();
      ++seat.counters.helpers;
      while (open_.load(kSeqCst) != 0 && !over()) {
        if (!work_once(seat) && !spin_for_work()) break;
      }
      give_seat(seat);
    }
    inside_.fetch_sub(1, kSeqCst);
    helpers_.fetch_sub(1, kSeqCst);
    wake_caller();
  }
  // One piece of work; false: there is none.
  bool work_once(SeatType& seat) {
    if (lead(seat)) return true;
    const std::uint32_t i = board_.take();
    if (i == Board<P>::kNone) return false;
    if (board_.stopped()) return false;
    if (wants_helper() && board_.has_work()) call_helper();
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
    if (board_.word(head).executed(head)) {
      AttemptType* attempt = store_.attempt_at(head);
      return commit_head(seat, *attempt);
    }
    if (!checked_cancel()) return false;
    if (may_close_ && open_.load(kRelaxed) != 0 && !pacer_.still_pays(ticks())) close();
    const std::uint32_t i = board_.take_head();
    if (i == Board<P>::kNone) return false;
    AttemptType& attempt = prepare(seat, i);
    attempt.head = true;
    execute(seat, attempt);
    ++seat.counters.incarnations;
    return !board_.stopped() && commit_head(seat, attempt);
  }
  bool commit_head(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t i = attempt.index;
    static_cast<void>(pacer_.committed(attempt.ticks, attempt.accesses.size()));
    if (!commit(seat, attempt)) return false;
    waits_.learn(attempt.contested, attempt.incarnation != 0);
    store_.attempt_at(i) = nullptr;
    recycle(seat, &attempt);
    board_.advance(i);
    if (i + 1 == n_) end();
    return i + 1 != n_;
  }

  // The caller holds the token, or is alone. False: the run has ended before this attempt.
  bool commit(SeatType& seat, AttemptType& attempt) {
    if (attempt.error != nullptr) {
      fail(attempt.error);
      return false;
    }
    try {
      if (!program_.commit(program_.self, attempt, WritesType(store_, attempt))) {
        fail(nullptr);
        return false;
      }
      recorder_.commit(store_, attempt);
      store_.commit(seat, attempt);
    } catch (...) {
      fail(std::current_exception());
      return false;
    }
    ++committed_;
    return true;
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
    const std::uint32_t i = attempt.index;
    store_.publish(seat, attempt);
    if (board_.word(i).execute(i, attempt.incarnation)) {
      board_.wake(i);
      return;  // the next piece of work is to lead, if nobody does
    }
    store_.retract(seat, attempt);
    store_.settle(seat);
    ++seat.counters.aborts;
    board_.make_ready(i, attempt.incarnation + 1);
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
    if (at == nullptr) at = obtain(seat);
    at->begin(i, board_.word(i).incarnation());
    return *at;
  }
  AttemptType* obtain(SeatType& seat) {
    if (seat.free.empty()) {
      Guard guard(lock_);
      if (!spare_.empty()) {
        AttemptType* attempt = spare_.back().release();
        spare_.pop_back();
        return attempt;
      }
    } else {
      AttemptType* attempt = seat.free.back().release();
      seat.free.pop_back();
      return attempt;
    }
    return new AttemptType;
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

  // --- having nothing to do ---

  bool work_in_sight() const noexcept { return board_.has_work() || board_.head_executed(); }
  bool spin_for_work() noexcept {
    const std::uint64_t begin = ticks();
    while (ticks() - begin < kSpinTicks) {
      if (over() || open_.load(kRelaxed) == 0) return false;
      if (work_in_sight()) return true;
      P::pause();
    }
    return false;
  }
  void wait_for_work() noexcept {
    const std::uint64_t begin = ticks();
    while (ticks() - begin < kSpinTicks) {
      if (over() || work_in_sight()) return;
      if (open_.load(kRelaxed) == 0 && inside_.load(kSeqCst) == 0) return;
      P::pause();
    }
    parked_.store(1, kSeqCst);
    const bool leave =
        over() || work_in_sight() || (open_.load(kSeqCst) == 0 && inside_.load(kSeqCst) == 0);
    if (!leave) parker_.park();
    parked_.store(0, kSeqCst);
  }
  void wake_caller() noexcept {
    if (parked_.load(kSeqCst) != 0 && parked_.exchange(0, kSeqCst) != 0) parker_.unpark();
  }

  static constexpr std::size_t kKept = 64;
  static constexpr std::uint64_t kSpinTicks = 30'000;

  const SpeculationOptions options_;
  std::vector<std::unique_ptr<SeatType>> seats_;  // the cells of the store are in their arenas
  Program program_;
  Board<P> board_;
  StoreType store_;
  Pacer pacer_;
  Waits<P> waits_;
  Recorder<P, Key, Value> recorder_;
  SmallLock<P> lock_;  // of the next two, and of adding to seats_
  std::vector<SeatType*> free_seats_;
  std::vector<std::unique_ptr<AttemptType>> spare_;
  SpeculationCounters counters_;
  std::uint32_t n_ = 0;
  std::size_t committed_ = 0;  // the token's, like failure_
  std::exception_ptr failure_;
  TaskGroup* group_ = nullptr;
  int max_helpers_ = 0;
  bool may_close_ = true;
  typename P::template Atomic<std::uint32_t> over_{0};
  typename P::template Atomic<std::uint32_t> open_{0};     // helpers may come in
  typename P::template Atomic<std::uint32_t> inside_{0};   // helpers at work
  typename P::template Atomic<std::uint32_t> helpers_{0};  // called and not gone
  typename P::template Atomic<std::uint32_t> parked_{0};
  Parker<P> parker_;
};

}  // namespace pel::detail::spec
