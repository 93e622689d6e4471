// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "pel/detail/speculation/store.hpp"

namespace pel::detail::spec {

template <class P, class Key, class Value>
class Engine;
template <class P, class Key, class Value>
struct SerialRun;

// The view with which an attempt sees the state; pel::SpeculationView is the shipped one. One
// thread's. In the serial loop accesses go straight to the ground, inline; the ways through the
// versions are calls.
template <class P, class Key, class Value>
class View {
  using StoreType = Store<P, Key, Value>;
  using Access = typename StoreType::Access;

 public:
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  // The value of the key as the attempts before this one leave it, and this one's own writes. The
  // first read of a key calls base; what that throws comes out here.
  Value read(const Key& key) {
    if (ground_ != nullptr) [[likely]]
      return ground_->read(key);
    return read_version(key);
  }

  void write(const Key& key, Value value) {
    if (ground_ != nullptr) [[likely]] {
      ground_->replace(key) = std::move(value);
    } else {
      write_version(key, std::move(value));
    }
  }

  // write(key, change(read(key))) in one access.
  template <std::invocable<const Value&> Change>
  void update(const Key& key, Change&& change) {
    if (ground_ != nullptr) [[likely]] {
      Value& value = ground_->change(key);
      value = change(std::as_const(value));
    } else {
      const Value before = read_version(key);
      write_version(key, change(before));
    }
  }

  // Adds to the value, whatever it is: attempts that only add to a key do not conflict over it.
  // Value's + must be associative and commutative (unsigned integers that wrap are).
  void add(const Key& key, const Value& delta)
    requires Addable<Value>
  {
    if (ground_ != nullptr) [[likely]] {
      Value& value = ground_->change(key);
      value = sum(value, delta);
    } else {
      add_version(key, delta);
    }
  }

  // predicate(value), of which only the outcome counts: the attempt is stale only if an earlier
  // one changes it. The predicate is kept and asked again by other threads: a pure function object,
  // trivially copyable, of at most sizeof(Value) + 16 bytes, that throws nothing.
  template <std::predicate<const Value&> Predicate>
  bool test(const Key& key, const Predicate& predicate) {
    if (ground_ != nullptr) [[likely]]
      return predicate(ground_->read(key));
    return test_version(key, predicate);
  }

  // Whether the value is not less than the bound.
  bool at_least(const Key& key, const Value& bound)
    requires std::totally_ordered<Value>
  {
    return test(key, [bound](const Value& value) -> bool { return !(value < bound); });
  }

  // For loops without accesses: unwinds if the attempt has become stale.
  void check() const {
    if (ground_ == nullptr) store_.check(attempt_);
  }
  // The attempt is stale or everything stops: its result will not be used. Cheap.
  bool doomed() const noexcept { return ground_ == nullptr && store_.doomed(attempt_); }

 private:
  friend class Engine<P, Key, Value>;
  friend struct SerialRun<P, Key, Value>;
  View(StoreType& store, typename StoreType::SeatType& seat,
       typename StoreType::AttemptType& attempt) noexcept
      : ground_(nullptr), store_(store), seat_(seat), attempt_(attempt) {}
  // In the serial loop.
  View(typename StoreType::GroundType& ground, StoreType& store, typename StoreType::SeatType& seat,
       typename StoreType::AttemptType& attempt) noexcept
      : ground_(&ground), store_(store), seat_(seat), attempt_(attempt) {}

  [[gnu::noinline]] Value read_version(const Key& key) {
    Access& access = touch(key);
    if (access.writes && P::kSpecBug != Bug::kBlindToOwnWrites) return access.mine;
    if (!access.has_read) store_.read(seat_, attempt_, access);
    return access.adds ? sum(access.seen, access.mine) : access.seen;
  }
  [[gnu::noinline]] void write_version(const Key& key, Value value) {
    Access& access = touch(key);
    note_write(access);
    access.mine = std::move(value);
    access.writes = true;
    access.adds = false;
  }
  [[gnu::noinline]] void add_version(const Key& key, const Value& delta) {
    Access& access = touch(key);
    if (access.writes || access.adds) {
      access.mine = sum(access.mine, delta);
      return;
    }
    if (access.has_read || store_.can_add(seat_, attempt_, access)) {
      note_write(access);
      access.mine = delta;
      access.adds = true;
    } else {
      note_write(access);
      access.mine = sum(access.seen, delta);
      access.writes = true;
    }
  }
  template <class Predicate>
  [[gnu::noinline]] bool test_version(const Key& key, const Predicate& predicate) {
    Access& access = touch(key);
    if (access.writes) return predicate(access.mine);
    if (access.has_read) {
      return predicate(access.adds ? sum(access.seen, access.mine) : access.seen);
    }
    if (access.adds) {
      const auto ask = [predicate, more = access.mine](const Value& value) -> bool {
        return predicate(sum(value, more));
      };
      return store_.ask(seat_, attempt_, *access.cell, Question<Value>::from(ask));
    }
    const auto ask = [predicate](const Value& value) -> bool { return predicate(value); };
    return store_.ask(seat_, attempt_, *access.cell, Question<Value>::from(ask));
  }

  Access& touch(const Key& key) {
    store_.check(attempt_);
    return store_.access(seat_, attempt_, key);
  }

  void note_write(const Access& access) {
    if (access.writes || access.adds) return;
    attempt_.written.push_back(static_cast<std::uint32_t>(&access - attempt_.accesses.data()));
  }

  typename StoreType::GroundType* const ground_;  // nullptr beside helpers
  StoreType& store_;
  typename StoreType::SeatType& seat_;
  typename StoreType::AttemptType& attempt_;
};

// What an attempt leaves behind, as its commit sees it. Valid during the call.
template <class P, class Key, class Value>
class Writes {
 public:
  // f(key, value) for each key that the attempt wrote or added to, with the value after it, in the
  // order of the attempt's first writes.
  template <std::invocable<const Key&, const Value&> F>
  void for_each(F&& f) const {
    store_.for_each_write(attempt_, f);
  }

 private:
  friend class Engine<P, Key, Value>;
  friend struct SerialRun<P, Key, Value>;
  using StoreType = Store<P, Key, Value>;
  Writes(StoreType& store, const typename StoreType::AttemptType& attempt) noexcept
      : store_(store), attempt_(attempt) {}

  StoreType& store_;
  const typename StoreType::AttemptType& attempt_;
};

}  // namespace pel::detail::spec
