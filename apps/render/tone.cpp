// SPDX-License-Identifier: Apache-2.0
#include "apps/render/tone.hpp"

#include <algorithm>
#include <array>

#include "pel/math.hpp"

namespace pel::apps {
namespace {

// thresholds[i]: the least linear value that becomes level i + 1.
std::array<float, 255> thresholds() {
  std::array<float, 255> table;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double level = (double(i) + 0.5) / 255;
    table[i] = float(level <= 0.04045 ? level / 12.92 : math::pow((level + 0.055) / 1.055, 2.4));
  }
  return table;
}

}  // namespace

float filmic(float radiance) {
  const float x = std::max(0.0f, radiance) * 0.8f;
  return std::clamp(x * (2.51f * x + 0.03f) / (x * (2.43f * x + 0.59f) + 0.14f), 0.0f, 1.0f);
}

Image develop(const Film& film) {
  static const auto table = thresholds();
  Image image{film.width, film.height, {}};
  image.pixels.reserve(film.radiance.size() * 3);
  for (const Vec3& light : film.radiance) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float value = filmic(std::min(light[channel], 1e6f));
      const auto above = std::upper_bound(table.begin(), table.end(), value);
      image.pixels.push_back(std::uint8_t(above - table.begin()));
    }
  }
  return image;
}

}  // namespace pel::apps
