// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "pel/detail/loops/keys.hpp"
#include "pel/detail/speculation/attempt.hpp"
#include "pel/detail/speculation/options.hpp"

namespace pel::detail::spec {

// Ends an attempt that has become stale. Not a std::exception, so that handlers of those let it
// pass; if a handler of everything swallows it, the next access throws again.
struct Unwound {};

// What one worker has to itself.
template <class P, class Key, class Value>
struct Seat {
  Arena arena;
  std::vector<std::uint32_t> taken;       // executed attempts that a write of this worker has hit
  std::vector<Cell<P, Key, Value>*> old;  // what an earlier run had published
  std::vector<std::unique_ptr<Attempt<P, Key, Value>>> free;
  SpeculationCounters counters;
};

// The versions of all keys, and what attempts do to them. The holder of the token calls commit()
// and discard_rest(); the worker that runs an attempt all else.
template <class P, class Key, class Value>
class Store {
 public:
  using CellType = Cell<P, Key, Value>;
  using AttemptType = Attempt<P, Key, Value>;
  using SeatType = Seat<P, Key, Value>;
  using Access = typename AttemptType::Access;
  using Found = typename CellType::Found;

  struct Base {
    void* self = nullptr;
    Value (*load)(void* self, const Key& key) = nullptr;
  };

  explicit Store(Board<P>& board) : board_(board) {}

  void start(Base base, const SpeculationOptions& options, std::uint32_t window) {
    attempts_.assign(window, nullptr);
    table_.clear();
    written_.clear();
    base_ = base;
    consistent_ = options.consistent_reads;
    unwind_ = options.unwind;
    recording_ = options.record;
    alone_ = true;
  }
  // Only one worker is here, and no attempt but those that it commits one by one.
  void set_alone(bool alone) noexcept { alone_ = alone; }
  bool alone() const noexcept { return alone_; }
  const std::vector<CellType*>& written() const noexcept { return written_; }

  Access& access(SeatType& seat, AttemptType& attempt, const Key& key) {
    const std::uint64_t hash = hash_key(key);
    if (Access* known = attempt.find(hash, key)) return *known;
    return attempt.add(table_.at(hash, key, seat.arena));
  }

  bool doomed(const AttemptType& attempt) const noexcept {
    return !alone_ && (attempt.blocker != Board<P>::kNone || board_.word(attempt.index).doomed());
  }
  void check(const AttemptType& attempt) const {
    if (doomed(attempt) && unwind_) throw Unwound{};
  }

  // The value below the attempt, exactly.
  void read(SeatType& seat, AttemptType& attempt, Access& access) {
    CellType& cell = *access.cell;
    if (attempt.head) {
      ensure_loaded(cell);
      access.seen = cell.committed;
    } else {
      access.seen = resolve(attempt, cell, [&](const Value& seen) {
        CellType::add_record(cell.readers,
                             typename CellType::Reader{attempt.index, attempt.incarnation, seen},
                             board_, seat.arena);
      });
    }
    access.has_read = true;
  }
  // The outcome of a predicate on the value below the attempt.
  bool ask(SeatType& seat, AttemptType& attempt, CellType& cell, const Question<Value>& question) {
    if (recording_) attempt.questions.emplace_back(&cell, question);
    if (attempt.head) {
      ensure_loaded(cell);
      return question(cell.committed);
    }
    bool outcome = false;
    const Value seen = resolve(attempt, cell, [&](const Value& value) {
      outcome = question(value);
      CellType::add_record(
          cell.askers,
          typename CellType::Asker{attempt.index, attempt.incarnation, outcome, question}, board_,
          seat.arena);
    });
    return attempt.blocker == Board<P>::kNone ? outcome : question(seen);
  }
  void ensure_loaded(CellType& cell) {
    if (cell.is_loaded()) return;
    const Value value = base_.load(base_.self, cell.key);
    Lock lock(*this, cell);
    cell.load(value);
  }

  // Makes the attempt's writes visible to later attempts, in place of those of its last run.
  void publish(SeatType& seat, AttemptType& attempt) {
    const bool again = !attempt.published.empty();
    const bool torn = !consistent_ || P::kSpecBug == Bug::kTornPublish;
    seat.old.swap(attempt.published);
    for (Access& access : attempt.accesses) {
      if (attempt.error != nullptr || !(access.writes || access.adds)) continue;
      CellType& cell = *access.cell;
      Lock lock(*this, cell);
      cell.put({attempt.index, attempt.incarnation, access.adds, false, access.mine}, seat.arena);
      strike(seat, attempt, cell);
      if (!torn) cell.find(attempt.index)->estimate = true;
      attempt.published.push_back(&cell);
    }
    if (again) remove_old(seat, attempt);
    settle(seat);
    if (torn) return;
    for (CellType* cell : attempt.published) {
      Lock lock(*this, *cell);
      cell->find(attempt.index)->estimate = false;
    }
  }

  // A run that had executed is taken back: who needs its versions waits for the next run.
  void retract(SeatType& seat, AttemptType& attempt) {
    if (P::kSpecBug == Bug::kNoRetract) return;
    for (CellType* cell : attempt.published) {
      Lock lock(*this, *cell);
      if (auto* version = cell->find(attempt.index)) version->estimate = true;
      if (consistent_) {
        cell->strike_all(attempt.index, board_,
                         [&](std::uint32_t hit) { seat.taken.push_back(hit); });
      }
    }
  }

  // The attempt's writes become the committed values.
  void commit(SeatType& seat, AttemptType& attempt) {
    if (consistent_ && attempt.head && !alone_) {
      publish(seat, attempt);
      attempt.head = false;
    }
    const bool above = attempt.head && (!alone_ || board_.next() > attempt.index + 1);
    for (Access& access : attempt.accesses) {
      if (!(access.writes || access.adds)) continue;
      CellType& cell = *access.cell;
      Lock lock(*this, cell);
      fold(cell, access);
      if (!attempt.published.empty()) drop_version(cell, attempt);
      if (above) strike(seat, attempt, cell);
    }
    if (attempt.head && !attempt.published.empty()) {
      seat.old.swap(attempt.published);
      remove_old(seat, attempt);
    }
    attempt.published.clear();
    settle(seat);
  }

  // Gives the hit attempts back, to be run again.
  void settle(SeatType& seat) {
    while (!seat.taken.empty()) {
      const std::uint32_t i = seat.taken.back();
      seat.taken.pop_back();
      AttemptType& attempt = *attempts_[board_.slot_of(i)];
      retract(seat, attempt);
      ++seat.counters.aborts;
      board_.make_ready(i, attempt.incarnation + 1);
    }
  }

  // The value that the access leaves behind; for the holder of the token, before commit().
  Value final_value(const Access& access) const {
    return access.adds ? sum(access.cell->committed, access.mine) : access.mine;
  }

  // Who runs in which slot; for the owner of the slot's attempt.
  AttemptType*& attempt_at(std::uint32_t index) noexcept {
    return attempts_[board_.slot_of(index)];
  }

 private:
  class Lock {
   public:
    Lock(const Store& store, CellType& cell) noexcept : cell_(store.alone_ ? nullptr : &cell) {
      if (cell_ != nullptr) cell_->lock.lock();
    }
    ~Lock() {
      if (cell_ != nullptr) cell_->lock.unlock();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    CellType* cell_;
  };

  // The value below the attempt, found and put on record by use(value) under the cell's lock.
  template <class Use>
  Value resolve(AttemptType& attempt, CellType& cell, Use use) {
    Value value{};
    std::uint32_t blocker = 0;
    while (true) {
      Found found{};
      {
        Lock lock(*this, cell);
        found = cell.resolve(attempt.index, value, blocker);
        if (found == Found::kValue && P::kSpecBug != Bug::kStaleRead) use(value);
      }
      if (found == Found::kValue) {
        if (P::kSpecBug == Bug::kStaleRead) {
          yield_processor();
          Lock lock(*this, cell);
          use(value);
        }
        check(attempt);
        return value;
      }
      if (found == Found::kNotLoaded) {
        ensure_loaded(cell);
      } else if (board_.word(blocker).unfinished(blocker)) {
        attempt.blocker = blocker;
        if (unwind_) throw Unwound{};
        return any_value(attempt, cell);
      }
    }
  }
  // For an attempt that gave up and does not unwind.
  Value any_value(const AttemptType& attempt, CellType& cell) {
    ensure_loaded(cell);
    Lock lock(*this, cell);
    Value value{};
    std::uint32_t blocker = 0;
    static_cast<void>(cell.resolve(attempt.index, value, blocker, true));
    return value;
  }

  void strike(SeatType& seat, const AttemptType& attempt, CellType& cell) {
    cell.strike(attempt.index, board_, [&](std::uint32_t hit) { seat.taken.push_back(hit); });
  }

  // What an earlier run of the attempt published and this one did not write.
  void remove_old(SeatType& seat, const AttemptType& attempt) {
    for (CellType* cell : seat.old) {
      if (P::kSpecBug == Bug::kKeepsOldWrites) break;
      Lock lock(*this, *cell);
      const auto* version = cell->find(attempt.index);
      if (version == nullptr || version->incarnation == attempt.incarnation) continue;
      cell->remove(attempt.index);
      strike(seat, attempt, *cell);
    }
    seat.old.clear();
  }

  void drop_version(CellType& cell, const AttemptType& attempt) noexcept {
    if (P::kSpecBug != Bug::kAddTwice) cell.remove(attempt.index);
  }

  void fold(CellType& cell, const Access& access) {
    Value value = final_value(access);
    cell.committed = std::move(value);
    cell.loaded.store(1, kRelease);
    if (!cell.written) {
      cell.written = true;
      written_.push_back(&cell);
    }
  }

  Board<P>& board_;
  Table<P, Key, Value> table_;
  std::vector<CellType*> written_;
  std::vector<AttemptType*> attempts_;  // by slot
  Base base_;
  bool consistent_ = false;
  bool unwind_ = true;
  bool recording_ = false;
  bool alone_ = true;
};

}  // namespace pel::detail::spec
