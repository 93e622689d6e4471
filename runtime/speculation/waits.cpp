// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/speculation/waits.hpp"

#include <array>
#include <atomic>

namespace pel {
namespace {

constexpr std::size_t kCells = 4096;
constexpr int kSure = 1 << 16;  // probabilities are in units of 1 / kSure

std::size_t cell_of(std::uint64_t conflict_class) noexcept {
  return static_cast<std::size_t>((conflict_class * 0xD6E8FEB86659FD93) >> 52);
}

}  // namespace

struct LearnedWaits::Cells {
  struct Cell {
    std::atomic<int> conflicts{0};  // how likely
    std::atomic<unsigned> asked{0};
  };
  std::array<Cell, kCells> all;
};

LearnedWaits::LearnedWaits() : cells_(std::make_unique<Cells>()) {}
LearnedWaits::~LearnedWaits() = default;

bool LearnedWaits::should_wait(std::uint64_t conflict_class) noexcept {
  Cells::Cell& cell = cells_->all[cell_of(conflict_class)];
  if (cell.conflicts.load(std::memory_order_relaxed) <= kSure / 2) return false;
  return cell.asked.fetch_add(1, std::memory_order_relaxed) % 16 != 15;
}

void LearnedWaits::observe(std::uint64_t conflict_class, bool conflicted) noexcept {
  std::atomic<int>& likely = cells_->all[cell_of(conflict_class)].conflicts;
  const int now = likely.load(std::memory_order_relaxed);
  likely.store(now + ((conflicted ? kSure : 0) - now) / 4, std::memory_order_relaxed);
}

}  // namespace pel
