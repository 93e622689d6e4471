// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pel {

// What an attempt is expected to conflict over: up to four classes, each a hash of (kind of
// attempt, class of key); 0 stands for none. Two attempts that share a class may conflict.
struct ConflictClasses {
  std::array<std::uint64_t, 4> classes{};
};

// Decides which attempts wait for the earlier ones of their class instead of running at once and
// being repeated. Only speed depends on it. Called by several threads at once.
class ConflictPolicy {
 public:
  virtual ~ConflictPolicy() = default;
  // Whether an attempt of the class should wait for the last unfinished one before it.
  virtual bool should_wait(std::uint64_t conflict_class) noexcept = 0;
  // An attempt of the class ran beside an earlier one: whether that made it stale.
  virtual void observe(std::uint64_t conflict_class, bool conflicted) noexcept = 0;
};

// What a run did. Sums over all workers; they depend on the schedule, the results do not.
struct SpeculationCounters {
  std::uint64_t attempts = 0;         // committed
  std::uint64_t incarnations = 0;     // times that fn was called
  std::uint64_t aborts = 0;           // runs that were stale and have been repeated
  std::uint64_t waits = 0;            // attempts put aside until an earlier one had executed
  std::uint64_t predicted_waits = 0;  // of these, before they began
  std::uint64_t alone = 0;            // attempts run by the serial loop
  std::uint64_t helpers = 0;          // times that a worker joined
};

// Time and dependencies of each attempt, for whoever asks for them (SpeculationOptions::record).
// i depends on j if j changed a value that i read, or the outcome of a predicate that i tested, and
// nothing in between replaced it. Times are exact where the run had no helpers: workers = 0.
struct SpeculationRecord {
  std::vector<double> ns;                   // of the run that was committed
  std::vector<std::uint32_t> dependencies;  // of all attempts, one after the other, ascending
  std::vector<std::size_t> first;           // of attempt i: [first[i], first[i + 1])

  double total_ns() const noexcept;
  // The longest chain of dependent attempts: no number of workers is faster.
  double critical_path_ns() const noexcept;
  // What greedy list scheduling in index order needs with this many workers and no overhead.
  double list_schedule_ns(int workers) const;
};

struct SpeculationOptions {
  // Reads of one attempt are from one state: that after some runs of the earlier attempts, each
  // with all of its writes or none. For fn that rely on what attempts keep true between keys.
  // Writes cost twice as much.
  bool consistent_reads = false;
  // Accesses of an attempt that has become stale throw (the thrown object is no std::exception: let
  // it pass). false: they return any value of the key, and fn looks at view.doomed() and returns.
  bool unwind = true;
  bool record = false;
  // What a run leaves is where the next one begins: its base is asked only for keys that no run has
  // used. false: each run begins with its base.
  bool keep_values = false;
  // Runs in parallel from the first attempt on and never falls back to the serial loop: for tests.
  bool always_parallel = false;
  // How many attempts may run ahead of the first uncommitted one: a power of two from 64 to 2^16.
  std::uint32_t window = 1024;
  // For predicted waits; nullptr: the built-in policy. May be shared by runs, one after the other.
  ConflictPolicy* policy = nullptr;
};

}  // namespace pel

namespace pel::detail::spec {

// The options, or pel::Error.
const SpeculationOptions& checked(const SpeculationOptions& options);
// Adds what one worker counted to the sums, and begins again at 0.
void move_counters(SpeculationCounters& from, SpeculationCounters& to) noexcept;
[[noreturn]] void too_many(std::size_t attempts);

}  // namespace pel::detail::spec
