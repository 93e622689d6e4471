// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace pel {

// Half-open rectangle of a 2-D index space.
struct Tile2 {
  std::size_t row_begin, row_end, col_begin, col_end;
};

// Half-open box of a 3-D index space.
struct Tile3 {
  std::size_t x_begin, x_end, y_begin, y_end, z_begin, z_end;
};

// A 2-D index space cut into tiles of a fixed side (smaller at the far edges). The tiles depend on
// the extents and the sides alone, so a loop over tiles may combine per tile.
class Tiles2 {
 public:
  Tiles2(std::size_t rows, std::size_t cols, std::size_t row_side, std::size_t col_side) noexcept
      : rows_(rows),
        cols_(cols),
        row_side_(row_side),
        col_side_(col_side),
        across_((cols + col_side - 1) / col_side) {}

  std::size_t count() const noexcept { return (rows_ + row_side_ - 1) / row_side_ * across_; }

  Tile2 tile(std::size_t i) const noexcept {
    const std::size_t row = i / across_ * row_side_, col = i % across_ * col_side_;
    return {row, end(row, row_side_, rows_), col, end(col, col_side_, cols_)};
  }

  // f(tile(i)) for lo <= i < hi, without a division for each.
  template <class F>
  void each(std::size_t lo, std::size_t hi, F& f) const {
    Tile2 at = tile(lo);
    for (; lo < hi; ++lo) {
      f(Tile2(at));
      at.col_begin = at.col_end;
      if (at.col_begin == cols_) {
        at.col_begin = 0;
        at.row_begin = at.row_end;
        at.row_end = end(at.row_begin, row_side_, rows_);
      }
      at.col_end = end(at.col_begin, col_side_, cols_);
    }
  }

 private:
  static std::size_t end(std::size_t begin, std::size_t side, std::size_t limit) noexcept {
    return limit - begin < side ? limit : begin + side;
  }
  std::size_t rows_, cols_, row_side_, col_side_, across_;
};

class Tiles3 {
 public:
  Tiles3(std::size_t x, std::size_t y, std::size_t z, std::size_t side) noexcept
      : x_(x),
        y_(y),
        z_(z),
        side_(side),
        count_y_((y + side - 1) / side),
        count_z_((z + side - 1) / side) {}

  std::size_t count() const noexcept { return (x_ + side_ - 1) / side_ * count_y_ * count_z_; }

  Tile3 tile(std::size_t i) const noexcept {
    const std::size_t x = i / (count_y_ * count_z_) * side_;
    const std::size_t y = i / count_z_ % count_y_ * side_;
    const std::size_t z = i % count_z_ * side_;
    return {x, end(x, x_), y, end(y, y_), z, end(z, z_)};
  }

  // f(tile(i)) for lo <= i < hi.
  template <class F>
  void each(std::size_t lo, std::size_t hi, F& f) const {
    for (; lo < hi; ++lo) f(tile(lo));
  }

 private:
  std::size_t end(std::size_t begin, std::size_t limit) const noexcept {
    return limit - begin < side_ ? limit : begin + side_;
  }
  std::size_t x_, y_, z_, side_, count_y_, count_z_;
};

// Tiles of 32 x 32; of rows_per_tile x cols_per_tile (at least 1 each).
inline Tiles2 tiles(std::size_t rows, std::size_t cols) noexcept { return {rows, cols, 32, 32}; }

struct TileShape {
  std::size_t rows = 32, cols = 32;
};
inline Tiles2 tiles(std::size_t rows, std::size_t cols, TileShape shape) noexcept {
  return {rows, cols, shape.rows == 0 ? 1 : shape.rows, shape.cols == 0 ? 1 : shape.cols};
}

// Tiles of 16 x 16 x 16.
inline Tiles3 tiles(std::size_t x, std::size_t y, std::size_t z) noexcept { return {x, y, z, 16}; }

}  // namespace pel
