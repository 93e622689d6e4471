// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pel::bench {

// One run of a whole kernel; returns a value that every contender of the same bench and size must
// agree on, so that no row compares different work.
using Body = std::function<std::uint64_t()>;

// A way to run one bench: pel's own, a plain serial loop's, or a peer's.
struct Contender {
  std::string bench;  // "fib", "reduce", ...
  std::string name;   // "pel", "plain", "tbb", "openmp", "stdpar", "parlay", "citor", ...
  // Makes the input and whatever the runtime needs; not timed.
  std::function<Body(std::uint64_t size, int workers)> prepare;
  // The body returns what is measured (ns, bytes) instead of a value to compare.
  bool measures_itself = false;
};

std::vector<Contender>& contenders();

// At namespace scope: const bool added = add({...});
bool add(Contender contender);

// What the rows of a bench are counted in: ns per call for fib, per run for the rest.
double units(const std::string& bench, std::uint64_t size);

// Keeps `value` alive without a store that the optimiser could drop.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace pel::bench
