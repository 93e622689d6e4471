// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "apps/render/scene.hpp"
#include "apps/render/vec.hpp"

namespace pel::apps {

struct LightPoint {
  Vec3 point, normal, emission;
  float density = 0;  // by area
};

// The triangles that emit. One is chosen for a point by what it may send there: by power, distance
// and slant where there are few of them, by power alone where there are many; then a point on it,
// uniformly. Read-only once built.
class Lights {
 public:
  explicit Lights(const Scene& scene) : index_(scene.triangles.size(), kNone) {
    for (std::size_t i = 0; i < scene.triangles.size(); ++i) {
      const Triangle& triangle = scene.triangles[i];
      const Vec3 emission = scene.materials[triangle.material].emission;
      Light light;
      for (std::size_t k = 0; k < 3; ++k) light.corner[k] = scene.positions[triangle.position[k]];
      const Vec3 origin = light.corner[0];
      const Vec3 normal = cross(light.corner[1] - origin, light.corner[2] - origin);
      light.area = length(normal) / 2;
      light.power = luminance(emission) * light.area;
      if (!(light.power > 0)) continue;
      light.normal = normalized(normal);
      light.middle = (light.corner[0] + light.corner[1] + light.corner[2]) * (1.0f / 3);
      light.emission = emission;
      index_[i] = std::uint32_t(lights_.size());
      lights_.push_back(light);
      total_ += double(light.power);
      sums_.push_back(total_);
    }
    few_ = lights_.size() <= kFew;
  }

  bool empty() const { return lights_.empty(); }

  // For light at `from`: a triangle by `choice` in [0, 1), at (u, v) of the unit square. Not if
  // empty().
  LightPoint sample(Vec3 from, float choice, float u, float v) const {
    std::size_t i = 0;
    float chance = 0;
    if (few_) {
      const float all = sum_for(from);
      for (float left = choice; i < lights_.size(); ++i) {
        chance = chance_for(lights_[i], from, all);
        if (left < chance) break;
        left -= chance;
      }
    } else {
      const auto found = std::upper_bound(sums_.begin(), sums_.end(), double(choice) * total_);
      i = std::size_t(found - sums_.begin());
    }
    i = std::min(i, lights_.size() - 1);
    const Light& light = lights_[i];
    if (!few_) chance = share(light);
    const float root = std::sqrt(u);
    return {light.corner[0] * (1 - root) + light.corner[1] * (root * (1 - v)) +
                light.corner[2] * (root * v),
            light.normal, light.emission, chance / light.area};
  }

  // With which sample(from, ...) finds any one point of a triangle that emits, by area.
  float density(Vec3 from, std::uint32_t triangle) const {
    if (index_[triangle] == kNone) return 0;
    const Light& light = lights_[index_[triangle]];
    const float chance = few_ ? chance_for(light, from, sum_for(from)) : share(light);
    return chance / light.area;
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kFew = 32;
  static constexpr float kBlind = 0.1f;  // share of the choice that goes by power, come what may

  struct Light {
    std::array<Vec3, 3> corner;
    Vec3 middle, normal, emission;
    float area = 0, power = 0;
  };

  float share(const Light& light) const { return float(double(light.power) / total_); }
  static float sent(const Light& light, Vec3 from) {
    const Vec3 way = light.middle - from;
    const float square = dot(way, way) + light.area * 0.5f;
    return light.power * (std::abs(dot(way, light.normal)) + 0.05f * std::sqrt(square)) /
           (square * std::sqrt(square));
  }
  float sum_for(Vec3 from) const {
    float sum = 0;
    for (const Light& light : lights_) sum += sent(light, from);
    return sum;
  }
  float chance_for(const Light& light, Vec3 from, float all) const {
    const float blind = kBlind * share(light);
    return all > 0 ? blind + (1 - kBlind) * sent(light, from) / all : share(light);
  }

  std::vector<std::uint32_t> index_;  // of a triangle's light
  std::vector<Light> lights_;
  std::vector<double> sums_;  // of power, running
  double total_ = 0;
  bool few_ = true;
};

}  // namespace pel::apps
