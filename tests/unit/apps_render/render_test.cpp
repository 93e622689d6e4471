// SPDX-License-Identifier: Apache-2.0
#include "apps/render/render.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "apps/plain_loops.hpp"
#include "apps/render/check.hpp"
#include "apps/render/obj.hpp"
#include "pel/executor.hpp"
#include "pel/workload.hpp"
#include "tests/support/workload.hpp"

namespace pel::apps {
namespace {

std::unique_ptr<Workload> render(std::uint64_t size, std::uint64_t seed = 1) {
  return test::loaded_workload("render", size, seed);
}

TEST(Render, SameBytesForAnyNumberOfWorkers) {
  const auto workload = render(40);
  const auto plain = workload->run_plain().bytes;
  for (const int workers : {0, 1, 2, 3, 8}) {
    EXPECT_EQ(test::bytes_with(*workload, workers), plain) << workers << " workers";
  }
}

TEST(Render, SeedAndSizeMoveTheBytes) {
  const auto bytes = render(24)->run_plain().bytes;
  EXPECT_NE(render(24, 2)->run_plain().bytes, bytes);
  EXPECT_NE(render(25)->run_plain().bytes, bytes);
  EXPECT_FALSE(render(1)->run_plain().bytes.empty());
}

TEST(Render, ClosedFormsHoldForManySeeds) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const auto& finding : {furnace(seed), lit_floor(seed), glass_furnace(seed)}) {
      EXPECT_TRUE(finding.passed) << seed << ": " << finding.question << " " << finding.answer;
    }
  }
}

TEST(Render, CheckPassesAndFindsAForeignPicture) {
  const auto workload = render(24);
  const auto result = workload->run_plain();
  const auto check = workload->check(result);
  EXPECT_TRUE(check.passed) << check.detail;
  EXPECT_FALSE(render(24, 2)->check(result).passed);
  EXPECT_NE(workload->html(result).find("data:image/png;base64,iVBOR"), std::string::npos);
}

// A soup of triangles of all sizes: nearest hits and the bounds of the tree.
TEST(Bvh, FindsWhatAnExhaustiveSearchFinds) {
  Scene scene;
  scene.materials.resize(1);
  const Philox random(5);
  std::uint64_t at = 0;
  const auto number = [&] { return float(random.uniform(at++)); };
  for (std::uint32_t i = 0; i < 900; ++i) {
    const Vec3 place{number(), number(), number()};
    const float size = i % 50 == 0 ? 1.0f : 0.03f;
    for (int k = 0; k < 3; ++k) {
      scene.positions.push_back(place + Vec3{number(), number(), number()} * size);
    }
    scene.triangles.push_back({.position = {3 * i, 3 * i + 1, 3 * i + 2}});
  }
  scene.camera = {.eye = {3, 2, 4}, .target = {0.5f, 0.5f, 0.5f}, .view_degrees = 25};
  RenderSettings settings;
  settings.width = settings.height = 100;
  const Bvh bvh = Bvh::build<PlainLoops>(scene);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    settings.seed = seed;
    const auto finding = exhaustive_search(scene, bvh, settings);
    EXPECT_TRUE(finding.passed) << finding.answer;
  }
}

TEST(Bvh, CopiesOfOneTriangleAndTinyScenesBuild) {
  Scene scene;
  scene.materials.resize(1);
  scene.positions = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  for (int copies = 1; copies < 3000; copies *= 3) {
    scene.triangles.assign(std::size_t(copies), {.position = {0, 1, 2}});
    const Bvh bvh = Bvh::build<PlainLoops>(scene);
    EXPECT_FLOAT_EQ(bvh.nearest({{0.2f, 0.2f, 1}, {0, 0, -1}}).distance, 1);
    EXPECT_FALSE(bvh.nearest({{0.2f, 0.2f, 1}, {0, 0, 1}}).found());
    EXPECT_TRUE(bvh.blocked({{0.2f, 0.2f, 1}, {0, 0, -1}}, 2));
    EXPECT_FALSE(bvh.blocked({{0.2f, 0.2f, 1}, {0, 0, -1}}, 0.5f));
  }
}

// What the surface gives back by sampling against the integral of evaluate() over the hemisphere;
// the integral of the density must be one where no sample is lost below the surface.
TEST(Surface, SamplingAgreesWithTheIntegral) {
  for (const float alpha : {0.2f, 0.6f}) {
    for (const float height : {0.9f, 0.35f}) {
      const Material material{.name = {},
                              .diffuse = {0.3f, 0.3f, 0.3f},
                              .specular = {0.5f, 0.5f, 0.5f},
                              .emission = {},
                              .tint = {1, 1, 1},
                              .roughness = alpha};
      const OpaqueSurface surface(material, {std::sqrt(1 - height * height), 0, height});
      double sampled = 0, valid = 0, integral = 0, density_integral = 0;
      constexpr int kSide = 400;
      const Philox random(9);
      for (int i = 0; i < kSide; ++i) {
        for (int k = 0; k < kSide; ++k) {
          const float u = (float(i) + 0.5f) / kSide, v = (float(k) + 0.5f) / kSide;
          const Scatter scatter =
              surface.sample(float(random.uniform(std::uint64_t(i * kSide + k))), u, v);
          if (scatter.valid) sampled += double(scatter.weight.x), valid += 1;
          const auto [c, s] = circle(v);
          const float radius = std::sqrt(1 - u * u);
          float density = 0;
          const Vec3 value = surface.evaluate({radius * c, radius * s, u}, density);
          integral += double(value.x) * 2 * std::numbers::pi;
          density_integral += double(density) * 2 * std::numbers::pi;
        }
      }
      constexpr double kCount = double(kSide) * kSide;
      EXPECT_NEAR(sampled / kCount, integral / kCount, 0.004) << alpha << " " << height;
      EXPECT_NEAR(valid / kCount, density_integral / kCount, 0.006) << alpha << " " << height;
      EXPECT_LE(integral / kCount, 1.0);
    }
  }
}

TEST(Surface, GlassFollowsSnellAndFresnel) {
  Material glass;
  glass.glass = true;
  glass.index = 1.5f;
  const Scatter straight = scatter_glass(glass, {0, 0, 1}, true, 0.5f);
  EXPECT_FLOAT_EQ(straight.direction.z, -1);
  EXPECT_GT(scatter_glass(glass, {0, 0, 1}, true, 0.039f).direction.z, 0);  // 4 % are mirrored
  EXPECT_LT(scatter_glass(glass, {0, 0, 1}, true, 0.041f).direction.z, 0);
  const Vec3 slant{0.8f, 0, 0.6f};
  EXPECT_NEAR(scatter_glass(glass, slant, true, 0.9f).direction.x, -0.8f / 1.5f, 1e-6f);
  EXPECT_GT(scatter_glass(glass, slant, false, 0.999f).direction.z, 0);  // total reflection
}

}  // namespace
}  // namespace pel::apps
