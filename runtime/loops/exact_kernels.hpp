// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/cpu.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace pel::detail {

inline constexpr std::size_t kExactBlock = 1024;
inline constexpr int kExactLanes = 8;

// The kernels in one instruction set. They are exact: which one runs cannot change a bit.
struct ExactKernels;
const ExactKernels& exact_kernels_for(const base::CpuFeatures& cpu) noexcept;
const ExactKernels& exact_kernels() noexcept;  // the best of those that may be used

// Sums a block of at most kExactBlock doubles exactly, as levels * kExactLanes doubles whose sum it
// is; tries `levels` (2 or 3) first. Returns how many levels it took, or 0 when the block needs
// care: no finite non-zero maximum, magnitudes further apart than 2^72, or near the end of the
// exponents. Needs the default rounding mode.
int sum_block(const double* x, std::size_t n, int levels, double* lanes,
              const ExactKernels& kernels = exact_kernels()) noexcept;

// high[i] + low[i] = a[i] * b[i] exactly. False when some product comes near the end of the
// exponents, or is not finite.
bool split_products(const double* a, const double* b, std::size_t n, double* high, double* low,
                    const ExactKernels& kernels = exact_kernels()) noexcept;

// Rounding to nearest, subnormals kept, for the life of the object; then the caller's mode again.
class DefaultRounding {
 public:
#if defined(__x86_64__)
  DefaultRounding() noexcept : saved_(_mm_getcsr()) {
    if ((saved_ & kModes) != 0) _mm_setcsr(saved_ & ~kModes);
  }
  ~DefaultRounding() {
    if ((saved_ & kModes) != 0) _mm_setcsr(saved_);
  }

 private:
  static constexpr unsigned kModes = 0xe040;  // rounding, flush to zero, denormals are zero
  unsigned saved_;
#else
  DefaultRounding() noexcept {}
#endif
  DefaultRounding(const DefaultRounding&) = delete;
  DefaultRounding& operator=(const DefaultRounding&) = delete;
};

}  // namespace pel::detail
