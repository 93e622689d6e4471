// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pel::observe {

struct ProgressState {
  std::string_view label;
  std::uint64_t done = 0;
  std::uint64_t total = 0;  // 0: unknown
  double elapsed_s = 0;
};

// Writes one terminal line into `line` (at least columns + 8 bytes): carriage return, at most
// `columns` characters, clear to the end of the line. Returns its length. No allocation.
//   render [#########-----------]  45%  12s left
std::size_t format_progress(const ProgressState& state, int columns, char* line) noexcept;

}  // namespace pel::observe
