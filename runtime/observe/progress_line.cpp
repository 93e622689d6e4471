// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/progress_line.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace pel::observe {
namespace {

constexpr int kBarCells = 24;
constexpr int kFiguresMax = 64;

// "  45%  1:02 left", "  3 done" without a total; nothing is estimated from the first 2 percent.
int format_figures(const ProgressState& s, char* out) noexcept {
  if (s.total == 0) {
    return std::snprintf(out, kFiguresMax, " %llu done", static_cast<unsigned long long>(s.done));
  }
  const double part = std::min(1.0, static_cast<double>(s.done) / static_cast<double>(s.total));
  const int percent = static_cast<int>(part * 100);
  if (part < 0.02) return std::snprintf(out, kFiguresMax, " %3d%%", percent);
  const double left_s = std::min(s.elapsed_s * (1 - part) / part, 359999.0);
  const int left = static_cast<int>(left_s + 0.5);
  if (left < 60) return std::snprintf(out, kFiguresMax, " %3d%%  %ds left", percent, left);
  if (left < 3600) {
    return std::snprintf(out, kFiguresMax, " %3d%%  %d:%02d left", percent, left / 60, left % 60);
  }
  return std::snprintf(out, kFiguresMax, " %3d%%  %d:%02d:%02d left", percent, left / 3600,
                       left / 60 % 60, left % 60);
}

int format_bar(const ProgressState& s, char* out) noexcept {
  if (s.total == 0) return 0;
  const double part = std::min(1.0, static_cast<double>(s.done) / static_cast<double>(s.total));
  const int full = static_cast<int>(part * kBarCells);
  char* at = out;
  *at++ = ' ';
  *at++ = '[';
  at = std::fill_n(at, full, '#');
  at = std::fill_n(at, kBarCells - full, '-');
  *at++ = ']';
  return static_cast<int>(at - out);
}

}  // namespace

std::size_t format_progress(const ProgressState& state, int columns, char* line) noexcept {
  char figures[kFiguresMax], bar[kBarCells + 4];
  const int figures_size = std::min(format_figures(state, figures), kFiguresMax - 1);
  int bar_size = format_bar(state, bar);
  const int room = std::max(columns, 0);
  if (figures_size + bar_size + 8 > room) bar_size = 0;
  const int label_room = std::max(0, room - figures_size - bar_size);
  const int label_size = std::min(static_cast<int>(state.label.size()), label_room);
  char* at = line;
  const auto append = [&](const char* text, int size) {
    std::memcpy(at, text, static_cast<std::size_t>(size));
    at += size;
  };
  append("\r", 1);
  append(state.label.data(), label_size);
  append(bar, bar_size);
  append(figures, std::min(figures_size, room - label_size - bar_size));
  append("\x1b[K", 3);
  return static_cast<std::size_t>(at - line);
}

}  // namespace pel::observe
