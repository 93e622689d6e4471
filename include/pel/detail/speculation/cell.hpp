// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "pel/detail/speculation/arena.hpp"
#include "pel/detail/speculation/board.hpp"

namespace pel::detail::spec {

template <class Value>
concept Addable = requires(const Value& a, const Value& b) {
  { a + b } -> std::convertible_to<Value>;
};

template <class Value>
Value sum(const Value& a, const Value& b) {
  if constexpr (Addable<Value>) {
    return static_cast<Value>(a + b);
  } else {
    return a;  // nothing can add
  }
}

// A predicate that was asked about a value, small enough to be kept beside the value's readers:
// bytes and a function.
template <class Value>
class Question {
 public:
  static constexpr std::size_t kRoom = 2 * sizeof(Value) + 16;

  template <class Ask>
  static Question from(const Ask& ask) noexcept {
    static_assert(std::is_trivially_copyable_v<Ask>, "a predicate must be trivially copyable");
    static_assert(sizeof(Ask) <= kRoom && alignof(Ask) <= 16,
                  "a predicate holds at most sizeof(Value) + 16 bytes");
    Question question;
    std::memcpy(question.room_, static_cast<const void*>(&ask), sizeof(Ask));
    question.ask_ = [](const void* room, const Value& value) -> bool {
      return (*std::launder(reinterpret_cast<const Ask*>(room)))(value);
    };
    return question;
  }
  bool operator()(const Value& value) const { return ask_(room_, value); }

 private:
  bool (*ask_)(const void* room, const Value& value) = nullptr;
  alignas(16) unsigned char room_[kRoom];
};

// One key: its committed value, what attempts since wrote, and who read it. All under lock.
//
// Invariants
//  1. versions is sorted by attempt. Those below the board's head are committed; whoever writes
//  folds
//     them into the committed value, so there are only so many.
//  2. A run that took its value from here, and is not below everything that may still write, has a
//     record. Whoever changes the versions looks through the records above it before it lets go of
//     the lock, and hits each whose value, or whose predicate's outcome, is another one now.
//  3. An estimate is a version of a run that was taken back: whoever needs it waits.
//  4. A hidden version is one of a publication under way (consistent_reads): whoever needs it
//  waits,
//     but whoever strikes looks through it, since it becomes visible without another strike.
template <class P, class Key, class Value>
class Cell {
 public:
  enum class Found { kValue, kWait, kNotLoaded };
  enum class Show : std::uint8_t { kVisible, kHidden, kEstimate };
  struct Version {
    std::uint32_t index = 0;
    std::uint32_t incarnation = 0;
    bool adds = false;
    Show show = Show::kVisible;
    Value value{};
  };
  struct Reader {
    std::uint32_t index = 0;
    std::uint32_t incarnation = 0;
    Value seen{};
    bool failed = false;  // base threw: any value from below is another one
  };
  struct Asker {
    std::uint32_t index = 0;
    std::uint32_t incarnation = 0;
    bool outcome = false;
    Question<Value> question;
  };

  Cell(const Key& cell_key, std::uint64_t cell_hash) : key(cell_key), hash(cell_hash) {}

  // The value below attempt `below`. Versions up to `through` count as values; kWait: there is one
  // beyond it, of attempt `blocker`.
  Found resolve(std::uint32_t below, Value& out, std::uint32_t& blocker,
                Show through = Show::kVisible) const {
    std::uint32_t end = versions.size();
    while (end > 0 && versions[end - 1].index >= below) --end;
    std::uint32_t first = end;
    for (; first > 0; --first) {
      const Version& version = versions[first - 1];
      if (version.show > through) {
        blocker = version.index;
        return Found::kWait;
      }
      if (!version.adds) break;
    }
    if (first > 0) {
      out = versions[first - 1].value;
    } else if (is_loaded()) {
      out = committed;
    } else {
      return Found::kNotLoaded;
    }
    for (std::uint32_t i = first; i < end; ++i) out = sum(out, versions[i].value);
    return Found::kValue;
  }

  bool is_loaded() const noexcept { return loaded.load(kAcquire) != 0; }
  void load(const Value& value) {
    if (is_loaded()) return;
    committed = value;
    loaded.store(1, kRelease);
  }

  // Versions below `head` are committed: they become the committed value.
  void fold(std::uint32_t head) {
    std::uint32_t done = 0;
    for (; done < versions.size() && versions[done].index < head; ++done) {
      Version& version = versions[done];
      committed = version.adds ? sum(committed, version.value) : std::move(version.value);
      loaded.store(1, kRelease);
    }
    if (P::kSpecBug == Bug::kAddTwice) return;
    for (; done > 0; --done) versions.erase(done - 1);
  }

  Version* find(std::uint32_t index) noexcept {
    for (std::uint32_t i = 0; i < versions.size(); ++i) {
      if (versions[i].index == index) return &versions[i];
    }
    return nullptr;
  }
  void put(Version version, Arena& arena) {
    std::uint32_t at = versions.size();
    while (at > 0 && versions[at - 1].index > version.index) --at;
    if (at > 0 && versions[at - 1].index == version.index) {
      versions[at - 1] = std::move(version);
    } else {
      versions.insert(at, std::move(version), arena);
    }
  }
  void remove(std::uint32_t index) noexcept {
    for (std::uint32_t i = 0; i < versions.size(); ++i) {
      if (versions[i].index == index) return versions.erase(i);
    }
  }

  template <class Records, class Record>
  static void add_record(Records& records, Record record, const Board<P>& board, Arena& arena) {
    if (records.full()) drop_gone(records, board);
    records.push(std::move(record), arena);
  }

  // After a change of versions or committed value at `index`: hits what is stale above. Runs that
  // had executed are handed to `taken(attempt)`.
  template <class Taken>
  void strike(std::uint32_t index, Board<P>& board, Taken taken) {
    if (P::kSpecBug == Bug::kLostPush) return;
    if (readers.size() == 0 && askers.size() == 0) return;
    std::uint32_t last = Board<P>::kNone;  // the change shows up to this attempt, itself included
    for (std::uint32_t i = 0; i < versions.size(); ++i) {
      if (versions[i].index > index && !versions[i].adds) {
        last = versions[i].index;
        break;
      }
    }
    strike_records(readers, index, last, board, taken, [](const Reader& r, const Value* now) {
      return now == nullptr ? r.failed : !r.failed && r.seen == *now;
    });
    if (P::kSpecBug == Bug::kPredicateTrusted) return;
    strike_records(askers, index, last, board, taken, [](const Asker& a, const Value* now) {
      return now != nullptr && a.question(*now) == a.outcome;
    });
  }
  // Hits every reader above: consistent_reads, when a run is taken back.
  template <class Taken>
  void strike_all(std::uint32_t index, Board<P>& board, Taken taken) {
    const auto all = [&](auto& records) {
      for (std::uint32_t i = 0; i < records.size(); ++i) {
        if (records[i].index > index) hit(records[i], board, taken);
      }
    };
    all(readers);
    all(askers);
  }

  const Key key;
  const std::uint64_t hash;
  CellLock<P> lock;
  typename P::template Atomic<std::uint32_t> loaded{0};
  bool taken = false;         // the ground has its value
  std::uint32_t history = 0;  // its place in the recorder, plus one; for the committer
  Value committed{};
  ShortArray<Version, 1> versions;
  ShortArray<Reader, 1> readers;
  ShortArray<Asker, 0> askers;

 private:
  template <class Record, class Taken>
  static bool hit(const Record& record, Board<P>& board, Taken& taken) {
    using Word = AttemptWord<P>;
    const auto result = board.word(record.index).hit(record.index, record.incarnation);
    if (result == Word::Hit::kTaken) taken(record.index);
    return result != Word::Hit::kMissed;
  }

  template <class Records, class Taken, class Same>
  void strike_records(Records& records, std::uint32_t index, std::uint32_t last, Board<P>& board,
                      Taken& taken, Same same) {
    const std::uint32_t head = board.head_hint();
    for (std::uint32_t i = 0; i < records.size();) {
      const auto& record = records[i];
      if (record.index < head) {
        records.drop(i);
        continue;
      }
      if (record.index > index && record.index <= last) {
        Value now{};
        std::uint32_t blocker = 0;
        const Show through = P::kSpecBug == Bug::kHiddenUnseen ? Show::kVisible : Show::kHidden;
        const Found found = resolve(record.index, now, blocker, through);
        if (found != Found::kWait && !same(record, found == Found::kValue ? &now : nullptr)) {
          hit(record, board, taken);
          records.drop(i);
          continue;
        }
      }
      ++i;
    }
  }

  template <class Records>
  static void drop_gone(Records& records, const Board<P>& board) noexcept {
    const std::uint32_t head = board.head_hint();
    for (std::uint32_t i = 0; i < records.size();) {
      const auto& record = records[i];
      if (record.index < head || board.word(record.index).gone(record.index, record.incarnation)) {
        records.drop(i);
      } else {
        ++i;
      }
    }
  }
};

}  // namespace pel::detail::spec
