// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "pel/math.hpp"

namespace pel::apps {

// Elementwise exp and log of a few lanes, in place.
template <std::size_t N>
void exp_lanes(std::array<double, N>& x) {
  math::exp(std::span<const double>(x), std::span<double>(x));
}
template <std::size_t N>
void log_lanes(std::array<double, N>& x) {
  math::log(std::span<const double>(x), std::span<double>(x));
}

}  // namespace pel::apps
