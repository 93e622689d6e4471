// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pel/detail/loops/pace.hpp"
#include "pel/detail/speculation/store.hpp"

namespace pel::detail::spec {

std::int64_t clock_ns() noexcept;

// Notes, commit by commit, how long each attempt took and which earlier ones changed what it saw.
// Guarded by the committer's token.
template <class P, class Key, class Value>
class Recorder {
  using StoreType = Store<P, Key, Value>;
  using AttemptType = Attempt<P, Key, Value>;
  using CellType = Cell<P, Key, Value>;

 public:
  void start(bool on, std::size_t n) {
    on_ = on;
    record_ = {};
    histories_.clear();
    if (!on_) return;
    record_.ns.reserve(n);
    record_.first.assign(1, 0);
    begin_ticks_ = ticks();
    begin_ns_ = clock_ns();
  }
  // Before the attempt's writes are committed.
  void commit(StoreType& store, const AttemptType& attempt) {
    if (!on_) return;
    const std::size_t first = record_.dependencies.size();
    for (const auto& access : attempt.accesses) {
      if (access.has_read) read(*access.cell);
    }
    for (const auto& [cell, question] : attempt.questions) {
      ask(*cell, question, store.below(attempt.index, *cell));
    }
    const auto begin = record_.dependencies.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, record_.dependencies.end());
    record_.dependencies.erase(std::unique(begin, record_.dependencies.end()),
                               record_.dependencies.end());
    record_.first.push_back(record_.dependencies.size());
    record_.ns.push_back(static_cast<double>(attempt.ticks));
    for (const auto& access : attempt.accesses) {
      if (access.writes || access.adds) {
        CellType& cell = *access.cell;
        wrote(cell, {attempt.index, access.adds, store.final_value(attempt, access)},
              store.below(attempt.index, cell));
      }
    }
  }
  void finish() {
    if (!on_) return;
    const auto spent_ticks = static_cast<double>(ticks() - begin_ticks_);
    const double scale = static_cast<double>(clock_ns() - begin_ns_) / spent_ticks;
    for (double& time : record_.ns) time *= scale;
    on_ = false;
  }
  const SpeculationRecord& record() const noexcept { return record_; }

 private:
  struct Change {
    std::uint32_t index;
    bool adds;
    Value after;
  };
  // All changes of one key's value, in order.
  struct History {
    bool base_known;
    Value base;
    std::vector<Change> changes;
  };

  void read(const CellType& cell) {
    if (cell.history == 0) return;
    const std::vector<Change>& changes = histories_[cell.history - 1].changes;
    for (std::size_t i = changes.size(); i-- > 0;) {
      record_.dependencies.push_back(changes[i].index);
      if (!changes[i].adds) return;
    }
  }
  void ask(const CellType& cell, const Question<Value>& question, const Value& now) {
    if (cell.history == 0) return;
    const History& history = histories_[cell.history - 1];
    const bool outcome = question(now);
    for (std::size_t i = history.changes.size(); i-- > 0;) {
      const bool known = i > 0 || history.base_known;
      const Value& before = i > 0 ? history.changes[i - 1].after : history.base;
      if (!known || question(before) != outcome) {
        record_.dependencies.push_back(history.changes[i].index);
        return;
      }
    }
  }
  void wrote(CellType& cell, Change change, const Value& before) {
    const bool known = cell.history != 0 || cell.is_loaded();
    if (known && before == change.after) return;
    if (cell.history == 0) {
      histories_.push_back({known, before, {}});
      cell.history = static_cast<std::uint32_t>(histories_.size());
    }
    histories_[cell.history - 1].changes.push_back(std::move(change));
  }

  bool on_ = false;
  SpeculationRecord record_;
  std::vector<History> histories_;
  std::uint64_t begin_ticks_ = 0;
  std::int64_t begin_ns_ = 0;
};

}  // namespace pel::detail::spec
