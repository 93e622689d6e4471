// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "apps/render/png.hpp"
#include "apps/render/render.hpp"

namespace pel::apps {

// One question put to the renderer, and whether its answer was right.
struct RenderFinding {
  std::string question, answer;
  bool passed = false;
};

// Reads a PNG of eight-bit RGB without interlace; written apart from encode_png, to judge it: every
// deflate block form, every filter, all checksums. Throws pel::Error with place "PNG" on anything
// else. The size is bounded by what the stream holds.
Image decode_png(std::span<const std::uint8_t> bytes);

// Light in closed rooms and under a lamp, where the answer is known, by the very path tracer that
// renders pictures. `seed` moves the samples.
RenderFinding furnace(std::uint64_t seed);        // a room that glows: emission / (1 - reflectance)
RenderFinding lit_floor(std::uint64_t seed);      // Lambert's formula for a polygon (1760)
RenderFinding glass_furnace(std::uint64_t seed);  // a glass ball in even light cannot be seen

// Nearest hits of the camera's rays against a search of all triangles in double.
RenderFinding exhaustive_search(const Scene& scene, const Bvh& bvh, const RenderSettings& settings);

// Pixels of the picture, decoded, against paths traced one by one.
RenderFinding traced_again(const Image& picture, const Scene& scene, const Bvh& bvh,
                           const RenderSettings& settings);

}  // namespace pel::apps
