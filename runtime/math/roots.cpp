// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/double_double.hpp"
#include "runtime/math/tables_circular.hpp"

namespace pel::math {

using namespace detail;

double cbrt(double x) noexcept {
  if (x == 0 || !(abs(x) < kInfinity)) return x == x ? x : kNan;
  double a = abs(x);
  std::int64_t e = 0;
  if (a < 0x1p-1022) {
    a *= 0x1p54;
    e = -54;
  }
  const std::uint64_t bits = bits_of(a);
  e += static_cast<std::int64_t>(bits >> 52) - 1023 + 3000;  // a multiple of 3 keeps e positive
  const double m = from_bits((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  const double target = m * power_of_two(e % 3);  // [1, 8)
  double y = polynomial(kCbrtPoly, m) * kCbrtOfPower[e % 3];
  for (int step = 0; step < 2; ++step) {  // Halley's method: 15, 45, 53 bits
    const double cube = y * y * y;
    y = y * (cube + 2 * target) / (2 * cube + target);
  }
  const Dd square = two_prod(y, y);
  const Dd cube = multiply(square, y);
  const double rest = (target - cube.hi) - cube.lo;
  return copysign((y + rest / (3 * square.hi)) * power_of_two(e / 3 - 1000), x);
}

double hypot(double x, double y) noexcept {
  double a = abs(x), b = abs(y);
  if (a == kInfinity || b == kInfinity) return kInfinity;
  if (a != a || b != b) return kNan;
  if (a < b) {
    const double t = a;
    a = b;
    b = t;
  }
  if (b == 0 || a * 0x1p-60 > b) return a + b;
  const auto root = [&](double factor) {
    a *= factor;
    b *= factor;
    return square_root(add(two_prod(a, a), two_prod(b, b)));
  };
  if (a > 0x1p510) return root(0x1p-600).hi * 0x1p600;
  if (b >= 0x1p-450) return root(1).hi;
  const Dd up = root(0x1p600);
  return scale_down({up.hi * 0x1p400, up.lo * 0x1p400}, -1000);
}

}  // namespace pel::math
