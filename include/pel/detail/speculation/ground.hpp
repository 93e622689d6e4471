// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/detail/loops/keys.hpp"

namespace pel::detail::spec {

// Where values come from that nobody has written.
template <class Key, class Value>
struct Base {
  void* self = nullptr;
  Value (*load)(void* self, const Key& key) = nullptr;
};

// The committed values as the serial loop sees them, and what cells begin with while there are
// helpers. Keys are found by open addressing over their numbers, at most half full; entries lie one
// after the other, in the order in which their keys came. One thread's, but for find() while nobody
// changes anything.
//
// Attempts change values in place. What can be taken back is a stretch of attempts: the first
// change of a key in it puts the old value on a list, further ones cost nothing. If an attempt in
// the middle does not count, the stretch is undone, and the attempts before that one run again,
// which do the same as before. Who asks what single attempts wrote (commits that look at their
// Writes) gets stretches of one attempt.
template <class Key, class Value>
class Ground {
 public:
  // How long a stretch should be: what may have to run again when an attempt fails.
  static constexpr std::uint64_t kStretchTicks = 300'000;

  using Number = std::uint32_t;
  struct Entry {
    explicit Entry(const Key& of_key) : key(of_key) {}
    Key key;
    Value value{};
    std::uint32_t stamp = 0;  // the stretch that has it on its list
    bool loaded = false;      // `value` is known
    bool written = false;     // it is on the list of those that this run wrote
  };
  // Runs attempts first <= i < end again, without their commits.
  struct Again {
    void* self = nullptr;
    void (*run)(void* self, std::uint32_t first, std::uint32_t end) = nullptr;
  };

  // A new run. Values of the last one stay, as if they were the base's, if it is to keep them.
  void start(Base<Key, Value> base, bool keep) {
    base_ = base;
    undo_.clear();
    if (slots_.empty()) make_slots(kFirstSlots);
    if (keep) {
      for (const Number n : written_) entries_[n].written = false;
    } else {
      forget();
    }
    written_.clear();
    mark_ = 0;
    single_ = false;
  }

  // --- the serial loop ---

  // Attempts from `first` on; `again` holds until the next call. In a new stretch, or, where the
  // last call ended at `first`, in the same one.
  void go_on(std::uint32_t first, bool new_stretch, Again again) noexcept {
    again_ = again;
    if (new_stretch) begin(first);
  }
  // Attempt i begins.
  void next(std::uint32_t i) noexcept {
    attempt_ = i;
    if (single_) begin(i);
  }
  // Attempt i, which may have begun, does not count, nor do those after it.
  void take_back(std::uint32_t i) {
    const std::uint32_t first = first_;
    undo();
    begin(first);
    if (first < i) again_.run(again_.self, first, i);
  }

  // The reference holds until the next access.
  const Value& read(const Key& key) {
    const std::uint64_t hash = hash_of(key);
    const Number n = number_of(hash, key);
    if (n == kNone || !entries_[n].loaded) [[unlikely]]
      return first_read(n, hash, key);
    return entries_[n].value;
  }
  Value& change(const Key& key) {
    const std::uint64_t hash = hash_of(key);
    const Number n = number_of(hash, key);
    if (n == kNone || entries_[n].stamp != stamp_) return first_change(n, hash, key);
    return entries_[n].value;
  }
  // For a write that replaces the value, whatever it was.
  Value& replace(const Key& key) {
    const std::uint64_t hash = hash_of(key);
    const Number n = number_of(hash, key);
    if (n == kNone || entries_[n].stamp != stamp_) return first_replace(n, hash, key);
    return entries_[n].value;
  }
  // f(key, value after it) for what the attempt that has begun wrote, in the order of its first
  // writes.
  template <class F>
  void for_each_changed(F&& f) {
    if (!single_) make_single();
    for (const Undo& one : undo_) {
      f(std::as_const(entries_[one.number].key), std::as_const(entries_[one.number].value));
    }
  }

  // --- beside cells ---

  // The value of a key, or nullptr if only the base knows it.
  const Value* find(const Key& key) const {
    const Number n = number_of(hash_of(key), key);
    return n != kNone && entries_[n].loaded ? &entries_[n].value : nullptr;
  }
  Value from_base(const Key& key) const { return base_.load(base_.self, key); }
  // What cells learned while there were helpers.
  void take(const Key& key, const Value& value, bool written) {
    const Number n = number_or_new(key);
    Entry& entry = entries_[n];
    entry.value = value;
    entry.loaded = true;
    if (!written || entry.written) return;
    entry.written = true;
    written_.push_back(n);
  }

  // --- afterwards ---

  // f(key, value) for what the run wrote, in the order of first writes.
  template <class F>
  void for_each_written(F&& f) const {
    for (const Number n : written_) {
      f(std::as_const(entries_[n].key), std::as_const(entries_[n].value));
    }
  }
  std::size_t written() const noexcept { return written_.size(); }

 private:
  static constexpr Number kNone = ~Number{0};
  static constexpr std::size_t kFirstSlots = 64;
  struct Undo {
    Number number;
    bool loaded;
    Value value;
  };

  // Its top bits choose the slot. Numbers are spread by one multiplication, others mixed well.
  static std::uint64_t hash_of(const Key& key) {
    if constexpr (std::is_integral_v<Key>) {
      const auto number = static_cast<std::uint64_t>(key);
      return (number ^ number >> 32) * 0x9E3779B97F4A7C15;
    } else {
      return hash_key(key);
    }
  }
  // kNone: the key is new.
  [[gnu::always_inline]] Number number_of(std::uint64_t hash, const Key& key) const {
    const Number* const slots = slots_.data();
    const Entry* const entries = entries_.data();
    for (std::size_t at = hash >> shift_;; at = (at + 1) & mask_) {
      const Number n = slots[at];
      if (n == kNone || entries[n].key == key) return n;
    }
  }
  Number number_or_new(const Key& key) {
    const std::uint64_t hash = hash_of(key);
    const Number n = number_of(hash, key);
    return n != kNone ? n : add(hash, key);
  }
  Number add(std::uint64_t hash, const Key& key) {
    const auto number = static_cast<Number>(entries_.size());
    entries_.emplace_back(key);
    if (2 * entries_.size() > slots_.size()) {
      make_slots(4 * slots_.size());
    } else {
      place(hash, number);
    }
    return number;
  }
  void place(std::uint64_t hash, Number number) noexcept {
    std::size_t at = hash >> shift_;
    while (slots_[at] != kNone) at = (at + 1) & mask_;
    slots_[at] = number;
  }
  void make_slots(std::size_t size) {
    slots_.assign(size, kNone);
    mask_ = size - 1;
    shift_ = 64 - __builtin_ctzll(size);
    for (Number n = 0; n < entries_.size(); ++n) place(hash_of(entries_[n].key), n);
  }
  void forget() {
    if (16 * entries_.size() > slots_.size()) {
      std::fill(slots_.begin(), slots_.end(), kNone);
    } else {
      // Backwards, so that no probe meets a gap before its key.
      for (std::size_t n = entries_.size(); n-- > 0;) {
        std::size_t at = hash_of(entries_[n].key) >> shift_;
        while (slots_[at] != n) at = (at + 1) & mask_;
        slots_[at] = kNone;
      }
    }
    entries_.clear();
  }

  void load(Entry& entry) {
    if (entry.loaded) return;
    entry.value = from_base(entry.key);
    entry.loaded = true;
  }
  [[gnu::noinline]] const Value& first_read(Number n, std::uint64_t hash, const Key& key) {
    if (n == kNone) n = add(hash, key);
    load(entries_[n]);
    return entries_[n].value;
  }
  [[gnu::noinline]] Value& first_change(Number n, std::uint64_t hash, const Key& key) {
    if (n == kNone) n = add(hash, key);
    load(entries_[n]);
    return note(n);
  }
  [[gnu::noinline]] Value& first_replace(Number n, std::uint64_t hash, const Key& key) {
    return note(n == kNone ? add(hash, key) : n);
  }
  Value& note(Number n) {
    Entry& entry = entries_[n];
    undo_.push_back({n, entry.loaded, entry.value});
    entry.stamp = stamp_;
    entry.loaded = true;
    if (!entry.written) {
      written_.push_back(n);
      entry.written = true;
    }
    return entry.value;
  }

  void begin(std::uint32_t first) noexcept {
    first_ = attempt_ = first;
    if (++stamp_ == 0) new_stamps();
    undo_.clear();
    mark_ = written_.size();
  }
  // All have been used once.
  [[gnu::noinline]] void new_stamps() noexcept {
    for (Entry& entry : entries_) entry.stamp = 0;
    stamp_ = 1;
  }
  void undo() {
    for (; !undo_.empty(); undo_.pop_back()) {
      Undo& last = undo_.back();
      Entry& entry = entries_[last.number];
      entry.value = std::move(last.value);
      entry.loaded = last.loaded;
      entry.stamp = 0;
    }
    for (; written_.size() > mark_; written_.pop_back()) entries_[written_.back()].written = false;
  }
  // From the attempt that has begun on, each is a stretch of its own.
  [[gnu::noinline]] void make_single() {
    const std::uint32_t i = attempt_;
    single_ = true;
    if (i == first_) return;
    take_back(i);
    begin(i);
    again_.run(again_.self, i, i + 1);
  }

  Base<Key, Value> base_;
  std::vector<Number> slots_;  // by hash, kNone where there is none
  std::vector<Entry> entries_;
  std::vector<Undo> undo_;
  std::vector<Number> written_;
  std::size_t mask_ = 0;
  int shift_ = 63;
  Again again_;
  std::uint32_t first_ = 0;  // of the stretch
  std::uint32_t attempt_ = 0;
  std::uint32_t stamp_ = 0;  // of the stretch: each has its own, over the ends of runs
  std::size_t mark_ = 0;     // how long `written_` was when the stretch began
  bool single_ = false;      // stretches are of one attempt
};

}  // namespace pel::detail::spec
