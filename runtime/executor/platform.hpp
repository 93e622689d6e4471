// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pel::detail {

std::int64_t now_ns() noexcept;  // monotonic

// The lowest address that tasks of the calling thread may use for their frames: the end of its
// stack plus a reserve. 0 when the thread runs on a stack that is not its own (a fiber).
std::uintptr_t stack_limit() noexcept;

// The floating-point environment of the calling thread that tasks inherit: rounding, flush to zero
// and denormals are zero (MXCSR without its sticky flags).
std::uint32_t float_mode() noexcept;
void set_float_mode(std::uint32_t mode) noexcept;

// The processor that the calling thread runs on; -1 if unknown.
int current_cpu() noexcept;
// Moves the calling thread to another processor of those it may use; what it may use stays, or
// becomes what `taskset -a` gives the process meanwhile. Does nothing for a thread that may not use
// the same processors as the process's first.
void leave_cpu(int cpu) noexcept;

void yield_thread() noexcept;
void sleep_ns(std::int64_t wait_ns) noexcept;

}  // namespace pel::detail
