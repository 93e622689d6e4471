// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

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
// Takes the processor from those that the thread (its kernel id; 0 is the calling one) may use,
// until let_anywhere(): a thread that runs moves at once, one that sleeps will wake elsewhere.
// False, and nothing done, where it may use no other, or not the same as the process's first
// thread.
bool keep_off(int thread, int cpu) noexcept;
// Starts a thread as keep_off() would leave it; false: it was not started.
bool start_off(int cpu, pthread_t* thread, void* (*run)(void*), void* argument) noexcept;
// After either: the thread may use what the process's first thread may, also if `taskset -a`
// changes that meanwhile.
void let_anywhere(int thread) noexcept;

void yield_thread() noexcept;
void sleep_ns(std::int64_t wait_ns) noexcept;

}  // namespace pel::detail
