// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "apps/render_scene.hpp"
#include "apps/render_vec.hpp"

namespace pel::apps {

struct LightPoint {
  Vec3 point, normal, emission;
  float density = 0;  // by area
};

// The triangles that emit, chosen by power, points on them uniformly. Read-only once built.
class Lights {
 public:
  explicit Lights(const Scene& scene) : scene_(&scene) {
    for (std::size_t i = 0; i < scene.triangles.size(); ++i) {
      const float power = strength(scene.triangles[i]) * area(scene.triangles[i]);
      if (!(power > 0)) continue;
      total_ += double(power);
      triangles_.push_back(i);
      sums_.push_back(total_);
    }
  }

  bool empty() const { return triangles_.empty(); }

  // Chosen by `choice` in [0, 1), at (u, v) of the unit square. Not if empty().
  LightPoint sample(float choice, float u, float v) const {
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), double(choice) * total_);
    const auto last = std::ptrdiff_t(sums_.size()) - 1;
    const Triangle& triangle =
        scene_->triangles[triangles_[std::size_t(std::min(found - sums_.begin(), last))]];
    const float root = std::sqrt(u);
    const Vec3 a = corner(triangle, 0), b = corner(triangle, 1), c = corner(triangle, 2);
    return {a * (1 - root) + b * (root * (1 - v)) + c * (root * v),
            normalized(cross(b - a, c - a)), scene_->materials[triangle.material].emission,
            density(triangle)};
  }

  // With which sample() finds any one point of the triangle, by area.
  float density(const Triangle& triangle) const {
    return float(double(strength(triangle)) / total_);
  }

 private:
  Vec3 corner(const Triangle& triangle, std::size_t k) const {
    return scene_->positions[triangle.position[k]];
  }
  float strength(const Triangle& triangle) const {
    return luminance(scene_->materials[triangle.material].emission);
  }
  float area(const Triangle& triangle) const {
    return length(cross(corner(triangle, 1) - corner(triangle, 0),
                        corner(triangle, 2) - corner(triangle, 0))) / 2;
  }

  const Scene* scene_;
  std::vector<std::size_t> triangles_;
  std::vector<double> sums_;  // of power, running
  double total_ = 0;
};

}  // namespace pel::apps
