// SPDX-License-Identifier: Apache-2.0
#include "runtime/loops/exact_kernels.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace pel::detail {

struct ExactKernels {
  bool (*extract2)(const double* x, std::size_t n, double top, double* lanes) noexcept;
  bool (*extract3)(const double* x, std::size_t n, double top, double* lanes) noexcept;
  double (*largest)(const double* x, std::size_t n) noexcept;
  bool (*split)(const double* a, const double* b, std::size_t n, double* high,
                double* low) noexcept;
};

namespace {

typedef double Vector __attribute__((vector_size(32)));
typedef std::int64_t Mask __attribute__((vector_size(32)));

// Four doubles at any address. A reference to a vector declared with less alignment would do for
// g++; clang takes every reference to a vector for an aligned one.
struct [[gnu::packed, gnu::may_alias]] Four {
  Vector of;
};

inline const Four& at(const double* x, std::size_t i) noexcept {
  return *reinterpret_cast<const Four*>(x + i);
}

// (x + big) - big is x rounded to a multiple of big's last place, and x minus that is exact (Rump,
// Ogita, Oishi: "Accurate floating-point summation I", 2008). With |x| < 2^(e+1) and big = 1.5 *
// 2^(e+12), 2048 such multiples add up exactly, and the rest is below 2^-42 of x: once more.
template <int kLevels>
[[gnu::always_inline]] inline bool extract(const double* x, std::size_t n, double top,
                                           double* lanes) noexcept {
  Vector big[kLevels], sum[kLevels][2] = {};
  for (int level = 0; level < kLevels; ++level) {
    big[level] = Vector{} + top;
    top *= 0x1p-42;
  }
  Mask left = {};
  for (std::size_t i = 0; i < n; i += 8) {
    Vector a = at(x, i).of, b = at(x, i + 4).of;
    for (int level = 0; level < kLevels; ++level) {
      const Vector high_a = (a + big[level]) - big[level];
      const Vector high_b = (b + big[level]) - big[level];
      a -= high_a;
      b -= high_b;
      sum[level][0] += high_a;
      sum[level][1] += high_b;
    }
    left |= (a != 0) | (b != 0);
  }
  std::memcpy(lanes, sum, sizeof(sum));
  return (left[0] | left[1] | left[2] | left[3]) == 0;
}

[[gnu::always_inline]] inline double largest(const double* x, std::size_t n) noexcept {
  Vector a = {}, b = {};
  for (std::size_t i = 0; i < n; i += 8) {
    const Vector u = at(x, i).of, v = at(x, i + 4).of;
    const Vector x0 = u < 0 ? -u : u, x1 = v < 0 ? -v : v;
    a = x0 > a ? x0 : a;
    b = x1 > b ? x1 : b;
  }
  a = a > b ? a : b;
  double most = 0;
  for (int l = 0; l < 4; ++l) most = a[l] > most ? a[l] : most;
  return most;
}

// Dekker's product of two doubles below 2^990 (Numerische Mathematik 18, 1971).
[[gnu::always_inline]] inline void product_error(const Vector& a, const Vector& b,
                                                 const Vector& product, Vector& error) noexcept {
  const Vector ca = a * 134217729.0, cb = b * 134217729.0;
  const Vector a1 = ca - (ca - a), b1 = cb - (cb - b);
  const Vector a2 = a - a1, b2 = b - b1;
  error = a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2);
}

[[gnu::always_inline]] inline bool split(const double* a, const double* b, std::size_t n,
                                         double* high, double* low) noexcept {
  Mask fine = ~Mask{};
  for (std::size_t i = 0; i < n; i += 4) {
    const Vector x = at(a, i).of, y = at(b, i).of;
    const Vector product = x * y;
    Vector error;
    product_error(x, y, product, error);
    const Vector size = product < 0 ? -product : product;
    const Vector ax = x < 0 ? -x : x, ay = y < 0 ? -y : y;
    fine &= ((size > 0x1p-900) & (size < 0x1p990) & (ax < 0x1p990) & (ay < 0x1p990)) |
            (((x == 0) | (y == 0)) & (ax < 0x1p990) & (ay < 0x1p990));
    std::memcpy(high + i, &product, sizeof product);
    std::memcpy(low + i, &error, sizeof error);
  }
  return (fine[0] & fine[1] & fine[2] & fine[3]) != 0;
}

#define PEL_KERNELS(NAME, TARGET)                                                                \
  struct NAME {                                                                                  \
    TARGET static bool extract2(const double* x, std::size_t n, double top,                      \
                                double* lanes) noexcept {                                        \
      return extract<2>(x, n, top, lanes);                                                       \
    }                                                                                            \
    TARGET static bool extract3(const double* x, std::size_t n, double top,                      \
                                double* lanes) noexcept {                                        \
      return extract<3>(x, n, top, lanes);                                                       \
    }                                                                                            \
    TARGET static double most(const double* x, std::size_t n) noexcept { return largest(x, n); } \
    TARGET static bool products(const double* a, const double* b, std::size_t n, double* high,   \
                                double* low) noexcept {                                          \
      return split(a, b, n, high, low);                                                          \
    }                                                                                            \
    static constexpr ExactKernels kAll{extract2, extract3, most, products};                      \
  };
PEL_KERNELS(Baseline, )
#if defined(__x86_64__)
PEL_KERNELS(Avx2, [[gnu::target("avx2")]])
PEL_KERNELS(Avx512, [[gnu::target("avx512f")]])
#endif
#undef PEL_KERNELS

}  // namespace

const ExactKernels& exact_kernels_for(const base::CpuFeatures& cpu) noexcept {
#if defined(__x86_64__)
  if (cpu.v4) return Avx512::kAll;
  if (cpu.v3) return Avx2::kAll;
#else
  static_cast<void>(cpu);
#endif
  return Baseline::kAll;
}

const ExactKernels& exact_kernels() noexcept {
  static const ExactKernels& best = exact_kernels_for(base::cpu_features());
  return best;
}

int sum_block(const double* x, std::size_t n, int levels, double* lanes,
              const ExactKernels& k) noexcept {
  double padded[kExactBlock];
  if (n % 8 != 0) {
    std::memcpy(padded, x, n * sizeof(double));
    for (; n % 8 != 0; ++n) padded[n] = 0;
    x = padded;
  }
  const double most = k.largest(x, n);
  if (!(most > 0x1p-800 && most < 0x1p900)) return 0;
  const double top = std::ldexp(1.5, std::ilogb(most) + 12);
  if (levels == 2 && k.extract2(x, n, top, lanes)) return 2;
  return k.extract3(x, n, top, lanes) ? 3 : 0;
}

bool split_products(const double* a, const double* b, std::size_t n, double* high, double* low,
                    const ExactKernels& k) noexcept {
  const std::size_t whole = n / 4 * 4;
  if (!k.split(a, b, whole, high, low)) return false;
  if (whole == n) return true;
  double x[4] = {}, y[4] = {}, h[4], l[4];
  std::memcpy(x, a + whole, (n - whole) * sizeof(double));
  std::memcpy(y, b + whole, (n - whole) * sizeof(double));
  if (!k.split(x, y, 4, h, l)) return false;
  std::memcpy(high + whole, h, (n - whole) * sizeof(double));
  std::memcpy(low + whole, l, (n - whole) * sizeof(double));
  return true;
}

}  // namespace pel::detail
