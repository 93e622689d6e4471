// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/detail/loops/keys.hpp"
#include "pel/detail/speculation/attempt.hpp"
#include "pel/detail/speculation/ground.hpp"
#include "pel/detail/speculation/options.hpp"

namespace pel::detail::spec {

// Ends an attempt that has become stale. Not a std::exception, so that handlers of those let it
// pass; if a handler of everything swallows it, the next access throws again.
struct Unwound {};

// What one worker has to itself.
template <class P, class Key, class Value>
struct Seat {
  static constexpr std::size_t kRecent = 512;
  std::array<Cell<P, Key, Value>*, kRecent> recent{};  // by hash: cells found a moment ago
  Arena arena;
  std::vector<std::uint32_t> taken;       // executed attempts that a write of this worker has hit
  std::vector<Cell<P, Key, Value>*> old;  // what an earlier run had published
  std::vector<Cell<P, Key, Value>*> hidden;  // what show() is to show
  std::vector<std::unique_ptr<Attempt<P, Key, Value>>> free;
  SpeculationCounters counters;
};

// The state: committed values in the ground, and, while there are helpers, cells with the versions
// of the keys that they use. The holder of the token calls commit() and discard_rest(); the worker
// that runs an attempt all else.
template <class P, class Key, class Value>
class Store {
 public:
  using CellType = Cell<P, Key, Value>;
  using AttemptType = Attempt<P, Key, Value>;
  using SeatType = Seat<P, Key, Value>;
  using GroundType = Ground<Key, Value>;
  using Access = typename AttemptType::Access;
  using Found = typename CellType::Found;
  using Show = typename CellType::Show;

  explicit Store(Board<P>& board) : board_(board) {}

  void start(Base<Key, Value> base, const SpeculationOptions& options) {
    ground_.start(base, options.keep_values);
    consistent_ = options.consistent_reads;
    unwind_ = options.unwind;
    recording_ = options.record;
    set_alone(true);
  }
  // Before the first of a run that uses cells, in arenas that are empty.
  void start_cells(std::uint32_t window) {
    attempts_.assign(window, nullptr);
    table_.clear();
    log_.clear();
  }
  // Only one worker is here, and no attempt but those that it commits one by one.
  void set_alone(bool alone) noexcept {
    alone_ = alone;
    direct_ = alone && !recording_;
  }
  // Accesses go to the ground, and there are no cells.
  bool direct() const noexcept { return direct_; }
  bool alone() const noexcept { return alone_; }
  GroundType& ground() noexcept { return ground_; }
  const GroundType& ground() const noexcept { return ground_; }

  Access& access(SeatType& seat, AttemptType& attempt, const Key& key) {
    const std::uint64_t hash = hash_key(key);
    if (Access* known = attempt.find(hash, key)) return *known;
    return attempt.add(cell(seat, hash, key));
  }
  CellType& cell(SeatType& seat, std::uint64_t hash, const Key& key) {
    CellType*& recent = seat.recent[hash >> 32 & (SeatType::kRecent - 1)];
    if (recent != nullptr && recent->hash == hash && recent->key == key) return *recent;
    recent = &table_.at(hash, key, seat.arena);
    return *recent;
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
      access.seen = committed(cell);
    } else {
      access.seen = resolve(seat, attempt, cell, [&](const Value& seen) {
        CellType::add_record(
            cell.readers,
            typename CellType::Reader{attempt.index, attempt.incarnation, seen, false}, board_,
            seat.arena);
      });
    }
    access.has_read = true;
  }
  // The outcome of a predicate on the value below the attempt.
  bool ask(SeatType& seat, AttemptType& attempt, CellType& cell, const Question<Value>& question) {
    if (recording_) attempt.questions.emplace_back(&cell, question);
    if (attempt.head) return question(committed(cell));
    bool outcome = false;
    const Value seen = resolve(seat, attempt, cell, [&](const Value& value) {
      outcome = question(value);
      CellType::add_record(
          cell.askers,
          typename CellType::Asker{attempt.index, attempt.incarnation, outcome, question}, board_,
          seat.arena);
    });
    return attempt.blocker == Board<P>::kNone ? outcome : question(seen);
  }
  // The committed value, which cannot change now: for the head, and while nobody else commits.
  Value committed(CellType& cell) {
    while (true) {
      {
        Lock lock(*this, cell);
        cell.fold(board_.head());
        if (cell.is_loaded()) return cell.committed;
      }
      ensure_loaded(cell);
    }
  }
  // Before an addition: whether it can be left open what it is added to. If not, for want of a
  // base, access.seen is the value below.
  bool can_add(SeatType& seat, AttemptType& attempt, Access& access) {
    CellType& cell = *access.cell;
    if (cell.is_loaded()) return true;
    if (attempt.head) {
      static_cast<void>(committed(cell));
      return true;
    }
    try {
      ensure_loaded(cell);
      return true;
    } catch (const Unwound&) {
      throw;
    } catch (...) {
      read(seat, attempt, access);
      return false;
    }
  }
  void ensure_loaded(CellType& cell) {
    if (cell.is_loaded()) return;
    const Value* known = ground_.find(cell.key);
    const Value value = known != nullptr ? *known : ground_.from_base(cell.key);
    Lock lock(*this, cell);
    cell.load(value);
  }

  // Makes the attempt's writes those that later attempts see, in place of those of its last run,
  // and marks it executed. False: the run was hit meanwhile, and is taken back.
  [[nodiscard]] bool publish(SeatType& seat, AttemptType& attempt) {
    const std::uint32_t index = attempt.index, incarnation = attempt.incarnation;
    put_versions(seat, attempt);
    if (P::kSpecBug == Bug::kShownBeforeRun) show(seat, index, incarnation);
    if (board_.word(index).execute(index, incarnation)) {
      show(seat, index, incarnation);
      return true;
    }
    seat.hidden.clear();
    retract(seat, attempt);
    settle(seat);
    return false;
  }

  // A run that had executed is taken back: who needs its versions waits for the next run.
  void retract(SeatType& seat, AttemptType& attempt) {
    if (P::kSpecBug == Bug::kNoRetract) return;
    for (CellType* cell : attempt.published) {
      Lock lock(*this, *cell);
      if (auto* version = cell->find(attempt.index)) version->show = Show::kEstimate;
      if (consistent_) {
        cell->strike_all(attempt.index, board_,
                         [&](std::uint32_t hit) { seat.taken.push_back(hit); });
      }
    }
  }

  // The attempt's writes become committed. Versions that it has published are so as soon as the
  // board's head has passed it: no cell is touched for them.
  void commit(SeatType& seat, AttemptType& attempt) {
    if (consistent_ && attempt.head && !alone_) {
      put_versions(seat, attempt);
      show(seat, attempt.index, attempt.incarnation);
      attempt.head = false;
    }
    if (attempt.head) commit_directly(seat, attempt);
    for (const std::uint32_t place : attempt.written) {
      log_.push_back(attempt.accesses[place].cell);
    }
    attempt.published.clear();
  }
  // Attempts below `head` are committed, and nobody else is here: the ground takes what the cells
  // know, in the order in which it was written, and the cells go. Their arenas are free then.
  void settle_ground(std::uint32_t head) {
    const auto take = [&](CellType& cell, bool written) {
      if (cell.taken) return;
      cell.taken = true;
      cell.fold(head);
      if (cell.is_loaded()) ground_.take(cell.key, cell.committed, written);
    };
    for (CellType* cell : log_) take(*cell, true);
    log_.clear();
    table_.for_each([&](CellType& cell) { take(cell, false); });
    table_.clear();
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
  Value final_value(const AttemptType& attempt, const Access& access) const {
    return access.adds ? sum(below(attempt.index, *access.cell), access.mine) : access.mine;
  }
  // The value that the attempts below `index`, all committed, leave behind.
  Value below(std::uint32_t index, CellType& cell) const {
    Lock lock(*this, cell);
    Value value{};
    std::uint32_t blocker = 0;
    static_cast<void>(cell.resolve(index, value, blocker, Show::kEstimate));
    return value;
  }

  // f(key, value) for each key written, with the value after the attempt; before commit().
  template <class F>
  void for_each_write(const AttemptType& attempt, F&& f) {
    if (direct_) return ground_.for_each_changed(f);
    for (const std::uint32_t place : attempt.written) {
      const Access& access = attempt.accesses[place];
      f(std::as_const(access.cell->key), final_value(attempt, access));
    }
  }

  // drop(attempt) for those that have begun and are not committed, when all is over.
  template <class Drop>
  void drop_attempts(Drop&& drop) {
    for (AttemptType*& attempt : attempts_) {
      if (attempt != nullptr) drop(std::exchange(attempt, nullptr));
    }
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
  Value resolve(SeatType& seat, AttemptType& attempt, CellType& cell, Use use) {
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
        load_below(seat, attempt, cell);
      } else if (board_.word(blocker).unfinished(blocker)) {
        attempt.blocker = blocker;
        if (unwind_) throw Unwound{};
        return any_value(attempt, cell);
      } else {  // about to be shown, or taken back
        check(attempt);
        P::pause();
        if constexpr (std::is_base_of_v<RealAtomics, P>) yield_processor();
      }
    }
  }
  // What base throws is the attempt's error only as long as nobody below writes the key.
  void load_below(SeatType& seat, const AttemptType& attempt, CellType& cell) {
    try {
      ensure_loaded(cell);
    } catch (...) {
      Lock lock(*this, cell);
      Value value{};
      std::uint32_t blocker = 0;
      if (cell.resolve(attempt.index, value, blocker) != Found::kNotLoaded) return;
      using Reader = typename CellType::Reader;
      CellType::add_record(cell.readers, Reader{attempt.index, attempt.incarnation, {}, true},
                           board_, seat.arena);
      throw;
    }
  }
  bool hides() const noexcept { return consistent_ && P::kSpecBug != Bug::kTornPublish; }
  // For an attempt that gave up and does not unwind.
  Value any_value(const AttemptType& attempt, CellType& cell) { return below(attempt.index, cell); }

  // Under consistent_reads the versions stay hidden until show().
  void put_versions(SeatType& seat, AttemptType& attempt) {
    const bool again = !attempt.published.empty();
    const Show show = hides() ? Show::kHidden : Show::kVisible;
    seat.old.swap(attempt.published);
    for (const std::uint32_t place : attempt.written) {
      if (attempt.error != nullptr) break;
      const Access& access = attempt.accesses[place];
      CellType& cell = *access.cell;
      Lock lock(*this, cell);
      cell.fold(board_.head());
      cell.put({attempt.index, attempt.incarnation, access.adds, show, access.mine}, seat.arena);
      strike(seat, attempt, cell);
      attempt.published.push_back(&cell);
    }
    if (again) remove_old(seat, attempt);
    settle(seat);
    if (show == Show::kHidden) seat.hidden = attempt.published;
  }
  // What the seat's last publication hid becomes visible, all who read something else having been
  // hit. Only once the run has executed: a doomed one may rest on what a writer below it has
  // replaced, and that writer may be about to show its own. From then on another worker may take
  // the run back, or commit it and use the attempt for a later one: it is not touched here, and
  // only those versions that are still hidden are.
  void show(SeatType& seat, std::uint32_t index, std::uint32_t incarnation) {
    for (CellType* cell : seat.hidden) {
      Lock lock(*this, *cell);
      auto* version = cell->find(index);
      if (version == nullptr || version->incarnation != incarnation) continue;
      if (version->show == Show::kHidden) version->show = Show::kVisible;
    }
    seat.hidden.clear();
  }

  void strike(SeatType& seat, const AttemptType& attempt, CellType& cell) {
    cell.strike(attempt.index, board_, [&](std::uint32_t hit) { seat.taken.push_back(hit); });
  }

  // What an earlier run of the attempt published and this one did not write.
  void remove_old(SeatType& seat, const AttemptType& attempt) {
    for (CellType* cell : seat.old) {
      Lock lock(*this, *cell);
      auto* version = cell->find(attempt.index);
      if (version == nullptr || version->incarnation == attempt.incarnation) continue;
      if (P::kSpecBug == Bug::kKeepsOldWrites) {
        version->show = Show::kVisible;
        continue;
      }
      cell->remove(attempt.index);
      strike(seat, attempt, *cell);
    }
    seat.old.clear();
  }

  void commit_directly(SeatType& seat, AttemptType& attempt) {
    const bool above = !alone_ || board_.next() > attempt.index + 1;
    for (const std::uint32_t place : attempt.written) {
      const Access& access = attempt.accesses[place];
      CellType& cell = *access.cell;
      Lock lock(*this, cell);
      cell.fold(attempt.index);
      cell.committed = access.adds ? sum(cell.committed, access.mine) : access.mine;
      cell.loaded.store(1, kRelease);
      if (!attempt.published.empty()) cell.remove(attempt.index);
      if (above) strike(seat, attempt, cell);
    }
    if (!attempt.published.empty()) {
      seat.old.swap(attempt.published);
      remove_old(seat, attempt);
    }
    settle(seat);
  }
  Board<P>& board_;
  Table<P, Key, Value> table_;
  GroundType ground_;
  std::vector<CellType*> log_;          // cells of committed writes in order, some several times
  std::vector<AttemptType*> attempts_;  // by slot
  bool consistent_ = false;
  bool unwind_ = true;
  bool recording_ = false;
  bool alone_ = true;
  bool direct_ = true;
};

}  // namespace pel::detail::spec
