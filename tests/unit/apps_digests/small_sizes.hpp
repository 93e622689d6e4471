// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "tests/support/workload.hpp"

namespace pel::test {

// Every workload at a size that takes a few milliseconds and yet splits.
inline constexpr std::pair<const char*, std::uint64_t> kSmallSizes[] = {
    {"analytics", 6'000}, {"exchange", 3'000}, {"genome", 2'000}, {"render", 24}, {"risk", 2'000}};

}  // namespace pel::test
