// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include "pel/detail/speculation/options.hpp"
#include "pel/detail/speculation/table.hpp"

namespace pel::detail::spec {

// What one attempt did: its accesses, one entry a key, in the order of first access. Reused from
// attempt to attempt.
template <class P, class Key, class Value>
class Attempt {
 public:
  using CellType = Cell<P, Key, Value>;
  struct Access {
    CellType* cell;
    std::uint64_t hash;
    bool has_read = false;  // `seen` is the value below the attempt
    bool writes = false;    // `mine` is the value after it
    bool adds = false;      // `mine` is added to the value below it
    Value seen{};
    Value mine{};
  };

  void begin(std::uint32_t attempt_index, std::uint32_t run) noexcept {
    index = attempt_index;
    incarnation = run;
    if (error != nullptr) error = nullptr;
    blocker = Board<P>::kNone;
    unwound = false;
    if (run == 0) contested = {};
    accesses.clear();
    written.clear();
    questions.clear();
    if (indexed_) {
      buckets_.assign(buckets_.size(), 0);
      indexed_ = false;
    }
  }

  // The entry of a key, nullptr when there is none yet. The pointer holds until the next add().
  Access* find(std::uint64_t hash, const Key& key) noexcept {
    if (!indexed_) {
      for (Access& access : accesses) {
        if (access.hash == hash && access.cell->key == key) return &access;
      }
      return nullptr;
    }
    for (std::uint64_t at = hash & mask();; at = (at + 1) & mask()) {
      const std::uint32_t place = buckets_[at];
      if (place == 0) return nullptr;
      Access& access = accesses[place - 1];
      if (access.hash == hash && access.cell->key == key) return &access;
    }
  }
  Access& add(CellType& cell) {
    accesses.push_back({&cell, cell.hash});
    const std::size_t count = accesses.size();
    if (count > kScan) {
      if (!indexed_ || 2 * count > buckets_.size()) {
        reindex(count);
      } else {
        place(cell.hash, static_cast<std::uint32_t>(count));
      }
    }
    return accesses.back();
  }

  ~Attempt() { drop_result(); }
  Attempt() = default;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Room for what fn returned, in an arena; the program that fills it says how to destroy it.
  template <class Result, class Make>
  void keep_result(Arena& arena, Make make) {
    drop_result();
    if (room == nullptr) room = arena.take(sizeof(Result), alignof(Result));
    ::new (room) Result(make());
    destroy = [](void* result) { static_cast<Result*>(result)->~Result(); };
  }
  void drop_result() noexcept {
    if (destroy != nullptr) destroy(room);
    destroy = nullptr;
  }

  // Between runs.
  void rest() noexcept {
    drop_result();
    error = nullptr;
    published.clear();
  }

  std::uint32_t index = 0;
  std::uint32_t incarnation = 0;
  std::uint32_t blocker = Board<P>::kNone;  // the attempt that it gave up to wait for
  bool unwound = false;
  ConflictClasses contested;  // classes that an earlier unfinished attempt shared
  bool head = false;          // all earlier attempts are committed
  std::uint64_t ticks = 0;
  void* room = nullptr;
  void (*destroy)(void*) = nullptr;
  std::exception_ptr error;
  std::vector<Access> accesses;
  std::vector<std::uint32_t> written;  // positions in accesses, in the order of the first writes
  std::vector<CellType*> published;    // cells that hold a version of this attempt
  std::vector<std::pair<CellType*, Question<Value>>> questions;  // while recording

 private:
  static constexpr std::size_t kScan = 8;

  std::uint64_t mask() const noexcept { return buckets_.size() - 1; }
  void place(std::uint64_t hash, std::uint32_t entry) noexcept {
    std::uint64_t at = hash & mask();
    while (buckets_[at] != 0) at = (at + 1) & mask();
    buckets_[at] = entry;
  }
  void reindex(std::size_t count) {
    std::size_t size = 64;
    while (size < 4 * count) size *= 2;
    buckets_.assign(size < buckets_.size() ? buckets_.size() : size, 0);
    indexed_ = true;
    for (std::size_t i = 0; i < count; ++i) {
      place(accesses[i].hash, static_cast<std::uint32_t>(i + 1));
    }
  }

  std::vector<std::uint32_t> buckets_;  // position + 1 of an access, by hash; beyond kScan entries
  bool indexed_ = false;
};

}  // namespace pel::detail::spec
