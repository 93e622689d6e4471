// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pel::detail {

// Prints the condition and its place on stderr and aborts. For what cannot happen, never for input.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace pel::detail

#define PEL_CHECK(condition)                         \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::pel::detail::check_failed(#condition, __FILE__, __LINE__))
