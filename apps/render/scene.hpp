// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/render/vec.hpp"

namespace pel::apps {

// How a surface scatters light. Opaque surfaces are a diffuse base under a GGX microfacet layer;
// glass is smooth and takes no part in diffuse.
struct Material {
  std::string name;
  Vec3 diffuse{0.7f, 0.7f, 0.7f};  // Kd
  Vec3 specular{};                 // Ks: reflectance at normal incidence
  Vec3 emission{};                 // Ke: radiance, both sides
  Vec3 tint{1, 1, 1};              // Tf: of what goes through glass
  float roughness = 0.3f;          // GGX alpha, from Ns or Pr
  float index = 1.5f;              // Ni
  bool glass = false;              // d < 1 or an illumination model with refraction
};

// Corners are indices into positions and, where the file gives normals, normals (else -1).
struct Triangle {
  std::array<std::uint32_t, 3> position{};
  std::array<std::int32_t, 3> normal{-1, -1, -1};
  std::uint32_t material = 0;
};

// A thin-lens camera. Distances are in the scene's unit.
struct Camera {
  Vec3 eye{0, 0, 5}, target{}, up{0, 1, 0};
  float view_degrees = 40;  // vertical field of view
  float aperture = 0;       // radius of the lens; 0: all is sharp
  float focus = 0;          // distance that is sharp; 0: the target's
};

// What is seen where nothing is hit: a gradient from straight down over the horizon to the zenith.
struct Sky {
  Vec3 zenith{}, horizon{};
  bool given = false;
};

struct Scene {
  std::vector<Vec3> positions;
  std::vector<Vec3> normals;  // unit length
  std::vector<Triangle> triangles;
  std::vector<Material> materials;
  Camera camera;
  Sky sky;
  bool camera_given = false;
  std::size_t ignored_maps = 0;  // textures, which are not read

  bool has_light() const {
    for (const Triangle& triangle : triangles) {
      if (largest(materials[triangle.material].emission) > 0) return true;
    }
    return false;
  }
};

}  // namespace pel::apps
