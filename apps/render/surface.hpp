// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "apps/render/scene.hpp"
#include "apps/render/vec.hpp"
#include "pel/math.hpp"

namespace pel::apps {

inline constexpr float kPi = std::numbers::pi_v<float>;

struct Scatter {
  Vec3 direction;     // local: z along the shading normal
  Vec3 weight;        // reflectance * cosine / density
  float density = 0;  // by solid angle; 0: a mirror or lens direction
  bool valid = false;
};

// A point on the unit circle at `turn` of a full turn, turn in [0, 1].
inline std::pair<float, float> circle(float turn) {
  const double angle = 2 * std::numbers::pi * double(turn);
  return {float(math::cos(angle)), float(math::sin(angle))};
}

// An opaque surface seen from `out` (local, z > 0): a diffuse base under a GGX layer (Walter et
// al., "Microfacet models for refraction", 2007), Fresnel by Schlick. What the layer reflects does
// not reach the base. Reciprocal; gives back at most what it gets.
class OpaqueSurface {
 public:
  OpaqueSurface(const Material& material, Vec3 out)
      : diffuse_(material.diffuse),
        specular_(material.specular),
        alpha_(material.roughness),
        out_(out) {
    through_ = Vec3{1, 1, 1} - fresnel(out.z);
    const float base = largest(diffuse_ * through_);
    const float layer = largest(specular_) > 0 ? luminance(fresnel(out.z)) : 0;
    if (layer > 0) layer_chance_ = base > 0 ? std::clamp(layer / (layer + base), 0.1f, 0.9f) : 1;
  }

  // Reflectance times cosine, and the density with which sample() would have chosen `in`.
  Vec3 evaluate(Vec3 in, float& density) const {
    density = 0;
    if (in.z <= 0) return {};
    density = (1 - layer_chance_) * in.z / kPi;
    const Vec3 base =
        specular_ == Vec3{} ? diffuse_ : diffuse_ * through_ * (Vec3{1, 1, 1} - fresnel(in.z));
    Vec3 value = base * (in.z / kPi);
    if (layer_chance_ > 0) {
      const Vec3 half = normalized(in + out_);
      const float d = distribution(half), shade = masking(out_);
      density += layer_chance_ * shade * d / (4 * out_.z);
      value += fresnel(dot(in, half)) * (d * both_masking(in) / (4 * out_.z));
    }
    return value;
  }

  Scatter sample(float choice, float u, float v) const {
    Scatter scatter;
    if (choice < layer_chance_) {
      const Vec3 half = visible_normal(u, v);
      scatter.direction = half * (2 * dot(out_, half)) - out_;
    } else {
      const auto [c, s] = circle(v);
      const float radius = std::sqrt(u);
      scatter.direction = {radius * c, radius * s, std::sqrt(std::max(0.0f, 1 - u))};
    }
    const Vec3 value = evaluate(scatter.direction, scatter.density);
    if (scatter.density <= 0) return scatter;
    scatter.weight = value * (1 / scatter.density);
    scatter.valid = true;
    return scatter;
  }

 private:
  Vec3 fresnel(float cosine) const {
    if (specular_ == Vec3{}) return {};
    const float m = std::clamp(1 - cosine, 0.0f, 1.0f), m2 = m * m;
    return specular_ + (Vec3{1, 1, 1} - specular_) * (m2 * m2 * m);
  }
  float distribution(Vec3 half) const {
    const float a2 = alpha_ * alpha_, z2 = half.z * half.z;
    // (1 - z2) by the tangent plane: near the pole the subtraction would round away.
    const float t = half.x * half.x + half.y * half.y + a2 * z2;
    return a2 / (kPi * t * t);
  }
  float lambda(Vec3 w) const {
    const float tangent = (w.x * w.x + w.y * w.y) / (w.z * w.z);
    return (std::sqrt(1 + alpha_ * alpha_ * tangent) - 1) / 2;
  }
  float masking(Vec3 w) const { return 1 / (1 + lambda(w)); }
  float both_masking(Vec3 in) const { return 1 / (1 + lambda(in) + lambda(out_)); }

  // A half vector as seen from `out` (Heitz, "Sampling the GGX distribution of visible normals",
  // 2018).
  Vec3 visible_normal(float u, float v) const {
    const Vec3 stretched = normalized({alpha_ * out_.x, alpha_ * out_.y, out_.z});
    const float flat = stretched.x * stretched.x + stretched.y * stretched.y;
    const Vec3 t1 =
        flat > 1e-12f ? Vec3{-stretched.y, stretched.x, 0} * (1 / std::sqrt(flat)) : Vec3{1, 0, 0};
    const Vec3 t2 = cross(stretched, t1);
    const auto [c, s] = circle(v);
    const float radius = std::sqrt(u), a = radius * c, mix = (1 + stretched.z) / 2;
    const float b = (1 - mix) * std::sqrt(std::max(0.0f, 1 - a * a)) + mix * radius * s;
    const Vec3 n = t1 * a + t2 * b + stretched * std::sqrt(std::max(0.0f, 1 - a * a - b * b));
    return normalized({alpha_ * n.x, alpha_ * n.y, std::max(1e-6f, n.z)});
  }

  Vec3 diffuse_, specular_, through_;
  float alpha_;
  float layer_chance_ = 0;
  Vec3 out_;
};

// Smooth glass: mirrors or refracts by Fresnel's equations, which decide by `choice`. `entering`:
// `out` is on the outer side. Direction z < 0 goes through.
inline Scatter scatter_glass(const Material& material, Vec3 out, bool entering, float choice) {
  const float eta = entering ? 1 / material.index : material.index;
  const float sine2 = eta * eta * std::max(0.0f, 1 - out.z * out.z);
  float mirror = 1, inner = 0;
  if (sine2 < 1) {
    inner = std::sqrt(1 - sine2);
    const float s = (eta * out.z - inner) / (eta * out.z + inner);
    const float p = (out.z - eta * inner) / (out.z + eta * inner);
    mirror = (s * s + p * p) / 2;
  }
  Scatter scatter;
  scatter.valid = true;
  if (choice < mirror) {
    scatter.direction = {-out.x, -out.y, out.z};
    scatter.weight = {1, 1, 1};
  } else {
    scatter.direction = {-eta * out.x, -eta * out.y, -inner};
    scatter.weight = material.tint;
  }
  return scatter;
}

}  // namespace pel::apps
