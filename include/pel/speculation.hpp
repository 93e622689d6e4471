// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ordered attempts over a keyed state whose accesses are found while they run. The result is that
// of the plain loop
//
//   for (std::size_t i = 0; i < n; ++i) fn(i, view);
//
// for any number of workers and any schedule: the same values, the same stream of commits, the same
// first error. Attempts run ahead of their turn on versions of the state; who read what an earlier
// attempt then changes is stopped and run again (docs/design/speculation.md).
//
//   pel::Speculator<Account, std::uint64_t> bank;
//   bank.run(
//       payments.size(), [&](Account a) { return opening_balance(a); },
//       [&](std::size_t i, auto& view) {
//         const Payment& p = payments[i];
//         if (!view.at_least(p.from, p.amount)) return false;
//         view.add(p.from, 0 - p.amount);
//         view.add(p.to, p.amount);
//         return true;
//       });
//   bank.for_each_write([&](Account a, std::uint64_t balance) { ... });
//
// Rules for fn. It shares no mutable data but through the view. It may be called several times for
// one i, and the calls that do not count may have read any mix of committed and speculative values:
// it must be memory-safe for those (or ask for consistent_reads), and let the view's unwinding
// pass. What such a call throws or returns is dropped. A loop without accesses calls view.check(),
// since stale values may make it endless.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "pel/detail/speculation/engine.hpp"
#include "pel/detail/speculation/options.hpp"
#include "pel/error.hpp"

namespace pel {

// Equal keys have equal hashes: std::hash, and pairs, tuples and arrays of what has one.
template <class K>
concept SpeculationKey = GroupKey<K>;

// Values are copied between threads, and compared: a write of an equal value disturbs nobody.
template <class V>
concept SpeculationValue = std::regular<V>;

// How fn sees the state: read, write, add, test, at_least, check, doomed
// (detail/speculation/view.hpp).
template <SpeculationKey Key, SpeculationValue Value>
using SpeculationView = detail::spec::View<detail::spec::Atomics, Key, Value>;

// What a commit is told of its attempt: for_each(f(key, value after it)).
template <SpeculationKey Key, SpeculationValue Value>
using SpeculationWrites = detail::spec::Writes<detail::spec::Atomics, Key, Value>;

namespace detail::spec {

// The caller's functions behind the engine's untyped ones. P is the atomics policy.
template <class P, class Key, class Value, class Base, class Fn, class Commit, class Predict>
struct TypedProgram {
  using ViewType = View<P, Key, Value>;
  using WritesType = Writes<P, Key, Value>;
  using AttemptType = Attempt<P, Key, Value>;
  using SerialRun = typename Engine<P, Key, Value>::SerialRun;
  using Result = std::invoke_result_t<Fn&, std::size_t, ViewType&>;
  static constexpr bool kHasResult = !std::is_void_v<Result>;
  static constexpr bool kTold = !std::is_same_v<std::remove_cv_t<Commit>, std::nullptr_t>;

  Base& base;
  Fn& fn;
  Commit& on_commit;
  Predict& predict;

  typename Engine<P, Key, Value>::Program erased() {
    typename Engine<P, Key, Value>::Program program;
    program.self = this;
    program.base = [](void* self, const Key& key) -> Value {
      return static_cast<TypedProgram*>(self)->base(key);
    };
    program.serial = [](void* self, SerialRun& run) {
      return static_cast<TypedProgram*>(self)->serial(run);
    };
    program.attempt = [](void* self, ViewType& view, AttemptType& attempt, Arena& arena) {
      static_cast<TypedProgram*>(self)->run(view, attempt, arena);
    };
    if constexpr (kTold) {
      program.commit = [](void* self, AttemptType& attempt, const WritesType& writes) {
        return static_cast<TypedProgram*>(self)->commit(attempt, writes);
      };
    }
    if constexpr (std::is_invocable_v<Predict&, std::size_t>) {
      program.predict = [](void* self, std::size_t i) -> ConflictClasses {
        return static_cast<TypedProgram*>(self)->predict(i);
      };
    }
    return program;
  }

 private:
  // Runs attempts of a serial run again.
  struct Rerun {
    TypedProgram& program;
    SerialRun& run;
    static void from(void* self, std::uint32_t first, std::uint32_t end) {
      auto& rerun = *static_cast<Rerun*>(self);
      ViewType view = rerun.run.view();
      for (std::size_t i = first; i < end; ++i) static_cast<void>(rerun.program.fn(i, view));
    }
  };
  std::uint32_t serial(SerialRun& run) {
    ViewType view = run.view();
    const WritesType writes = run.writes();
    auto& ground = run.store.ground();
    Rerun rerun{*this, run};
    const auto [first, end, new_stretch] = run.span;
    ground.go_on(first, new_stretch, {&rerun, &Rerun::from});
    std::uint32_t i = first;
    try {
      for (; i < end; ++i) {
        if constexpr (kTold) ground.next(i);
        if (!serial_one(i, view, writes)) break;
      }
      if (i < end) ground.take_back(i);
    } catch (...) {
      run.failure = std::current_exception();
      ground.take_back(i);
    }
    return i;
  }
  bool serial_one(std::size_t i, ViewType& view, const WritesType& writes) {
    if constexpr (!kHasResult) {
      fn(std::size_t{i}, view);
      if constexpr (kTold) return told([&] { return on_commit(i, writes); });
    } else if constexpr (!kTold) {
      static_cast<void>(fn(std::size_t{i}, view));
    } else {
      Result result = fn(std::size_t{i}, view);
      return told([&] { return on_commit(i, std::move(result), writes); });
    }
    return true;
  }
  void run(ViewType& view, AttemptType& attempt, Arena& arena) {
    if constexpr (kHasResult) {
      attempt.template keep_result<Result>(
          arena, [&]() -> Result { return fn(std::size_t{attempt.index}, view); });
    } else {
      fn(std::size_t{attempt.index}, view);
    }
  }
  bool commit(AttemptType& attempt, const WritesType& writes) {
    const std::size_t i = attempt.index;
    if constexpr (kHasResult) {
      return told(
          [&] { return on_commit(i, std::move(*static_cast<Result*>(attempt.room)), writes); });
    } else {
      return told([&] { return on_commit(i, writes); });
    }
  }
  template <class Tell>
  static bool told(Tell tell) {
    if constexpr (std::is_void_v<decltype(tell())>) {
      tell();
      return true;
    } else {
      return static_cast<bool>(tell());
    }
  }
};

}  // namespace detail::spec

// Runs batches of attempts, one batch after the other, and keeps memory and what it learned about
// conflicts between them. One thread at a time.
template <SpeculationKey Key, SpeculationValue Value>
class Speculator {
 public:
  using View = SpeculationView<Key, Value>;
  using Writes = SpeculationWrites<Key, Value>;

  // Throws Error for a window that is no power of two from 64 to 2^16.
  explicit Speculator(const SpeculationOptions& options = {})
      : engine_(detail::spec::checked(options)) {}

  // Runs attempts 0 <= i < n in the current executor and returns when all are committed.
  //
  // base(key) -> Value: the state before the batch; thread-safe, deterministic, called about once a
  //   key (twice, when two workers ask at the same time). It may throw: that is fn's error then.
  // fn(i, view) -> R or void: the attempt.
  // commit(i, R&&, writes) or, for void, commit(i, writes): called once for each attempt, in order,
  //   never two at a time, on any worker; sees the attempt's final writes. If it returns false, the
  //   run ends and neither i nor later attempts count; if it throws, likewise, and run() throws it.
  // predict(i) -> ConflictClasses: what i may conflict over.
  //
  // Returns the number of attempts that were committed. Throws the first error in order, that of fn
  // or of commit; the attempts before it are committed, the others have left nothing. Throws
  // Cancelled when the scope is cancelled; then, too, a prefix is committed. n < 2^32 - 1.
  template <class Base, class Fn, class Commit, class Predict>
    requires std::is_invocable_r_v<Value, Base&, const Key&> &&
             std::invocable<Fn&, std::size_t, View&>
  std::size_t run(std::size_t n, Base&& base, Fn&& fn, Commit&& commit, Predict&& predict) {
    if (n >= std::numeric_limits<std::uint32_t>::max()) detail::spec::too_many(n);
    detail::spec::TypedProgram<detail::spec::Atomics, Key, Value, std::remove_reference_t<Base>,
                               std::remove_reference_t<Fn>, std::remove_reference_t<Commit>,
                               std::remove_reference_t<Predict>>
        program{base, fn, commit, predict};
    return engine_.run(n, program.erased());
  }
  template <class Base, class Fn, class Commit>
  std::size_t run(std::size_t n, Base&& base, Fn&& fn, Commit&& commit) {
    return run(n, base, fn, commit, kNothing);
  }
  template <class Base, class Fn>
  std::size_t run(std::size_t n, Base&& base, Fn&& fn) {
    return run(n, base, fn, kNothing, kNothing);
  }

  // f(key, value) for each key that the last run's committed attempts wrote or added to, with the
  // value that they leave, in the order in which the keys were first written.
  template <std::invocable<const Key&, const Value&> F>
  void for_each_write(F&& f) const {
    engine_.store().ground().for_each_written(f);
  }
  std::size_t keys_written() const noexcept { return engine_.store().ground().written(); }

  // Of the last run.
  const SpeculationCounters& counters() const noexcept { return engine_.counters(); }
  const SpeculationRecord& record() const noexcept { return engine_.record(); }

 private:
  static constexpr std::nullptr_t kNothing = nullptr;
  detail::spec::Engine<detail::spec::Atomics, Key, Value> engine_;
};

// One batch; write(key, value) is called for each key that was written, as by for_each_write().
// Returns what the run did.
template <SpeculationKey Key, SpeculationValue Value, class Base, class Fn, class Write>
SpeculationCounters speculate(std::size_t n, Base&& base, Fn&& fn, Write&& write) {
  Speculator<Key, Value> speculator;
  speculator.run(n, base, fn);
  speculator.for_each_write(write);
  return speculator.counters();
}

}  // namespace pel
