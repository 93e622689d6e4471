// SPDX-License-Identifier: Apache-2.0
#include "apps/render/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "apps/plain_loops.hpp"
#include "apps/render/obj.hpp"
#include "apps/render/tone.hpp"

namespace pel::apps {
namespace {

// Adds a rectangle of two triangles, wound so that it faces cross(b - a, c - a).
void add_quad(Scene& scene, const std::array<Vec3, 4>& corners, std::uint32_t material) {
  const auto first = std::uint32_t(scene.positions.size());
  scene.positions.insert(scene.positions.end(), corners.begin(), corners.end());
  for (const std::uint32_t k : {1u, 2u}) {
    scene.triangles.push_back(
        {.position = {first, first + k, first + k + 1}, .material = material});
  }
}

// The inside of a cube from -1 to 1.
Scene room(const Material& material) {
  Scene scene;
  scene.materials = {material};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (const float side : {-1.0f, 1.0f}) {
      std::array<Vec3, 4> corners;
      constexpr std::array<float, 4> kA{-1, 1, 1, -1}, kB{-1, -1, 1, 1};
      for (std::size_t k = 0; k < 4; ++k) {
        const std::array<float, 3> ring{side, kA[k], kB[k]};
        corners[k] = {ring[(3 - axis) % 3], ring[(4 - axis) % 3], ring[(5 - axis) % 3]};
      }
      add_quad(scene, corners, 0);
    }
  }
  return scene;
}

// Mean radiance of `pixels` times 16 paths along one ray, and the standard error that the pixels
// show: within one, samples are spread and not independent.
struct Estimate {
  double mean = 0, error = 0;
};
Estimate estimate(const Scene& scene, const Ray& ray, std::uint64_t seed, std::uint32_t pixels) {
  const Bvh bvh = Bvh::build<PlainLoops>(scene);
  RenderSettings settings;
  settings.seed = seed;
  settings.samples = 16;
  settings.max_bounces = 40;
  settings.firefly = 1e9f;
  const Tracer tracer(scene, bvh, settings);
  double sum = 0, square = 0;
  for (std::uint32_t pixel = 0; pixel < pixels; ++pixel) {
    double light = 0;
    for (std::uint32_t sample = 0; sample < settings.samples; ++sample) {
      const PathRandom random(seed, pixel, sample, settings.samples);
      light += double(tracer.trace(ray, random).radiance.x) / settings.samples;
    }
    sum += light;
    square += light * light;
  }
  const double mean = sum / pixels;
  return {mean, std::sqrt(std::max(0.0, square / pixels - mean * mean) / pixels)};
}

// Four and a half standard errors: one in 150,000 healthy answers is further out; and a part in a
// thousand for floats.
RenderFinding judge(const char* question, const Estimate& estimate, double expected) {
  const double allowed = 4.5 * estimate.error + 1e-3 * expected;
  return {question,
          std::to_string(estimate.mean) + ", expected " + std::to_string(expected) + " +- " +
              std::to_string(allowed),
          std::abs(estimate.mean - expected) <= allowed};
}

// Irradiance of a point with normal +y by a polygon of radiance one: half the sum, over the edges,
// of the angle it spans times the cosine of its plane's normal.
double polygon_irradiance(const std::array<std::array<double, 3>, 4>& corners) {
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& a = corners[i];
    const auto& b = corners[(i + 1) % 4];
    const double ab = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    const double aa = std::sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
    const double bb = std::sqrt(b[0] * b[0] + b[1] * b[1] + b[2] * b[2]);
    const std::array<double, 3> normal{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                                       a[0] * b[1] - a[1] * b[0]};
    const double size =
        std::sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
    sum += std::acos(ab / (aa * bb)) * normal[1] / size;
  }
  return std::abs(sum) / 2;
}

// Distance to a triangle along a ray in double, or infinity.
double distance_to(const Scene& scene, const Triangle& triangle, const Ray& ray) {
  using Wide = std::array<double, 3>;
  const auto wide = [](Vec3 v) { return Wide{double(v.x), double(v.y), double(v.z)}; };
  const auto minus = [](Wide a, Wide b) { return Wide{a[0] - b[0], a[1] - b[1], a[2] - b[2]}; };
  const auto inner = [](Wide a, Wide b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; };
  const auto outer = [](Wide a, Wide b) {
    return Wide{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
  };
  const Wide o = wide(ray.origin), d = wide(ray.direction);
  const Wide a = minus(wide(scene.positions[triangle.position[0]]), o);
  const Wide b = minus(wide(scene.positions[triangle.position[1]]), o);
  const Wide c = minus(wide(scene.positions[triangle.position[2]]), o);
  // The ray passes if the three tetrahedra of edge and ray have the same sign.
  const double u = inner(d, outer(c, b)), v = inner(d, outer(a, c)), w = inner(d, outer(b, a));
  if ((u < 0 || v < 0 || w < 0) && (u > 0 || v > 0 || w > 0)) return INFINITY;
  const double total = u + v + w;
  if (total == 0) return INFINITY;
  double distance = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    distance += (u * a[axis] + v * b[axis] + w * c[axis]) / total * d[axis];
  }
  return distance > 0 ? distance / inner(d, d) : INFINITY;
}

}  // namespace

RenderFinding furnace(std::uint64_t seed) {
  const Scene scene = room({.name = {},
                            .diffuse = {0.5f, 0.5f, 0.5f},
                            .specular = {},
                            .emission = {0.5f, 0.5f, 0.5f},
                            .tint = {1, 1, 1}});
  const Ray ray{{0.1f, 0.2f, 0.3f}, normalized({0.3f, -0.5f, 0.7f})};
  return judge("light in a glowing room", estimate(scene, ray, seed, 300), 1.0);
}

RenderFinding lit_floor(std::uint64_t seed) {
  Scene scene;
  scene.materials.resize(2);
  scene.materials[0].diffuse = {0.8f, 0.8f, 0.8f};
  scene.materials[1].diffuse = {};
  scene.materials[1].emission = {3, 3, 3};
  add_quad(scene, {{{-50, 0, -50}, {-50, 0, 50}, {50, 0, 50}, {50, 0, -50}}}, 0);
  add_quad(scene, {{{-1, 1.5f, -0.5f}, {1, 1.5f, -0.5f}, {1, 1.5f, 2}, {-1, 1.5f, 2}}}, 1);
  const double irradiance = polygon_irradiance(
      {{{-1.25, 1.5, -0.75}, {0.75, 1.5, -0.75}, {0.75, 1.5, 1.75}, {-1.25, 1.5, 1.75}}});
  const Vec3 eye{-3, 1, -2}, seen{0.25f, 0, 0.25f};
  return judge("a floor under a lamp", estimate(scene, {eye, normalized(seen - eye)}, seed, 700),
               irradiance * 3 * double(0.8f) / std::numbers::pi);
}

RenderFinding glass_furnace(std::uint64_t seed) {
  Scene scene =
      parse_obj(stage_obj(), "stage.obj", [](const std::string&) { return stage_library(); });
  // Of the stage, the glass ball alone.
  std::erase_if(scene.triangles, [&](const Triangle& triangle) {
    return !scene.materials[triangle.material].glass;
  });
  for (Material& material : scene.materials) material.tint = {1, 1, 1};
  scene.sky = {.zenith = {1, 1, 1}, .horizon = {1, 1, 1}, .given = true};
  const Vec3 eye{0, 1.2f, 6}, seen{-1.5f, 0.75f, 0.55f};
  return judge("a glass ball in even light",
               estimate(scene, {eye, normalized(seen - eye)}, seed, 200), 1.0);
}

RenderFinding exhaustive_search(const Scene& scene, const Bvh& bvh,
                                const RenderSettings& settings) {
  constexpr std::uint64_t kWork = 8'000'000;
  const std::uint64_t rays = std::clamp<std::uint64_t>(kWork / scene.triangles.size(), 8, 400);
  const Lens lens(scene.camera, settings);
  std::uint64_t wrong = 0, hits = 0;
  for (std::uint64_t i = 0; i < rays; ++i) {
    const auto n = PathRandom(settings.seed ^ 0xC0FFEE, i, 0, 1).draw(0);
    const float column = n[0] * float(settings.width), row = n[1] * float(settings.height);
    const Ray ray = lens.ray(column, row, n[2], n[3]);
    double nearest = INFINITY;
    for (const Triangle& triangle : scene.triangles) {
      nearest = std::min(nearest, distance_to(scene, triangle, ray));
    }
    const Hit hit = bvh.nearest(ray);
    hits += hit.found();
    const double found = hit.found() ? double(hit.distance) : INFINITY;
    wrong += !(found == nearest || std::abs(found - nearest) < 1e-4 * (1 + nearest));
  }
  // A ray in a hundred may pass an edge that floats put elsewhere.
  return {"nearest hits against all triangles",
          std::to_string(wrong) + " of " + std::to_string(rays) + " rays differ, " +
              std::to_string(hits) + " hit",
          wrong * 100 <= rays};
}

RenderFinding traced_again(const Image& picture, const Scene& scene, const Bvh& bvh,
                           const RenderSettings& settings) {
  if (picture.width != settings.width || picture.height != settings.height) {
    return {"the picture's size",
            std::to_string(picture.width) + "x" + std::to_string(picture.height), false};
  }
  const Tracer tracer(scene, bvh, settings);
  const Lens lens(scene.camera, settings);
  const std::uint32_t count = std::clamp(3000 / settings.samples, 8u, 300u);
  const std::size_t pixels = std::size_t{settings.width} * settings.height;
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t pixel = Philox(settings.seed, 0xF00D).below(i, pixels);
    Film film{1, 1, {pixel_radiance(tracer, lens, settings, pixel).radiance}, {0}};
    const Image one = develop(film);
    wrong += !std::equal(one.pixels.begin(), one.pixels.end(),
                         picture.pixels.begin() + std::ptrdiff_t(3 * pixel));
  }
  return {"pixels traced again", std::to_string(wrong) + " of " + std::to_string(count) + " differ",
          wrong == 0};
}

}  // namespace pel::apps
