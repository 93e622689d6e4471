// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace pel::detail {

// Vectors of 16 bytes, which every x86-64 and aarch64 has, over arrays of numbers.
template <class T>
struct VectorOf {
  typedef T Type __attribute__((vector_size(16), aligned(alignof(T)), may_alias));
};
template <class T>
using Vector = typename VectorOf<T>::Type;
typedef long long WordPair __attribute__((vector_size(16)));

// Numbers that vectors of 16 bytes compare at full speed on baseline x86-64.
template <class T>
inline constexpr bool kVectorCompares =
    std::is_same_v<T, float> || std::is_same_v<T, double> ||
    (std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 4);

// From any address. By value: clang takes every reference to a vector for an aligned one.
template <class T>
Vector<T> vector_at(const T* data, std::size_t i) noexcept {
  Vector<T> vector;
  std::memcpy(&vector, data + i, sizeof vector);
  return vector;
}

template <class Mask>
bool any_set(const Mask& mask) noexcept {
  const auto words = reinterpret_cast<const WordPair&>(mask);
  return (words[0] | words[1]) != 0;
}

// A place in [lo, hi] with no set element before it, found by whole vectors: from there one looks
// element by element. get(i): the mask of the kPer elements from i on.
template <std::size_t kPer, class Get>
std::size_t skip_clear(std::size_t lo, std::size_t hi, Get&& get) {
  for (; hi - lo >= 4 * kPer; lo += 4 * kPer) {
    const auto mask = (get(lo) | get(lo + kPer)) | (get(lo + 2 * kPer) | get(lo + 3 * kPer));
    if (any_set(mask)) break;
  }
  return lo;
}

// The least element of data[0, n), n >= 1, in the order < or, with kMost, >. False when there are
// too few elements, or a NaN in the way: look element by element.
template <bool kMost, class T>
bool extreme_value(const T* data, std::size_t n, T& value) noexcept {
  constexpr std::size_t kPer = 16 / sizeof(T);
  if (n < 4 * kPer) return false;
  const auto better = [](const Vector<T>& x, Vector<T>& best) {
    best = (kMost ? x > best : x < best) ? x : best;
  };
  Vector<T> best[4] = {vector_at(data, 0), vector_at(data, kPer), vector_at(data, 2 * kPer),
                       vector_at(data, 3 * kPer)};
  std::size_t i = 4 * kPer;
  for (; n - i >= 4 * kPer; i += 4 * kPer) {
    better(vector_at(data, i), best[0]);
    better(vector_at(data, i + kPer), best[1]);
    better(vector_at(data, i + 2 * kPer), best[2]);
    better(vector_at(data, i + 3 * kPer), best[3]);
  }
  value = best[0][0];
  for (const Vector<T>& vector : best) {
    for (std::size_t k = 0; k < kPer; ++k) {
      const T x = vector[k];
      if (x != x) return false;
      if (kMost ? x > value : x < value) value = x;
    }
  }
  for (; i < n; ++i) {
    if (kMost ? data[i] > value : data[i] < value) value = data[i];
  }
  return true;
}

}  // namespace pel::detail
