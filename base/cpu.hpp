// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace pel::base {

// What code that exists for several instruction sets chooses by; every choice gives the same bits.
// Nothing else in pel asks the CPU. Levels are those of the x86-64 psABI, each with what is below.
struct CpuFeatures {
  bool v3 = false;   // AVX2, BMI, BMI2, FMA, LZCNT, MOVBE
  bool v4 = false;   // AVX-512 F, BW, CD, DQ, VL
  bool adx = false;  // beyond the levels: ADCX, ADOX, with MULX
  bool sha = false;  // beyond the levels: SHA-256 instructions

  bool operator==(const CpuFeatures&) const = default;
};

// The variable that takes features away: x86-64, x86-64-v2, x86-64-v3 or x86-64-v4 leaves that
// level of what the CPU has and nothing beyond the levels. Unset or empty: all that the CPU has.
inline constexpr const char* kCpuVariable = "PEL_CPU";

// What may be used: of the CPU, less what kCpuVariable takes away. A constant of the process, read
// at the first call; a value that is none of the above counts as unset. Thread-safe.
const CpuFeatures& cpu_features() noexcept;

// `all`, less what is beyond the named level; nothing if `level` names none.
std::optional<CpuFeatures> limited_to(const CpuFeatures& all, std::string_view level) noexcept;

// Throws pel::Error if kCpuVariable holds what cpu_features() would not heed: for programs to call.
void check_cpu_variable();

}  // namespace pel::base
