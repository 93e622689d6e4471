// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "pel/detail/loops/key_table.hpp"

namespace pel::detail {

// The rows of a short range by key, for a join that is over before tables with parts and batches
// are set up: for each place a chain of rows, ascending. Integer keys that lie close together have
// a place each, others one by their hash.
template <class K>
class ChainTable {
 public:
  static constexpr std::size_t kMostRows = 2048;
  // For keys that are cheap to keep.
  static constexpr bool kUsed = std::is_trivially_copyable_v<K> &&
                                std::is_default_constructible_v<K> && sizeof(K) <= 16 &&
                                !std::is_same_v<K, bool>;

  // Calls key_of(row) for all rows, in order. 0 < rows <= kMostRows.
  template <class KeyOf>
  ChainTable(std::size_t rows, KeyOf& key_of) {
    keys_.resize(rows);
    for (std::size_t r = 0; r < rows; ++r) keys_[r] = key_of(r);
    const std::size_t places = choose_places();
    links_.resize(places + rows);
    for (std::size_t p = 0; p < places; ++p) links_[p] = kNone;
    next_ = links_.data() + places;
    for (std::size_t r = rows; r-- > 0;) {
      Link& head = links_[place_of(keys_[r])];
      next_[r] = head;
      head = static_cast<Link>(r);
    }
  }

  // f(row) for every row of the key, in order.
  template <class F>
  void for_rows(const K& key, F&& f) const {
    const std::uint64_t place = place_of(key);
    if (place > last_place_) return;
    for (Link r = links_[place]; r != kNone; r = next_[r]) {
      if (keys_[r] == key) f(std::size_t{r});
    }
  }

 private:
  using Link = std::uint16_t;
  static constexpr Link kNone = 0xffff;
  static_assert(kMostRows <= kNone);

  // Returns how many places there are: four or more for each row, so that chains are short.
  std::size_t choose_places() {
    if constexpr (std::is_integral_v<K>) {
      K low = keys_[0], high = keys_[0];
      for (const K key : keys_) {
        low = key < low ? key : low;
        high = high < key ? key : high;
      }
      lowest_ = static_cast<std::uint64_t>(low);
      last_place_ = static_cast<std::uint64_t>(high) - lowest_;
      is_close_ = last_place_ / 4 <= keys_.size();
      if (is_close_) return last_place_ + 1;
    }
    last_place_ = std::bit_ceil(4 * keys_.size()) - 1;
    return last_place_ + 1;
  }

  std::uint64_t place_of(const K& key) const {
    if constexpr (std::is_integral_v<K>) {
      if (is_close_) return static_cast<std::uint64_t>(key) - lowest_;
    }
    return hash_key<K>(key) & last_place_;
  }

  RawVector<K> keys_;
  RawVector<Link> links_;  // of each place its first row, then of each row the next one
  Link* next_ = nullptr;
  std::uint64_t lowest_ = 0, last_place_ = 0;
  bool is_close_ = false;
};

}  // namespace pel::detail
