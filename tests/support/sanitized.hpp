// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

namespace pel::test {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kThreadSanitized = __has_feature(thread_sanitizer);
#else
inline constexpr bool kThreadSanitized = false;
#endif
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = kThreadSanitized || __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = kThreadSanitized;
#endif

// The size of a test: under a sanitizer, which makes it ten times slower, the smaller one, and says
// so once. What the sanitizers look for does not need the size.
template <class T>
T unless_sanitized(T size, T smaller) {
  if (!kSanitized) return size;
  static const bool said = std::printf("sizes are smaller: sanitizers make tests slower\n") > 0;
  static_cast<void>(said);
  return smaller;
}

}  // namespace pel::test
