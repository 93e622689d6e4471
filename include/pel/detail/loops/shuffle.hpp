// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/random.hpp"

namespace pel {
namespace detail {

// Streams of Philox that shuffles draw from; part of what a seed means.
inline constexpr std::uint64_t kBucketStream = 0x5348554646'000000;
inline constexpr std::uint64_t kOrderStream = 0x5348554646'000001;
inline constexpr std::uint64_t kSampleStream = 0x53414d504c45'0000;

// Numbers of one stream in a row, made a batch at a time.
class Draws {
 public:
  Draws(const Philox& random, std::uint64_t first) noexcept : random_(random), next_(first) {}

  std::uint64_t next() noexcept {
    if (used_ == kBatch) {
      random_.fill_bits(std::span<std::uint64_t>(bits_, kBatch), next_);
      next_ += kBatch;
      used_ = 0;
    }
    return bits_[used_++];
  }
  // The last draw again, under a seed moved by `turn` constants.
  std::uint64_t again(std::uint64_t turn) const noexcept {
    const Philox other(random_.seed() + turn * 0x9E3779B97F4A7C15, random_.stream());
    return other.bits(next_ - kBatch + used_ - 1);
  }

 private:
  static constexpr std::size_t kBatch = 128;
  Philox random_;
  std::uint64_t next_;
  std::size_t used_ = kBatch;
  std::uint64_t bits_[kBatch];
};

// The last kSteps steps of Fisher-Yates on data[0, left): positions left - 1, left - 2, ... swap
// with one at or before them. One draw gives all the places (Brackett-Rozinsky, Lemire: "Batched
// ranged random integer generation", 2024). left^kSteps <= limit < 2^64.
template <std::size_t kSteps, class T>
void shuffle_steps(T* data, std::size_t left, std::uint64_t limit, Draws& draws) {
  __extension__ using Wide = unsigned __int128;
  using std::swap;
  std::uint64_t place[kSteps];
  const auto spread = [&](std::uint64_t bits) {
    for (std::size_t k = 0; k < kSteps; ++k) {
      const Wide product = Wide{bits} * (left - k);
      place[k] = static_cast<std::uint64_t>(product >> 64);
      bits = static_cast<std::uint64_t>(product);
    }
    return bits;
  };
  std::uint64_t rest = spread(draws.next());
  if (rest < limit) [[unlikely]] {
    std::uint64_t bound = 1;
    for (std::size_t k = 0; k < kSteps; ++k) bound *= left - k;
    const std::uint64_t floor = (0 - bound) % bound;
    for (std::uint64_t turn = 1; rest < floor; ++turn) rest = spread(draws.again(turn));
  }
  for (std::size_t k = 0; k < kSteps; ++k) {
    T& last = data[left - 1 - k];
    T& other = data[place[k]];
    if (std::is_trivially_copyable_v<T> || &last != &other) swap(last, other);
  }
}

// Fisher-Yates from the back, with the draws of `random` from position `first` on.
template <class T>
void shuffle_run(T* data, std::size_t n, const Philox& random, std::uint64_t first) {
  Draws draws(random, first);
  std::size_t left = n;
  for (; left > (1 << 21); --left) shuffle_steps<1>(data, left, n, draws);
  const std::uint64_t cube = std::uint64_t{left} * left * left;
  for (; left > 3; left -= 3) shuffle_steps<3>(data, left, cube, draws);
  for (; left > 1; --left) shuffle_steps<1>(data, left, left, draws);
}

// Every element goes to one of 256 buckets at random, the buckets are shuffled apart: together a
// permutation drawn evenly from all, that depends on the seed and n alone.
template <class T>
void shuffle_buckets(T* data, std::size_t n, std::uint64_t seed, bool serial) {
  constexpr std::size_t kBuckets = 256, kShare = 1 << 14;
  const Philox bucket_of(seed, kBucketStream), order(seed, kOrderStream);
  struct Table {
    std::size_t at[kBuckets];
  };
  const std::size_t shares = (n + kShare - 1) / kShare;
  const Buffer<Table> tables(shares);
  const Buffer<std::uint8_t> bucket(n, typename Buffer<std::uint8_t>::Raw{});
  const auto end_of = [=](std::size_t s) { return n - s * kShare < kShare ? n : (s + 1) * kShare; };
  drive(shares, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t s = lo; s < hi; ++s) {
      // One draw of 64 bits serves eight elements; shares begin at multiples of eight.
      std::uint64_t bits[kShare / 8];
      bucket_of.fill_bits(bits, s * kShare / 8);
      Table table{};
      for (std::size_t i = 0, count = end_of(s) - s * kShare; i < count; ++i) {
        const auto b = static_cast<std::uint8_t>(bits[i / 8] >> (i % 8 * 8));
        bucket[s * kShare + i] = b;
        ++table.at[b];
      }
      tables[s] = table;
    }
  });
  std::size_t ends[kBuckets];
  std::size_t sum = 0;
  for (std::size_t b = 0; b < kBuckets; ++b) {
    for (std::size_t s = 0; s < shares; ++s) sum += std::exchange(tables[s].at[b], sum);
    ends[b] = sum;
  }
  const Buffer<T> spread(n, typename Buffer<T>::Raw{});
  drive(shares, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t s = lo; s < hi; ++s) {
      Table next = tables[s];
      const std::uint8_t* const to = bucket.data();
      T* const out = spread.data();
      for (std::size_t i = s * kShare, end = end_of(s); i < end; ++i) {
        out[next.at[to[i]]++] = std::move(data[i]);
      }
    }
  });
  drive(kBuckets, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t b = lo; b < hi; ++b) {
      const std::size_t begin = b == 0 ? 0 : ends[b - 1];
      shuffle_run(spread.data() + begin, ends[b] - begin, order, begin);
      for (std::size_t i = begin; i < ends[b]; ++i) data[i] = std::move(spread[i]);
    }
  });
}

// k of the positions 0 <= i < n, ascending, every set of k equally likely (Floyd's method).
std::vector<std::size_t> sample_positions(std::size_t n, std::size_t k, std::uint64_t seed);

}  // namespace detail

// Permutes a contiguous range at random: which permutation depends on its length and the seed
// alone, and every one is equally likely. O(n).
template <WritableRange R>
  requires std::contiguous_iterator<RangeIterator<R>> && std::default_initializable<RangeValue<R>>
void shuffle(R&& range, std::uint64_t seed,
             std::source_location where = std::source_location::current()) {
  constexpr std::size_t kOneRun = 1 << 20;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("shuffle", view.size, where);
  if (view.size <= kOneRun) {
    detail::shuffle_run(view.data, view.size, Philox(seed, detail::kOrderStream), 0);
  } else {
    detail::enter(scope.serial(),
                  [&] { detail::shuffle_buckets(view.data, view.size, seed, scope.serial()); });
  }
  detail::report(scope, view);
  scope.done();
}

// k elements drawn without replacement (all, if there are no more), in the order of the range;
// which ones depends on its length, k and the seed alone. O(k).
template <RandomAccessRange R>
std::vector<RangeValue<R>> sample(R&& range, std::size_t k, std::uint64_t seed,
                                  std::source_location where = std::source_location::current()) {
  using T = RangeValue<R>;
  const auto view = detail::view_of(range);
  detail::LoopScope scope("sample", view.size, where);
  std::vector<T> drawn;
  drawn.reserve(k < view.size ? k : view.size);
  for (const std::size_t i : detail::sample_positions(view.size, k, seed)) {
    drawn.push_back(view[i]);
  }
  if constexpr (!std::is_same_v<T, bool>) scope.output(drawn.data(), drawn.size());
  scope.done();
  return drawn;
}

}  // namespace pel
