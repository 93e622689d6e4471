// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/render/png.hpp"
#include "apps/render/render.hpp"

namespace pel::apps {

// The film as a picture: a filmic curve (Narkowicz, "ACES filmic tone mapping curve", 2015), then
// the transfer function of sRGB, rounded to nearest. O(pixels).
Image develop(const Film& film);

// The curve alone, on one channel of radiance >= 0; rises from 0 towards 1.
float filmic(float radiance);

}  // namespace pel::apps
