// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "apps/render/bvh.hpp"
#include "apps/render/scene.hpp"
#include "apps/render/trace.hpp"
#include "pel/loops.hpp"

namespace pel::apps {

// What the camera caught: mean radiance by pixel, row by row from the top, and rays spent on it.
struct Film {
  std::uint32_t width = 0, height = 0;
  std::vector<Vec3> radiance;
  std::vector<std::uint32_t> rays;

  std::uint64_t total_rays() const {
    std::uint64_t sum = 0;
    for (const std::uint32_t count : rays) sum += count;
    return sum;
  }
};

// Rays of a thin lens.
class Lens {
 public:
  Lens(const Camera& camera, const RenderSettings& settings)
      : eye_(camera.eye), aperture_(camera.aperture) {
    const Vec3 forward = normalized(camera.target - camera.eye);
    const Vec3 up = std::abs(dot(forward, camera.up)) > 0.999f ? Vec3{0, 0, 1} : camera.up;
    const Vec3 right = normalized(cross(forward, up));
    const float focus = camera.focus > 0 ? camera.focus : length(camera.target - camera.eye);
    const double half = double(camera.view_degrees) * std::numbers::pi / 360;
    const float tall = focus * float(math::sin(half) / math::cos(half));
    const float wide = tall * float(settings.width) / float(settings.height);
    right_ = right, up_ = cross(right, forward);
    corner_ = forward * focus - right * wide + up_ * tall;
    across_ = right * (2 * wide / float(settings.width));
    down_ = up_ * (-2 * tall / float(settings.height));
  }

  // Through column x and row y, fractions of a pixel included, and (u, v) of the lens.
  Ray ray(float x, float y, float u, float v) const {
    const auto [c, s] = circle(v);
    const float radius = aperture_ * std::sqrt(u);
    const Vec3 offset = right_ * (radius * c) + up_ * (radius * s);
    const Vec3 target = corner_ + across_ * x + down_ * y;
    return {eye_ + offset, normalized(target - offset)};
  }

 private:
  Vec3 eye_, right_, up_, corner_, across_, down_;
  float aperture_;
};

// A number of [0, 1) as an offset of a tent filter, in (-1, 1).
inline float tent(float u) { return u < 0.5f ? std::sqrt(2 * u) - 1 : 1 - std::sqrt(2 - 2 * u); }

// The mean of a pixel's paths, and the rays of all of them.
inline Tracer::Path pixel_radiance(const Tracer& tracer, const Lens& lens,
                                   const RenderSettings& settings, std::size_t pixel) {
  const auto column = float(pixel % settings.width), row = float(pixel / settings.width);
  Tracer::Path sum;
  for (std::uint32_t sample = 0; sample < settings.samples; ++sample) {
    const PathRandom random(settings.seed, pixel, sample, settings.samples);
    const auto n = random.draw(0);
    const Ray ray = lens.ray(column + 0.5f + tent(n[0]), row + 0.5f + tent(n[1]), n[2], n[3]);
    const Tracer::Path path = tracer.trace(ray, random);
    sum.radiance += path.radiance;
    sum.rays += path.rays;
  }
  sum.radiance = sum.radiance * (1 / float(settings.samples));
  return sum;
}

// Renders in tiles by Loops::for_each_tile; tick(n) is called with the pixels done, from any
// thread, and adds up to width * height. The film is a function of scene and settings alone.
template <class Loops, class Tick>
Film render_film(const Scene& scene, const Bvh& bvh, const RenderSettings& settings,
                 const Tick& tick) {
  Film film{settings.width, settings.height, {}, {}};
  film.radiance.resize(std::size_t{film.width} * film.height);
  film.rays.resize(film.radiance.size());
  const Tracer tracer(scene, bvh, settings);
  const Lens lens(scene.camera, settings);
  Loops::for_each_tile(film.height, film.width, 16, [&](const Tile2& tile) {
    for (std::size_t row = tile.row_begin; row < tile.row_end; ++row) {
      for (std::size_t column = tile.col_begin; column < tile.col_end; ++column) {
        const std::size_t pixel = row * film.width + column;
        const Tracer::Path mean = pixel_radiance(tracer, lens, settings, pixel);
        film.radiance[pixel] = mean.radiance;
        film.rays[pixel] = mean.rays;
      }
    }
    tick((tile.row_end - tile.row_begin) * (tile.col_end - tile.col_begin));
  });
  return film;
}

}  // namespace pel::apps
