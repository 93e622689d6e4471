// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace pel::apps {

// Three floats: a point, a direction or a colour.
struct Vec3 {
  float x = 0, y = 0, z = 0;

  constexpr float operator[](std::size_t axis) const { return axis == 0 ? x : axis == 1 ? y : z; }
  constexpr Vec3& operator+=(Vec3 b) { return *this = {x + b.x, y + b.y, z + b.z}; }
  constexpr Vec3& operator*=(Vec3 b) { return *this = {x * b.x, y * b.y, z * b.z}; }
  friend constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend constexpr Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
  friend constexpr Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
  friend constexpr Vec3 operator*(float s, Vec3 a) { return a * s; }
  friend constexpr Vec3 operator-(Vec3 a) { return {-a.x, -a.y, -a.z}; }
  friend constexpr bool operator==(Vec3, Vec3) = default;
};

constexpr float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float length(Vec3 a) { return std::sqrt(dot(a, a)); }
inline Vec3 normalized(Vec3 a) { return a * (1 / length(a)); }
constexpr Vec3 min(Vec3 a, Vec3 b) {
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z)};
}
constexpr Vec3 max(Vec3 a, Vec3 b) {
  return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z)};
}
constexpr float largest(Vec3 a) { return std::max(a.x, std::max(a.y, a.z)); }
constexpr float luminance(Vec3 c) { return 0.2126f * c.x + 0.7152f * c.y + 0.0722f * c.z; }

// An orthonormal basis around a unit normal (Duff et al., "Building an orthonormal basis,
// revisited", 2017).
struct Frame {
  Vec3 s, t, n;

  explicit Frame(Vec3 normal) : n(normal) {
    const float sign = std::copysign(1.0f, n.z);
    const float a = -1 / (sign + n.z), b = n.x * n.y * a;
    s = {1 + sign * n.x * n.x * a, sign * b, -sign * n.x};
    t = {b, sign + n.y * n.y * a, -n.y};
  }
  Vec3 to_local(Vec3 v) const { return {dot(v, s), dot(v, t), dot(v, n)}; }
  Vec3 to_world(Vec3 v) const { return s * v.x + t * v.y + n * v.z; }
};

// Four floats that are computed with at once. min and max give the second operand where either is
// not a number, with or without SSE.
#if defined(__SSE2__)
struct Float4 {
  __m128 v;

  Float4() = default;
  Float4(__m128 value) : v(value) {}
  explicit Float4(float x) : v(_mm_set1_ps(x)) {}
  static Float4 load(const float* p) { return _mm_load_ps(p); }
  void store(float* p) const { _mm_store_ps(p, v); }
  friend Float4 operator+(Float4 a, Float4 b) { return _mm_add_ps(a.v, b.v); }
  friend Float4 operator-(Float4 a, Float4 b) { return _mm_sub_ps(a.v, b.v); }
  friend Float4 operator*(Float4 a, Float4 b) { return _mm_mul_ps(a.v, b.v); }
  friend Float4 operator/(Float4 a, Float4 b) { return _mm_div_ps(a.v, b.v); }
  friend Float4 min(Float4 a, Float4 b) { return _mm_min_ps(a.v, b.v); }
  friend Float4 max(Float4 a, Float4 b) { return _mm_max_ps(a.v, b.v); }
  // Bit i: a <= b in lane i.
  friend int at_most(Float4 a, Float4 b) { return _mm_movemask_ps(_mm_cmple_ps(a.v, b.v)); }
};
#else
struct Float4 {
  std::array<float, 4> v;

  Float4() = default;
  explicit Float4(float x) : v{x, x, x, x} {}
  static Float4 load(const float* p) {
    Float4 r;
    std::copy_n(p, 4, r.v.begin());
    return r;
  }
  void store(float* p) const { std::copy(v.begin(), v.end(), p); }
  template <class F>
  static Float4 lanes(Float4 a, Float4 b, F f) {
    for (std::size_t i = 0; i < 4; ++i) a.v[i] = f(a.v[i], b.v[i]);
    return a;
  }
  friend Float4 operator+(Float4 a, Float4 b) { return lanes(a, b, std::plus<>{}); }
  friend Float4 operator-(Float4 a, Float4 b) { return lanes(a, b, std::minus<>{}); }
  friend Float4 operator*(Float4 a, Float4 b) { return lanes(a, b, std::multiplies<>{}); }
  friend Float4 operator/(Float4 a, Float4 b) { return lanes(a, b, std::divides<>{}); }
  friend Float4 min(Float4 a, Float4 b) {
    return lanes(a, b, [](float x, float y) { return x < y ? x : y; });
  }
  friend Float4 max(Float4 a, Float4 b) {
    return lanes(a, b, [](float x, float y) { return x > y ? x : y; });
  }
  friend int at_most(Float4 a, Float4 b) {
    int mask = 0;
    for (std::size_t i = 0; i < 4; ++i) mask |= int(a.v[i] <= b.v[i]) << i;
    return mask;
  }
};
#endif

}  // namespace pel::apps
