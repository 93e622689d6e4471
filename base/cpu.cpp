// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.hpp"

#include <cstdlib>
#include <string>

#include "pel/error.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pel::base {
namespace {

const char* variable() noexcept {
  const char* value = std::getenv(kCpuVariable);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

CpuFeatures of_the_cpu() noexcept {
  CpuFeatures features;
#if defined(__x86_64__)
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool has_movbe = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> 22 & 1) != 0;
  const bool has_lzcnt = __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c >> 5 & 1) != 0;
  const bool has_seven = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0;
  features.v3 = has_movbe && has_lzcnt && __builtin_cpu_supports("avx2") &&
                __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                __builtin_cpu_supports("fma");
  features.v4 = features.v3 && __builtin_cpu_supports("avx512f") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  features.adx = has_seven && (b >> 19 & 1) != 0 && __builtin_cpu_supports("bmi") &&
                 __builtin_cpu_supports("bmi2");
  features.sha = has_seven && (b >> 29 & 1) != 0 && __builtin_cpu_supports("sse4.1");
#endif
  return features;
}

CpuFeatures usable() noexcept {
  const CpuFeatures all = of_the_cpu();
  const char* level = variable();
  return level == nullptr ? all : limited_to(all, level).value_or(all);
}

}  // namespace

const CpuFeatures& cpu_features() noexcept {
  static const CpuFeatures features = usable();
  return features;
}

std::optional<CpuFeatures> limited_to(const CpuFeatures& all, std::string_view level) noexcept {
  if (level == "x86-64" || level == "x86-64-v2") return CpuFeatures{};
  if (level == "x86-64-v3") return CpuFeatures{.v3 = all.v3};
  if (level == "x86-64-v4") return CpuFeatures{.v3 = all.v3, .v4 = all.v4};
  return {};
}

void check_cpu_variable() {
  const char* level = variable();
  if (level == nullptr || limited_to({}, level)) return;
  throw Error(kCpuVariable, "'" + std::string(level) + "' is not a level",
              "x86-64, x86-64-v2, x86-64-v3 or x86-64-v4");
}

}  // namespace pel::base
