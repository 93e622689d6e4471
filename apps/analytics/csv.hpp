// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pel::apps::analytics {

enum class ColumnType : std::uint8_t { kNumber, kText };

// What an empty field of a number column holds.
inline constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();

// An array whose memory is first touched by the loops that fill it, not by its allocation: getting
// pages from the kernel is a good part of reading a large file.
template <class T>
class UntouchedAllocator : public std::allocator<T> {
 public:
  template <class U>
  struct rebind {
    using other = UntouchedAllocator<U>;
  };
  template <class U, class... Args>
  void construct(U* at, Args&&... args) {
    if constexpr (sizeof...(Args) == 0) {
      ::new (static_cast<void*>(at)) U;
    } else {
      ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
    }
  }
};
template <class T>
using Array = std::vector<T, UntouchedAllocator<T>>;

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  int places = 0;                  // decimals of a number column
  Array<std::int64_t> values;      // number * 10^places, or index into words
  std::vector<std::string> words;  // each once, in order of first appearance
};

struct Table {
  std::string name;  // of the file, for messages
  std::vector<Column> columns;
  std::size_t rows = 0;

  // The column of that name; throws pel::Error that lists the names there are.
  std::size_t column(std::string_view wanted) const;
};

// Reads RFC 4180 CSV with a header line: comma, double quotes (a quote inside doubled, line breaks
// inside allowed), LF or CRLF. A column is a number (up to 18 digits, up to 9 of them decimals) if
// its first thousand fields are numbers or empty, else text; it must then stay so. Throws
// pel::Error with "place:line" for a row with another number of fields, a stray or open quote, a
// NUL byte, a field of the wrong type, a number too large; also for an empty file, no rows, and an
// empty or repeated column name.
//
// Works in blocks of bytes on `Loops`; which blocks begin inside quotes follows from the parity of
// the quotes before them. `done(n)` is called with the bytes read, from any thread, and adds up to
// text.size(). O(bytes).
template <class Loops, class Done>
Table parse_csv(std::string_view text, const std::string& place, Done&& done);
template <class Loops>
Table parse_csv(std::string_view text, const std::string& place) {
  return parse_csv<Loops>(text, place, [](std::uint64_t) {});
}

}  // namespace pel::apps::analytics

#include "apps/analytics/csv_parse.hpp"
