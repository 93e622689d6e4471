// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "apps/render/bvh.hpp"
#include "apps/render/light.hpp"
#include "apps/render/random.hpp"
#include "apps/render/scene.hpp"
#include "apps/render/surface.hpp"

namespace pel::apps {

struct RenderSettings {
  std::uint32_t width = 1, height = 1;
  std::uint32_t samples = 1;  // a pixel
  std::uint64_t seed = 1;
  std::uint32_t max_bounces = 12;
  float firefly = 1.2f;  // an indirect contribution is cut to this radiance
};

// A path tracer: next-event estimation and scattering are both light sampling techniques, combined
// by the power heuristic (Veach, "Robust Monte Carlo methods for light transport simulation",
// 1997); paths end by Russian roulette. All members are const: any number of threads may trace.
class Tracer {
 public:
  Tracer(const Scene& scene, const Bvh& bvh, const RenderSettings& settings)
      : scene_(scene), bvh_(bvh), settings_(settings), lights_(scene) {
    const Box& box = bvh.bounds();
    margin_ = 1e-5f * std::max({largest(max(box.high, -box.high)), largest(max(box.low, -box.low)),
                                length(box.high - box.low)});
  }

  struct Path {
    Vec3 radiance;
    std::uint32_t rays = 0;  // traced for it, shadow rays too
    Vec3 weight{1, 1, 1};    // of what the next ray brings
    std::uint32_t bounce = 1;
  };

  // Light that comes back along a ray.
  Path trace(Ray ray, const PathRandom& random) const {
    Path path;
    float density = 0;  // with which the direction was chosen; 0: camera, mirror or lens
    for (;; ++path.bounce) {
      ++path.rays;
      const Hit hit = bvh_.nearest(ray);
      if (!hit.found()) {
        add(path, path.weight * sky(ray.direction), path.bounce);
        return path;
      }
      const Triangle& triangle = scene_.triangles[hit.triangle];
      const Material& material = scene_.materials[triangle.material];
      const Point point = point_of(ray, hit, triangle);
      if (largest(material.emission) > 0) {
        const float share = density == 0 ? 1 : emission_share(ray, hit, point, density);
        add(path, path.weight * material.emission * share, path.bounce);
      }
      if (path.bounce > settings_.max_bounces) return path;
      const auto numbers = random.draw(path.bounce);
      const Scatter scatter = material.glass ? through_glass(material, point, numbers)
                                             : off_surface(material, point, numbers, path);
      if (!scatter.valid) return path;
      path.weight *= scatter.weight;
      density = scatter.density;
      const Vec3 direction = scatter.direction;
      const float side = dot(direction, point.flat) > 0 ? 1.0f : -1.0f;
      ray = {point.position + point.flat * (side * margin_), direction};
      if (path.bounce >= 3 && !survives(numbers[6], path.weight)) return path;
    }
  }

  // The light of the sky in a direction.
  Vec3 sky(Vec3 direction) const {
    const float height = std::sqrt(std::abs(direction.y) / length(direction));
    return scene_.sky.horizon * (1 - height) + scene_.sky.zenith * height;
  }

 private:
  // A hit, as shading wants it: `flat` and `smooth` normals on the side of `out`.
  struct Point {
    Vec3 position, flat, smooth, out;
    bool outer = true;  // seen from the side that the triangle's winding faces
  };

  Point point_of(const Ray& ray, const Hit& hit, const Triangle& triangle) const {
    const Vec3 a = scene_.positions[triangle.position[0]];
    const Vec3 ab = scene_.positions[triangle.position[1]] - a;
    const Vec3 ac = scene_.positions[triangle.position[2]] - a;
    Point point;
    point.position = a + ab * hit.u + ac * hit.v;
    point.out = -ray.direction;
    point.flat = normalized(cross(ab, ac));
    point.outer = dot(point.flat, point.out) > 0;
    if (!point.outer) point.flat = -point.flat;
    point.smooth = smooth_normal(triangle, hit, point);
    return point;
  }

  Vec3 smooth_normal(const Triangle& triangle, const Hit& hit, const Point& point) const {
    if (triangle.normal[0] < 0) return point.flat;
    const auto normal = [&](std::size_t k) {
      return scene_.normals[std::size_t(triangle.normal[k])];
    };
    Vec3 n = normal(0) * (1 - hit.u - hit.v) + normal(1) * hit.u + normal(2) * hit.v;
    const float square = dot(n, n);
    if (square < 1e-12f) return point.flat;
    n = n * (1 / std::sqrt(square));
    if (dot(n, point.flat) < 0) n = -n;
    // At the rim an interpolated normal may face away from the viewer: bend it back.
    const float facing = dot(n, point.out);
    return facing > 1e-3f ? n : normalized(n + point.out * (1e-3f - facing));
  }

  void add(Path& path, Vec3 light, std::uint32_t bounce) const {
    if (bounce > 2 && largest(light) > settings_.firefly) {
      light = light * (settings_.firefly / largest(light));
    }
    path.radiance += light;
  }

  // How much of the emission met by scattering counts, next-event estimation having its share too.
  float emission_share(const Ray& ray, const Hit& hit, const Point& point, float density) const {
    const float cosine = dot(point.flat, -ray.direction);
    if (cosine <= 1e-6f) return 0;
    const float other =
        lights_.density(ray.origin, hit.triangle) * hit.distance * hit.distance / cosine;
    return density * density / (density * density + other * other);
  }

  Scatter through_glass(const Material& material, const Point& point,
                        const std::array<float, 8>& numbers) const {
    const Frame frame(point.smooth);
    Scatter scatter = scatter_glass(material, frame.to_local(point.out), point.outer, numbers[5]);
    const bool mirrored = scatter.direction.z > 0;
    scatter.direction = normalized(frame.to_world(scatter.direction));
    // A smooth normal may send a direction to the wrong side of the flat triangle.
    const float side = dot(scatter.direction, point.flat);
    if (mirrored ? side <= 0 : side >= 0) {
      scatter.direction = scatter.direction - point.flat * (2 * side);
    }
    return scatter;
  }

  Scatter off_surface(const Material& material, const Point& point,
                      const std::array<float, 8>& numbers, Path& path) const {
    const Frame frame(point.smooth);
    const OpaqueSurface surface(material, frame.to_local(point.out));
    if (!lights_.empty()) {
      const LightPoint light =
          lights_.sample(point.position + point.flat * margin_, numbers[4], numbers[0], numbers[1]);
      const Vec3 found = direct(surface, frame, point, light, path.rays);
      add(path, path.weight * found, path.bounce + 1);
    }
    Scatter scatter = surface.sample(numbers[5], numbers[2], numbers[3]);
    if (!scatter.valid) return scatter;
    scatter.direction = normalized(frame.to_world(scatter.direction));
    scatter.valid = dot(scatter.direction, point.flat) > 0;
    return scatter;
  }

  // What arrives from one point of a light and is scattered to the viewer.
  Vec3 direct(const OpaqueSurface& surface, const Frame& frame, const Point& point,
              const LightPoint& light, std::uint32_t& rays) const {
    const Vec3 from = point.position + point.flat * margin_;
    const Vec3 way = light.point - from;
    const float square = dot(way, way);
    const float distance = std::sqrt(square);
    if (!(distance > margin_) || light.density <= 0) return {};
    const Vec3 direction = way * (1 / distance);
    const float cosine = std::abs(dot(direction, light.normal));
    if (cosine <= 1e-6f || dot(direction, point.flat) <= 0) return {};
    float other = 0;
    const Vec3 value = surface.evaluate(frame.to_local(direction), other);
    if (largest(value) <= 0) return {};
    ++rays;
    if (bvh_.blocked({from, direction}, distance * 0.9999f - margin_)) return {};
    const float density = light.density * square / cosine;
    return value * light.emission * (density / (density * density + other * other));
  }

  // Russian roulette: the weak die, the others carry their light.
  static bool survives(float number, Vec3& weight) {
    const float chance = std::min(0.95f, largest(weight));
    if (!(number < chance)) return false;
    weight = weight * (1 / chance);
    return true;
  }

  const Scene& scene_;
  const Bvh& bvh_;
  const RenderSettings& settings_;
  Lights lights_;
  float margin_ = 0;
};

}  // namespace pel::apps
