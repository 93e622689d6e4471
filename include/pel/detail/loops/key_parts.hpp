// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/key_table.hpp"
#include "pel/detail/loops/scratch.hpp"
#include "pel/detail/loops/search.hpp"

namespace pel::detail {

// reduce_by_key folds from the left inside blocks of so many rows: part of its result's shape.
inline constexpr std::size_t kKeyBlock = 8192;

// Which of so many parts (a power of two) a key belongs to.
inline constexpr std::size_t kMostParts = 64;
class PartOfHash {
 public:
  explicit PartOfHash(std::size_t parts = 1) noexcept : shift_(32 - std::countr_zero(parts)) {}
  std::size_t operator()(std::uint64_t hash) const noexcept {
    return (hash & 0xffffffff) >> shift_;
  }

 private:
  int shift_;
};

// The groups whose keys are in one part.
template <class K, class Visitor>
struct KeyPart {
  KeyTable<K> table;
  RoomVector<std::size_t> group;  // of each key of the table
  RoomVector<std::size_t> first;  // the first row of each, if rows are read part by part
  typename Visitor::Part own;
};

// True when most of the rows have keys of their own, judged by at most 1024 rows. No result depends
// on it.
template <class K, class KeyOf>
bool keys_are_many(std::size_t rows, KeyOf& key_of) {
  constexpr std::size_t kSample = 1024, kMostRepeated = kSample / 16;
  if (rows < 4 * kSample) return false;
  try {
    KeyTable<K> seen;
    KeyBatch<K> batch;
    std::size_t repeated = 0;
    for (std::size_t s = 0; s < kSample && repeated <= kMostRepeated; s += batch.kRows) {
      batch.add(
          seen, batch.kRows,
          [&](std::size_t r) -> decltype(auto) { return key_of((s + r) * (rows / kSample)); },
          [](std::size_t, const K& key) { return hash_key<K>(key); },
          [&](std::size_t, std::uint32_t, bool is_new) { repeated += is_new ? 0 : 1; });
    }
    return repeated <= kMostRepeated;
  } catch (...) {
    return false;  // whoever reads the rows in order finds the error that counts
  }
}

// Rows by key where most keys have few rows. The rows of each block are sorted by the part of their
// keys' hashes; then each part is the business of one holder, who adds its rows to a table that
// fits the cache, in index order.
//
// Visitor, besides what KeyGroups asks of it:
//   begin_parts(rows); part_row(work, i, number of the key in its part, is_new);
//   end_part_block(work) after each kKeyBlock rows; close_part(work, part)
template <class K, class Visitor>
class PartRows {
 public:
  using Part = KeyPart<K, Visitor>;

  PartRows(Visitor& visitor, bool serial) noexcept : visitor_(visitor), serial_(serial) {}

  // Fills the parts, whose number is a power of two. The first error in row order is thrown.
  // Returns the number of groups.
  template <class KeyOf>
  std::size_t read(std::size_t rows, std::vector<Part>& parts, KeyOf& key_of) {
    part_of_ = PartOfHash(parts.size());
    parts_ = parts.size();
    hashes_.resize(rows);
    order_.resize(rows);
    ends_.resize((rows + kKeyBlock - 1) / kKeyBlock * parts_);
    visitor_.begin_parts(rows);
    FirstStop stop(rows);
    drive((rows + kKeyBlock - 1) / kKeyBlock, serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t b = lo; b < hi; ++b) sort_block(b, key_of, stop);
    });
    Scratch<Work> works;
    drive(parts.size(), serial_, [&](std::size_t lo, std::size_t hi) {
      const auto work = works.lease();
      for (std::size_t p = lo; p < hi; ++p) read_part(*work, p, parts[p], key_of, stop);
    });
    stop.finish();
    return number_groups(parts);
  }

  bool has_rows() const noexcept { return !hashes_.empty(); }

  // f(i) for the rows of a part, in order.
  template <class F>
  void for_each_row(std::size_t p, F&& f) const {
    for (std::size_t lo = 0; lo < hashes_.size(); lo += kKeyBlock) {
      for (const Offset row : rows_of(p, lo)) f(lo + row);
    }
  }

 private:
  using Offset = std::uint16_t;  // of a row in its block
  using Work = typename Visitor::Work;
  static_assert(kKeyBlock <= 1 << 16);

  template <class KeyOf>
  void sort_block(std::size_t b, KeyOf& key_of, FirstStop& stop) {
    const std::size_t begin = b * kKeyBlock;
    if (begin >= stop.at()) return;
    const std::size_t rows =
        hashes_.size() - begin < kKeyBlock ? hashes_.size() - begin : kKeyBlock;
    std::uint32_t* const hashes = hashes_.data() + begin;
    std::size_t count = 0;
    try {
      for (; count < rows; ++count) {
        hashes[count] = static_cast<std::uint32_t>(hash_key<K>(key_of(begin + count)));
      }
    } catch (...) {
      stop.stop(begin + count, std::current_exception());
    }
    // Rows behind an error are nobody's.
    std::uint32_t next[kMostParts] = {};
    const PartOfHash part_of = part_of_;
    for (std::size_t r = 0; r < count; ++r) ++next[part_of(hashes[r])];
    std::uint32_t* const ends = ends_.data() + b * parts_;
    std::uint32_t sum = 0;
    for (std::size_t p = 0; p < parts_; ++p) {
      sum += std::exchange(next[p], sum);
      ends[p] = sum;
    }
    Offset* const order = order_.data() + begin;
    for (std::size_t r = 0; r < count; ++r) {
      order[next[part_of(hashes[r])]++] = static_cast<Offset>(r);
    }
  }

  // The rows of a part in the block from lo on.
  std::span<const Offset> rows_of(std::size_t p, std::size_t lo) const noexcept {
    const std::uint32_t* const ends = ends_.data() + lo / kKeyBlock * parts_;
    const std::uint32_t begin = p == 0 ? 0 : ends[p - 1];
    return {order_.data() + lo + begin, ends[p] - begin};
  }

  template <class KeyOf>
  void read_part(Work& work, std::size_t p, Part& part, KeyOf& key_of, FirstStop& stop) {
    work.clear();
    for (std::size_t lo = 0; lo < stop.at(); lo += kKeyBlock) {
      check_cancel();
      if (!add_rows(work, lo, rows_of(p, lo), part, key_of, stop)) return;
      visitor_.end_part_block(work);
    }
    visitor_.close_part(work, part.own);
  }

  // Returns whether there was no error before that of another part.
  template <class KeyOf>
  bool add_rows(Work& work, std::size_t lo, std::span<const Offset> rows, Part& part, KeyOf& key_of,
                FirstStop& stop) {
    const std::uint32_t* const hashes = hashes_.data() + lo;
    KeyBatch<K> batch;
    try {
      for (; !rows.empty();
           rows = rows.subspan(rows.size() < batch.kRows ? rows.size() : batch.kRows)) {
        batch.add(
            part.table, rows.size() < batch.kRows ? rows.size() : batch.kRows,
            [&](std::size_t r) -> decltype(auto) { return key_of(lo + rows[r]); },
            [&](std::size_t r, const K&) -> std::uint64_t { return hashes[rows[r]]; },
            [&](std::size_t r, std::uint32_t id, bool is_new) {
              if (is_new) part.first.push_back(lo + rows[r]);
              visitor_.part_row(work, lo + rows[r], id, is_new);
            });
      }
    } catch (...) {
      stop.stop(lo + rows[batch.at()], std::current_exception());
      return false;
    }
    return true;
  }

  // Groups in the order of their first rows: the number of a group is how many rows before its
  // first one are first ones, too.
  std::size_t number_groups(std::vector<Part>& parts) {
    const std::size_t words = hashes_.size() / 64 + 1;
    const Buffer<unsigned char> is_first(64 * words);
    const auto for_parts = [&](auto&& f) {
      drive(parts.size(), serial_, [&](std::size_t lo, std::size_t hi) {
        for (std::size_t p = lo; p < hi; ++p) f(parts[p]);
      });
    };
    for_parts([&](const Part& part) {
      for (const std::size_t row : part.first) is_first[row] = 1;
    });
    const Buffer<std::uint64_t> bits(words, Buffer<std::uint64_t>::Raw{});
    const Buffer<std::size_t> before(words, Buffer<std::size_t>::Raw{});
    std::size_t groups = 0;
    for (std::size_t w = 0; w < words; ++w) {
      bits[w] = bits_of(is_first.data() + 64 * w);
      before[w] = groups;
      groups += static_cast<std::size_t>(std::popcount(bits[w]));
    }
    for_parts([&](Part& part) {
      part.group.resize(part.first.size());
      for (std::size_t id = 0; id < part.first.size(); ++id) {
        const std::size_t w = part.first[id] / 64, bit = part.first[id] % 64;
        const std::uint64_t earlier = bits[w] & ((std::uint64_t{1} << bit) - 1);
        part.group[id] = before[w] + static_cast<std::size_t>(std::popcount(earlier));
      }
    });
    return groups;
  }

  // 64 bytes of 0 or 1 as bits.
  static std::uint64_t bits_of(const unsigned char* bytes) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < 8; ++k) {
      std::uint64_t eight;
      __builtin_memcpy(&eight, bytes + 8 * k, 8);
      bits |= (eight * 0x0102040810204080u >> 56) << (8 * k);
    }
    return bits;
  }

  Visitor& visitor_;
  bool serial_;
  PartOfHash part_of_;
  std::size_t parts_ = 1;
  RawVector<std::uint32_t> hashes_;  // of the rows
  RawVector<Offset> order_;          // the rows of each block by part
  RawVector<std::uint32_t> ends_;    // of each block, where its parts end
};

}  // namespace pel::detail
