// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>

#include "pel/detail/speculation/options.hpp"
#include "pel/detail/speculation/view.hpp"

namespace pel::detail::spec {

// Attempts first <= i < end.
struct Span {
  std::uint32_t first;
  std::uint32_t end;
  bool new_stretch;  // of the ground
};

// For the serial loop.
template <class P, class Key, class Value>
struct SerialRun {
  Store<P, Key, Value>& store;
  Seat<P, Key, Value>& seat;
  Attempt<P, Key, Value>& attempt;
  Span span;
  std::exception_ptr failure;

  View<P, Key, Value> view() { return View<P, Key, Value>(store.ground(), store, seat, attempt); }
  Writes<P, Key, Value> writes() { return Writes<P, Key, Value>(store, attempt); }
};

// The caller's functions with their types erased.
template <class P, class Key, class Value>
struct Program {
  using AttemptType = Attempt<P, Key, Value>;

  void* self = nullptr;
  Value (*base)(void* self, const Key& key) = nullptr;
  // Returns where it ended: before its end if an attempt failed or its commit said so.
  std::uint32_t (*serial)(void* self, SerialRun<P, Key, Value>& run) = nullptr;
  // Calls fn and keeps its result in the attempt.
  void (*attempt)(void* self, View<P, Key, Value>& view, AttemptType& attempt,
                  Arena& arena) = nullptr;
  // False: the run ends before this attempt.
  bool (*commit)(void* self, AttemptType& attempt, const Writes<P, Key, Value>& writes) = nullptr;
  ConflictClasses (*predict)(void* self, std::size_t index) = nullptr;
};

}  // namespace pel::detail::spec
