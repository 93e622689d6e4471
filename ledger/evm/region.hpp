// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace pel::evm {

// A reserved range of addresses whose pages appear, zeroed, when they are touched. It never moves,
// so pointers into it stay good while it "grows".
class Region {
 public:
  // Reserves `bytes`; where the addresses of this process are limited, a small share of them, but
  // at least `smallest`; where that cannot be had, half of it and so on down to `smallest`.
  // Throws pel::Error if not even that can be had.
  Region(std::size_t bytes, std::size_t smallest);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  std::uint8_t* begin() const noexcept { return begin_; }
  std::size_t size() const noexcept { return size_; }
  std::uint8_t* end() const noexcept { return begin_ + size_; }
  // Gives touched pages from `from` on back to the system; they read as zero afterwards.
  void release(std::uint8_t* from) noexcept;

 private:
  std::uint8_t* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pel::evm
