// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

#include "pel/detail/loops/drive.hpp"

namespace pel::detail {

// Room for `more` elements behind those of out, which grows by doubling at least.
template <class T>
void make_room(std::vector<T>& out, std::size_t more) {
  if (out.capacity() - out.size() >= more) return;
  const std::size_t needed = out.size() + more, twice = 2 * out.size();
  out.reserve(needed > twice ? needed : twice);
}

// Concatenates what produce(block, out) appends for block 0, 1, ..., blocks - 1, in that order.
// While nobody looks for work, straight into the result; else a window of blocks at a time into
// buffers of their own, which are appended in order while the next window is computed.
template <class T, class Produce>
class Collector {
 public:
  Collector(std::size_t blocks, Produce& produce, Cost& cost, bool serial) noexcept
      : blocks_(blocks), produce_(produce), cost_(cost), serial_(serial) {}

  std::vector<T> run() {
    while (next_ < blocks_) {
      const std::uint64_t begin = ticks();
      const std::size_t left = blocks_ - next_;
      if (!serial_ && left > 1 && sharing_pays(estimate(left) / 2, begin)) {
        window(left < kWindow ? left : kWindow);
        continue;
      }
      append(waiting_);  // whoever looked for work may have gone since the last window
      foresee();
      produce_(next_++, result_);
      cost_.store(16 * (ticks() - begin) + 1);
      if (next_ < blocks_) check_cancel();
    }
    append(waiting_);
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kWindow = 64;
  static constexpr std::size_t kLikeOthers = 2;

  // Ticks for so many blocks; a very large number while nothing is known.
  std::uint64_t estimate(std::size_t blocks) const noexcept {
    const std::uint64_t cost16 = cost_.load();
    return cost16 == 0 ? std::uint64_t{1} << 62 : cost16 * blocks / 16;
  }
  using Pieces = std::vector<std::vector<T>>;

  void window(std::size_t count) {
    Pieces pieces(count);
    const std::size_t first = next_;
    next_ += count;
    const auto compute = [&] {
      drive(count, false, cost_, [&](std::size_t lo, std::size_t hi) {
        for (std::size_t i = lo; i < hi; ++i) produce_(first + i, pieces[i]);
      });
    };
    const auto store = [&] { append(waiting_); };
    invoke(store, compute);
    waiting_ = std::move(pieces);
    if (next_ == blocks_ || !split_wanted()) append(waiting_);
  }

  // Room for all blocks once the first ones are known, if the others are like them: to grow by
  // doubling would write much of the result several times, and each new page costs most.
  void foresee() {
    if (next_ != kLikeOthers && next_ != blocks_ / 8) return;
    const std::size_t per_block = result_.size() / (next_ == 0 ? 1 : next_) + 1;
    if (next_ != 0) result_.reserve(per_block * blocks_ + per_block * blocks_ / 64);
  }

  void append(Pieces& pieces) {
    std::size_t more = 0;
    for (const auto& piece : pieces) more += piece.size();
    make_room(result_, more);
    for (auto& piece : pieces) {
      result_.insert(result_.end(), std::make_move_iterator(piece.begin()),
                     std::make_move_iterator(piece.end()));
    }
    pieces.clear();
  }

  std::size_t blocks_;
  Produce& produce_;
  Cost& cost_;
  bool serial_;
  std::size_t next_ = 0;
  std::vector<T> result_;
  Pieces waiting_;
};

template <class T, class Produce>
std::vector<T> collect(std::size_t blocks, bool serial, Produce&& produce) {
  static Cost cost;
  std::vector<T> result;
  const auto run = [&] {
    result = Collector<T, std::remove_reference_t<Produce>>(blocks, produce, cost, serial).run();
  };
  if (blocks < 4 && cost.load() != 0 && cost.load() * blocks / 16 < kWorthEntering) {
    run();
  } else {
    enter(serial, run);
  }
  return result;
}

}  // namespace pel::detail
