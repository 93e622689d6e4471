// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
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

// Fisher-Yates from the back; position i takes random.below(first + i, i + 1), the bits of which
// are drawn a batch at a time.
template <class T>
void shuffle_run(T* data, std::size_t n, const Philox& random, std::uint64_t first) {
  __extension__ using Wide = unsigned __int128;
  constexpr std::size_t kBatch = 256;
  using std::swap;
  std::uint64_t bits[kBatch];
  for (std::size_t end = n; end > 1;) {
    const std::size_t begin = (end - 1) / kBatch * kBatch;
    random.fill_bits(std::span<std::uint64_t>(bits, end - begin), first + begin);
    for (std::size_t i = end; i-- > begin;) {
      const Wide product = Wide{bits[i - begin]} * (i + 1);
      auto j = static_cast<std::size_t>(product >> 64);
      // Rarely the draw has to be checked for bias; then all of it is repeated as below() does it.
      if (static_cast<std::uint64_t>(product) <= i) [[unlikely]] {
        j = static_cast<std::size_t>(random.below(first + i, i + 1));
      }
      if (j != i) swap(data[i], data[j]);
    }
    end = begin;
  }
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
      for (std::size_t i = s * kShare; i < end_of(s); i += 8) {
        const std::uint64_t bits = bucket_of.bits(i / 8);
        for (std::size_t k = 0; k < 8 && i + k < end_of(s); ++k) {
          bucket[i + k] = static_cast<std::uint8_t>(bits >> (8 * k));
          ++tables[s].at[bucket[i + k]];
        }
      }
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
      for (std::size_t i = s * kShare; i < end_of(s); ++i) {
        spread[tables[s].at[bucket[i]]++] = std::move(data[i]);
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
  constexpr std::size_t kOneRun = 1 << 13;
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
