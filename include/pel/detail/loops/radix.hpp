// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <vector>

#include "pel/detail/loops/buffer.hpp"
#include "pel/detail/loops/merging.hpp"

namespace pel::detail {

enum class RadixOrder { kNone, kUp, kDown };

// Orders that are those of an unsigned key.
template <class T, class Compare>
inline constexpr RadixOrder kRadixOrder =
    !std::is_arithmetic_v<T> || sizeof(T) > 8 || std::is_same_v<T, bool> ? RadixOrder::kNone
    : std::is_same_v<Compare, std::less<>> || std::is_same_v<Compare, std::less<T>>
        ? RadixOrder::kUp
    : std::is_same_v<Compare, std::greater<>> || std::is_same_v<Compare, std::greater<T>>
        ? RadixOrder::kDown
        : RadixOrder::kNone;

template <std::size_t kBytes>
using UintOf = std::conditional_t<
    kBytes == 1, std::uint8_t,
    std::conditional_t<kBytes == 2, std::uint16_t,
                       std::conditional_t<kBytes == 4, std::uint32_t, std::uint64_t>>>;

// An unsigned image of x, one to one, in the order wanted: -0 before +0, NaN behind all numbers.
template <bool kDown, class T>
UintOf<sizeof(T)> radix_image(T x) noexcept {
  using U = UintOf<sizeof(T)>;
  constexpr U kSign = static_cast<U>(U{1} << (8 * sizeof(T) - 1));
  U image = std::bit_cast<U>(x);
  if constexpr (std::is_floating_point_v<T>) {
    constexpr U kInfinity = std::bit_cast<U>(std::numeric_limits<T>::infinity());
    // Negative numbers run backwards; negative NaN, which would come first, wrap to the end.
    const U flip = (image & kSign) != 0 ? static_cast<U>(~U{0}) : kSign;
    image = static_cast<U>((image ^ flip) - static_cast<U>(kSign - 1 - kInfinity));
  } else if constexpr (std::is_signed_v<T>) {
    image = static_cast<U>(image ^ kSign);
  }
  return kDown ? static_cast<U>(~image) : image;
}

// The inverse.
template <bool kDown, class T>
T radix_value(UintOf<sizeof(T)> image) noexcept {
  using U = UintOf<sizeof(T)>;
  constexpr U kSign = static_cast<U>(U{1} << (8 * sizeof(T) - 1));
  if constexpr (kDown) image = static_cast<U>(~image);
  if constexpr (std::is_floating_point_v<T>) {
    constexpr U kInfinity = std::bit_cast<U>(std::numeric_limits<T>::infinity());
    image = static_cast<U>(image + static_cast<U>(kSign - 1 - kInfinity));
    image = static_cast<U>(image ^ ((image & kSign) != 0 ? kSign : static_cast<U>(~U{0})));
  } else if constexpr (std::is_signed_v<T>) {
    image = static_cast<U>(image ^ kSign);
  }
  return std::bit_cast<T>(image);
}

// Most significant digit first, out of place: one pass spreads the elements over up to 256 buckets
// by the top digit of what distinguishes them, and the buckets are sorted apart, so that all
// passes but the first few stay in the cache. Sorts images, which may lie where the values lay.
template <class U>
class RadixSort {
 public:
  typedef U T __attribute__((may_alias));
  static constexpr std::size_t kSmall = 256;         // below: merge sort
  static constexpr std::size_t kShare = 1 << 16;     // elements counted and moved by one task
  static constexpr std::size_t kParallel = 1 << 18;  // elements that are spread in parallel

  explicit RadixSort(bool serial) noexcept : serial_(serial) {}

  void sort(T* a, T* spare, std::size_t n) {
    if (n <= kSmall) return small(a, spare, n, false);
    U low, high;
    key_range(a, n, low, high);
    const int bits = static_cast<int>(std::bit_width(static_cast<U>(high - low)));
    if (bits != 0) node(a, spare, n, false, low, bits);
  }

 private:
  struct Less {
    bool operator()(U x, U y) const noexcept { return x < y; }
  };
  struct Bounds {
    U low, high;
  };
  static void small(T* a, T* spare, std::size_t n, bool into_spare) {
    Less less;
    sort_leaf(a, spare, n, into_spare, less);
  }

  void key_range(const T* a, std::size_t n, U& low, U& high) {
    const std::size_t shares = (n + kShare - 1) / kShare;
    const Buffer<Bounds> bounds(shares);
    drive(shares, serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t s = lo; s < hi; ++s) {
        U least = a[s * kShare], most = least;
        const std::size_t end = n - s * kShare < kShare ? n : (s + 1) * kShare;
        for (std::size_t i = s * kShare; i < end; ++i) {
          const U k = a[i];
          least = k < least ? k : least;
          most = k > most ? k : most;
        }
        bounds[s] = {least, most};
      }
    });
    low = bounds[0].low, high = bounds[0].high;
    for (std::size_t s = 1; s < shares; ++s) {
      if (bounds[s].low < low) low = bounds[s].low;
      if (bounds[s].high > high) high = bounds[s].high;
    }
  }

  // Sorts a[0, n), whose keys agree above their low `bits` bits once `low` is subtracted.
  void node(T* a, T* spare, std::size_t n, bool into_spare, U low, int bits) {
    if (n <= kSmall) return small(a, spare, n, into_spare);
    if (bits == 0) {
      if (into_spare) move_all(a, n, spare);
      return;
    }
    int digit = static_cast<int>(std::bit_width(n / 16));
    if (digit > 8) digit = 8;
    if (digit > bits) digit = bits;
    const int shift = bits - digit;
    const auto mask = static_cast<U>((std::uint64_t{1} << digit) - 1);
    const auto bucket_of = [=](U x) -> std::size_t {
      return static_cast<U>(static_cast<U>(x - low) >> shift) & mask;
    };
    std::size_t ends[256];
    const bool moved = n >= kParallel ? spread_parallel(a, spare, n, ends, bucket_of)
                                      : spread(a, spare, n, ends, bucket_of);
    if (!moved) return node(a, spare, n, into_spare, low, shift);
    const auto buckets = std::size_t{1} << digit;
    const auto sort_bucket = [&](std::size_t b) {
      const std::size_t begin = b == 0 ? 0 : ends[b - 1], size = ends[b] - begin;
      if (size != 0) node(spare + begin, a + begin, size, !into_spare, low, shift);
    };
    if (n >= kParallel) {
      check_cancel();
      drive(buckets, serial_, [&](std::size_t lo, std::size_t hi) {
        for (std::size_t b = lo; b < hi; ++b) sort_bucket(b);
      });
    } else {
      for (std::size_t b = 0; b < buckets; ++b) sort_bucket(b);
    }
  }

  // Moves a to spare by buckets, and says where each ends. False: all are in one bucket, nothing
  // was moved.
  template <class BucketOf>
  static bool spread(const T* a, T* spare, std::size_t n, std::size_t* ends, BucketOf bucket_of) {
    std::uint32_t counts[256] = {};
    for (std::size_t i = 0; i < n; ++i) ++counts[bucket_of(a[i])];
    std::size_t sum = 0;
    for (std::size_t b = 0; b < 256; ++b) {
      if (counts[b] == n) return false;
      ends[b] = sum;
      sum += counts[b];
    }
    for (std::size_t i = 0; i < n; ++i) spare[ends[bucket_of(a[i])]++] = a[i];
    return true;
  }

  template <class BucketOf>
  bool spread_parallel(const T* a, T* spare, std::size_t n, std::size_t* ends, BucketOf bucket_of) {
    struct Table {
      std::size_t at[256];
    };
    const std::size_t shares = (n + kShare - 1) / kShare;
    const Buffer<Table> tables(shares);
    const auto end_of = [=](std::size_t s) {
      return n - s * kShare < kShare ? n : (s + 1) * kShare;
    };
    drive(shares, serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t s = lo; s < hi; ++s) {
        std::size_t* const counts = tables[s].at;
        const std::size_t end = end_of(s);
        for (std::size_t i = s * kShare; i < end; ++i) ++counts[bucket_of(a[i])];
      }
    });
    std::size_t sum = 0;
    for (std::size_t b = 0; b < 256; ++b) {
      const std::size_t begin = sum;
      for (std::size_t s = 0; s < shares; ++s) {
        const std::size_t count = tables[s].at[b];
        tables[s].at[b] = sum;
        sum += count;
      }
      if (sum - begin == n) return false;
      ends[b] = sum;
    }
    drive(shares, serial_, [&](std::size_t lo, std::size_t hi) {
      for (std::size_t s = lo; s < hi; ++s) {
        std::size_t next[256];
        for (std::size_t b = 0; b < 256; ++b) next[b] = tables[s].at[b];
        const std::size_t end = end_of(s);
        for (std::size_t i = s * kShare; i < end; ++i) spare[next[bucket_of(a[i])]++] = a[i];
      }
    });
    return true;
  }

  bool serial_;
};

// Values that compare equal but differ in their bits (zeros, NaN) in the order they came in: the
// images would sort them by their bits.
template <class T>
class EqualValues {
 public:
  EqualValues(const T* a, std::size_t n) {
    if constexpr (std::is_floating_point_v<T>) {
      std::size_t zeros[2] = {};
      for (std::size_t i = 0; i < n; ++i) {
        if (a[i] == 0) ++zeros[std::bit_cast<UintOf<sizeof(T)>>(a[i]) != 0];
      }
      const bool mixed = zeros[0] != 0 && zeros[1] != 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (a[i] != a[i]) nans_.push_back(a[i]);
        if (mixed && a[i] == 0) zeros_.push_back(a[i]);
      }
    }
  }

  void put_back(T* a, std::size_t n) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (zeros_.empty() && nans_.empty()) return;
      std::size_t zero = 0, nan = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (a[i] != a[i]) a[i] = nans_[nan++];
        if (!zeros_.empty() && a[i] == 0) a[i] = zeros_[zero++];
      }
    }
  }

 private:
  std::vector<T> zeros_, nans_;
};

template <bool kDown, class T>
void radix_passes(T* a, std::size_t n, bool serial) {
  using U = UintOf<sizeof(T)>;
  using Image = typename RadixSort<U>::T;
  MergeBuffer<U> spare(nullptr, n);
  auto* const images = reinterpret_cast<Image*>(a);
  drive(n, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t i = lo; i < hi; ++i) images[i] = radix_image<kDown>(a[i]);
  });
  RadixSort<U>(serial).sort(images, reinterpret_cast<Image*>(spare.data()), n);
  drive(n, serial, [&](std::size_t lo, std::size_t hi) {
    for (std::size_t i = lo; i < hi; ++i) a[i] = radix_value<kDown, T>(images[i]);
  });
}

// kStable: also between zeros of both signs and between NaN.
template <bool kDown, bool kStable, class T>
void radix_sort(T* a, std::size_t n, bool serial) {
  if (n < 2) return;
  const EqualValues<T> equal(a, kStable ? n : 0);
  if (n < RadixSort<UintOf<sizeof(T)>>::kParallel) {
    radix_passes<kDown>(a, n, true);
  } else {
    enter(serial, [&] { radix_passes<kDown>(a, n, serial); });
  }
  equal.put_back(a, kStable ? n : 0);
}

}  // namespace pel::detail
