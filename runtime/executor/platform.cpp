// SPDX-License-Identifier: Apache-2.0
#include "runtime/executor/platform.hpp"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <cfenv>

#include "pel/detail/executor/atomics.hpp"

namespace pel::detail {
namespace {

constexpr std::uintptr_t kStackReserve = 256 * 1024;

long membarrier(int command) noexcept { return syscall(SYS_membarrier, command, 0, 0); }

bool register_barrier() noexcept {
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

struct StackBounds {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

StackBounds find_stack() noexcept {
  StackBounds bounds;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return bounds;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    bounds.low = reinterpret_cast<std::uintptr_t>(low);
    bounds.high = bounds.low + size;
  }
  pthread_attr_destroy(&attributes);
  return bounds;
}

// False on a machine with more than 1024 processors.
bool affinity_of(pid_t thread, cpu_set_t& set) noexcept {
  return sched_getaffinity(thread, sizeof set, &set) == 0;
}

// What the thread may use but this processor; false where that is nothing, or not what the
// process's first thread may use.
bool others_of(int thread, int cpu, cpu_set_t& others) noexcept {
  cpu_set_t given;
  if (!affinity_of(getpid(), given) || !affinity_of(thread, others)) return false;
  if (!CPU_EQUAL(&others, &given)) return false;
  CPU_CLR(static_cast<std::size_t>(cpu), &others);
  return CPU_COUNT(&others) != 0;
}

}  // namespace

bool heavy_barrier_works() noexcept {
#if defined(PEL_THREAD_SANITIZER)
  return true;  // both sides are sequentially consistent there
#else
  static const bool works = register_barrier();
  return works;
#endif
}

void kernel_barrier() noexcept {
  if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
    // Not registered: the child of a fork() starts anew. Without it at all, owners always enter the
    // slow path (Scheduler::normal_position), whose exchanges are full barriers.
    register_barrier();
    membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  }
}

void futex_wait(std::uint32_t* word, std::uint32_t expected) noexcept {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futex_wait(std::uint32_t* word, std::uint32_t expected, std::int64_t at_most_ns) noexcept {
  timespec time{};
  time.tv_sec = at_most_ns / 1'000'000'000;
  time.tv_nsec = at_most_ns % 1'000'000'000;
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, &time, nullptr, 0);
}

void futex_wake(std::uint32_t* word) noexcept {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

std::int64_t now_ns() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::uintptr_t stack_limit() noexcept {
  thread_local const StackBounds bounds = find_stack();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (here < bounds.low || here >= bounds.high) return 0;
  const std::uintptr_t size = bounds.high - bounds.low;
  return bounds.low + std::min(kStackReserve, size / 4);
}

std::uint32_t float_mode() noexcept {
#if defined(__x86_64__)
  return _mm_getcsr() & ~0x3fU;
#else
  return static_cast<std::uint32_t>(std::fegetround());
#endif
}

void set_float_mode(std::uint32_t mode) noexcept {
#if defined(__x86_64__)
  static constexpr int kRounding[4] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
  std::fesetround(kRounding[(mode >> 13) & 3]);  // long double follows
  _mm_setcsr(mode | (_mm_getcsr() & 0x3fU));
#else
  std::fesetround(static_cast<int>(mode));
#endif
}

int current_cpu() noexcept { return sched_getcpu(); }

// Affinity knows no exchange: a `taskset -a` that came between reading a thread's and writing it
// back would be overwritten. But it sets the process's first thread before this one. So what that
// has is read after each write by let_anywhere(), and written if it is something else: when the
// last write here came after taskset's, the read that followed saw what taskset had given. Threads
// that were put elsewhere than the first are left alone.
bool keep_off(int thread, int cpu) noexcept {
  cpu_set_t others;
  return others_of(thread, cpu, others) && sched_setaffinity(thread, sizeof others, &others) == 0;
}

bool start_off(int cpu, pthread_t* thread, void* (*run)(void*), void* argument) noexcept {
  cpu_set_t others;
  pthread_attr_t attributes;
  if (!others_of(0, cpu, others) || pthread_attr_init(&attributes) != 0) return false;
  const bool started = pthread_attr_setaffinity_np(&attributes, sizeof others, &others) == 0 &&
                       pthread_create(thread, &attributes, run, argument) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

void let_anywhere(int thread) noexcept {
  const pid_t first = getpid();
  cpu_set_t written, given;
  if (!affinity_of(first, given)) return;
  do {
    written = given;
    sched_setaffinity(thread, sizeof written, &written);
  } while (affinity_of(first, given) && !CPU_EQUAL(&written, &given));
}

void yield_thread() noexcept { sched_yield(); }

void sleep_ns(std::int64_t wait_ns) noexcept {
  timespec time{};
  time.tv_sec = wait_ns / 1'000'000'000;
  time.tv_nsec = wait_ns % 1'000'000'000;
  nanosleep(&time, nullptr);
}

}  // namespace pel::detail
