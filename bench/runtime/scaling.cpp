// SPDX-License-Identifier: Apache-2.0
#include "bench/runtime/scaling.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "base/files.hpp"
#include "bench/measure.hpp"
#include "bench/runtime/fib.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/random.hpp"

namespace pel::bench {
namespace {

struct Kernel {
  const char* name;
  std::function<void(std::uint64_t units)> run;  // work grows in proportion to units
};

// Fork-join only; compute-bound and memory-bound loops.
std::vector<Kernel> kernels() {
  return {{"fib", [](std::uint64_t units) { for_each(units, [](std::size_t) { keep(fib(27)); }); }},
          {"monte_carlo",
           [](std::uint64_t units) {
             const Philox random(7);
             keep(transform_reduce(units * 2'000'000, 0.0, std::plus<>(), [&](std::size_t i) {
               const double x = random.uniform(2 * i);
               const double y = random.uniform(2 * i + 1);
               return x * x + y * y < 1.0 ? 1.0 : 0.0;
             }));
           }},
          {"sort", [](std::uint64_t units) {
             std::vector<std::uint64_t> keys(units * 500'000);
             const Philox random(11);
             generate(keys, [&](std::size_t i) { return random.bits(i); });
             sort(keys);
             keep(keys.front());
           }}};
}

struct Point {
  std::string name;
  int workers;
  double strong_ns;
  double weak_ns;
};

double best_ns(const Kernel& kernel, int workers, std::uint64_t units) {
  Executor executor(ExecutorOptions{.workers = workers});
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t start = now_ns();
    executor.run([&] { kernel.run(units); });
    const auto took = static_cast<double>(now_ns() - start);
    best = i == 0 ? took : std::min(best, took);
  }
  return best;
}

std::string polyline(const std::vector<Point>& points, const std::string& name, const char* color,
                     int max_workers) {
  std::string path;
  double base = 0;
  for (const Point& point : points) {
    if (point.name != name) continue;
    if (base == 0) base = point.strong_ns;
    char text[64];
    std::snprintf(text, sizeof text, "%.1f,%.1f ", 60.0 + 480.0 * point.workers / max_workers,
                  340.0 - 300.0 * (base / point.strong_ns) / max_workers);
    path += text;
  }
  return "<polyline fill=\"none\" stroke-width=\"2.5\" stroke=\"" + std::string(color) +
         "\" points=\"" + path + "\"><title>" + name + "</title></polyline>\n";
}

void draw(const std::string& file, const std::vector<Point>& points, int max_workers) {
  static constexpr const char* kColors[] = {"#2563eb", "#059669", "#d97706"};
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 400\" "
      "font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"600\" height=\"400\" "
      "fill=\"white\"/>\n<path d=\"M60 40V340H540\" fill=\"none\" stroke=\"#64748b\"/>\n";
  char text[256];
  std::snprintf(text, sizeof text,
                "<path d=\"M%.1f %.1fL540 40\" stroke=\"#cbd5e1\" stroke-dasharray=\"5 5\"/>\n",
                60.0 + 480.0 / max_workers, 340.0 - 300.0 / max_workers);
  svg += text;
  const std::vector<Kernel> all = kernels();
  for (std::size_t i = 0; i < all.size(); ++i) {
    svg += polyline(points, all[i].name, kColors[i], max_workers);
    std::snprintf(text, sizeof text, "<text x=\"%zu\" y=\"25\" fill=\"%s\">%s</text>\n",
                  70 + 130 * i, kColors[i], all[i].name);
    svg += text;
  }
  std::snprintf(text, sizeof text,
                "<text x=\"300\" y=\"380\" text-anchor=\"middle\">workers (to %d)</text>\n"
                "<text x=\"20\" y=\"190\" transform=\"rotate(-90 20 190)\" "
                "text-anchor=\"middle\">speed-up (to %d)</text>\n</svg>\n",
                max_workers, max_workers);
  svg += text;
  base::write_text(file, svg);
}

}  // namespace

void run_scaling(const ScalingOptions& options) {
  std::vector<int> counts;
  for (int workers = 1; workers < options.max_workers; workers *= 2) counts.push_back(workers);
  counts.push_back(options.max_workers);
  std::vector<Point> points;
  if (!options.json) {
    std::printf("%-14s %7s %12s %8s %7s %12s %7s\n", "scaling", "workers", "strong ms", "speed-up",
                "of max", "weak ms", "of max");
  }
  for (const Kernel& kernel : kernels()) {
    double strong_one = 0;
    double weak_one = 0;
    for (const int workers : counts) {
      const double strong = best_ns(kernel, workers, 16);
      const double weak = best_ns(kernel, workers, 8 * static_cast<std::uint64_t>(workers));
      if (workers == 1) strong_one = strong, weak_one = weak;
      points.push_back({kernel.name, workers, strong, weak});
      std::printf(options.json ? "{\"bench\":\"scaling_%s\",\"workers\":%d,\"strong_ns\":%.6g,"
                                 "\"speed_up\":%.3f,\"efficiency\":%.3f,\"weak_ns\":%.6g,"
                                 "\"weak_efficiency\":%.3f}\n"
                               : "%-14s %7d %12.4g %8.2f %6.1f%% %12.4g %6.1f%%\n",
                  kernel.name, workers, options.json ? strong : strong / 1e6, strong_one / strong,
                  strong_one / strong / workers * (options.json ? 1 : 100),
                  options.json ? weak : weak / 1e6, weak_one / weak * (options.json ? 1 : 100));
      std::fflush(stdout);
    }
  }
  draw(options.plot, points, options.max_workers);
  if (!options.json) std::printf("drawn in %s\n", options.plot.c_str());
}

}  // namespace pel::bench
