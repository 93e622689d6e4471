// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace pel::bench::forkjoin {

using Sha1Digest = std::array<std::uint8_t, 20>;

// SHA-1 (FIPS 180-4) of at most 55 bytes: UTS draws its tree from it.
Sha1Digest sha1(std::span<const std::uint8_t> bytes);

}  // namespace pel::bench::forkjoin
