// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pel/speculation.hpp"

// Random ordered programs, a plain serial loop that runs them over a std::map, and the engine over
// any policy, with all that can be seen of a run gathered in one Outcome.
namespace pel::testing {

using Key = std::uint32_t;
using Value = std::uint64_t;

inline std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

struct Failure {
  std::uint64_t attempt;
  std::uint64_t value;
};

struct Commit {
  std::size_t index;
  std::uint64_t result;
  std::map<Key, Value> writes;
  friend bool operator==(const Commit&, const Commit&) = default;
};

struct Outcome {
  std::vector<Commit> commits;
  std::map<Key, Value> values;
  std::vector<Key> order;  // of the first writes
  std::size_t committed = 0;
  std::string error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct ProgramOptions {
  std::uint64_t seed = 1;
  std::size_t attempts = 200;
  std::uint32_t keys = 20;
  std::uint32_t operations = 6;                // at most, an attempt
  bool fails = false;                          // some attempt may throw, or its commit, or the base
  bool stops = false;                          // some commit may end the run
  std::uint64_t patience = ~std::uint64_t{0};  // turns of a stale loop; for engines with a bug
  // Commits look at what was written: 0 all of them, 1 none, k those of attempts k - 1, 2 k - 1 ...
  std::size_t look_every = 0;
  int pause_us = 0;  // at most, between operations; takes no part in the result
};

// What attempt i does follows from the seed, i and the values that it reads.
class RandomProgram {
 public:
  explicit RandomProgram(const ProgramOptions& options) : options_(options) {}
  const ProgramOptions& options() const { return options_; }

  Value base(Key key) const {
    if (options_.fails && mix(options_.seed * 7 + key) % 401 == 0) throw Failure{key, 0};
    return key % 3 == 0 ? 0 : mix(key) % 1000;
  }

  template <class View>
  std::uint64_t attempt(std::size_t i, View& view) const {
    std::uint64_t state = mix(options_.seed * 1'000'003 + i);
    const std::uint64_t count = 1 + state % options_.operations;
    for (std::uint64_t k = 0; k < count; ++k) {
      pause(state + k);
      state = mix(state + operation(i, mix(state + 31 * k), view));
    }
    if (options_.fails && state % 211 == 0) throw Failure{i, state};
    return state;
  }

  bool accepts(std::size_t i, std::uint64_t result) const {
    if (options_.fails && mix(result + 5) % 331 == 0) throw Failure{i, result};
    return !(options_.stops && mix(result) % 173 == 0);
  }
  bool looks(std::size_t i) const {
    const std::size_t every = options_.look_every;
    return every == 0 || (every > 1 && i % every == every - 1);
  }

 private:
  template <class View>
  std::uint64_t operation(std::size_t i, std::uint64_t draw, View& view) const {
    // Few keys get most of the accesses.
    const Key key = static_cast<Key>((draw >> 40) % (draw % 4 == 0 ? options_.keys : 3));
    const Key other = static_cast<Key>((draw >> 20) % options_.keys);
    switch (draw / 64 % 10) {
      case 0:
      case 1:
        return view.read(key);
      case 2:
        view.write(key, draw % 5);
        return 0;
      case 3:
        view.write(other, view.read(key) + 1);
        return 1;
      case 4:
      case 5:
        view.add(key, draw % 7);
        return 2;
      case 6:
        return view.at_least(key, draw % 900);
      case 7:
        return view.test(key, [bit = draw % 3](const Value& v) { return (v >> bit & 1) != 0; });
      case 8:
        view.update(key, [](const Value& v) { return v * 3 + 1; });
        return 4;
      default:
        return loop(i, key, view);
    }
  }

  // Moves one unit between two counters whose sum attempts keep; a stale sum makes it endless.
  template <class View>
  std::uint64_t loop(std::size_t i, Key key, View& view) const {
    const Key left = 1'000'000 + key % 2, right = left + 2;
    const Value a = view.read(left), b = view.read(right);

    for (std::uint64_t turns = 0; a + b != base(left) + base(right); ++turns) {
      view.check();
      if (view.doomed() || turns > options_.patience) return 0;
    }
    // In range only where the sum is kept.
    const std::uint64_t bound = base(left) + base(right) + 1;
    std::vector<std::uint8_t> table(bound, 1);
    const std::uint64_t seen = table.at(a);
    view.write(left, a == 0 ? a : a - 1);
    pause(i);
    view.write(right, a == 0 ? b : b + 1);
    return seen + a;
  }

  void pause(std::uint64_t draw) const {
    if (options_.pause_us == 0) return;
    thread_local std::uint64_t noise = std::hash<std::thread::id>{}(std::this_thread::get_id());
    noise = mix(noise + draw);
    if (noise % 16 == 0) std::this_thread::yield();
    const auto turns = noise % (static_cast<std::uint64_t>(options_.pause_us) * 300 + 1);
    for (volatile std::uint64_t turn = 0; turn < turns;) turn = turn + 1;
  }

  ProgramOptions options_;
};

// The plain serial loop, written without the engine.
class PlainView {
 public:
  PlainView(const RandomProgram& program, std::map<Key, Value>& state)
      : program_(program), state_(state) {}

  Value read(Key key) {
    if (const auto own = mine_.find(key); own != mine_.end()) return own->second;
    if (const auto known = state_.find(key); known != state_.end()) return known->second;
    return program_.base(key);
  }
  void write(Key key, Value value) { set(key, value); }
  template <class Change>
  void update(Key key, const Change& change) {
    set(key, change(read(key)));
  }
  void add(Key key, Value delta) { set(key, read(key) + delta); }
  template <class Predicate>
  bool test(Key key, const Predicate& predicate) {
    return predicate(read(key));
  }
  bool at_least(Key key, Value bound) { return read(key) >= bound; }
  void check() {}
  bool doomed() const { return false; }

  const std::map<Key, Value>& writes() const { return mine_; }
  void commit(std::vector<Key>& order) {
    for (const Key key : first_) {
      if (!state_.contains(key)) order.push_back(key);
      state_[key] = mine_.at(key);
    }
  }

 private:
  void set(Key key, Value value) {
    if (!mine_.contains(key)) first_.push_back(key);
    mine_[key] = value;
  }

  const RandomProgram& program_;
  std::map<Key, Value>& state_;
  std::map<Key, Value> mine_;
  std::vector<Key> first_;
};

inline std::string describe(const Failure& failure) {
  return "failure of " + std::to_string(failure.attempt) + ": " + std::to_string(failure.value);
}

inline Outcome run_plain(const RandomProgram& program) {
  Outcome outcome;
  try {
    for (std::size_t i = 0; i < program.options().attempts; ++i) {
      PlainView view(program, outcome.values);
      const std::uint64_t result = program.attempt(i, view);
      if (!program.accepts(i, result)) break;
      outcome.commits.push_back({i, result, {}});
      if (program.looks(i)) outcome.commits.back().writes = view.writes();
      view.commit(outcome.order);
      ++outcome.committed;
    }
  } catch (const Failure& failure) {
    outcome.error = describe(failure);
  }
  return outcome;
}

template <class P>
Outcome run_engine(const RandomProgram& program, const SpeculationOptions& options,
                   SpeculationCounters* counters = nullptr) {
  Outcome outcome;
  detail::spec::Engine<P, Key, Value> engine(options);
  const auto base = [&](Key key) { return program.base(key); };
  const auto fn = [&](std::size_t i, auto& view) { return program.attempt(i, view); };
  const auto on_commit = [&](std::size_t i, std::uint64_t result, const auto& writes) {
    if (!program.accepts(i, result)) return false;
    Commit commit{i, result, {}};
    if (program.looks(i)) {
      writes.for_each([&](Key key, Value value) { commit.writes[key] = value; });
    }
    outcome.commits.push_back(std::move(commit));
    return true;
  };
  const auto predict = [&](std::size_t i) {
    return ConflictClasses{{1 + i % 3, 100 + i % 7, 0, 0}};
  };
  detail::spec::TypedProgram<P, Key, Value, decltype(base), decltype(fn), decltype(on_commit),
                             decltype(predict)>
      typed{base, fn, on_commit, predict};
  try {
    engine.run(program.options().attempts, typed.erased());
  } catch (const Failure& failure) {
    outcome.error = describe(failure);
  } catch (const std::exception& error) {
    outcome.error = error.what();
  }
  engine.store().ground().for_each_written([&](Key key, Value value) {
    outcome.values[key] = value;
    outcome.order.push_back(key);
  });
  outcome.committed = outcome.commits.size();
  if (counters != nullptr) *counters = engine.counters();
  return outcome;
}

// Runs in an executor of its own.
template <class P>
Outcome run_with(const RandomProgram& program, const SpeculationOptions& options, int workers,
                 Schedule::Kind kind = Schedule::Kind::kNormal,
                 SpeculationCounters* counters = nullptr) {
  ExecutorOptions settings;
  settings.workers = workers;
  settings.oversubscribe = true;
  settings.schedule = {kind, program.options().seed};
  Executor executor(settings);
  return executor.run([&] { return run_engine<P>(program, options, counters); });
}

}  // namespace pel::testing
