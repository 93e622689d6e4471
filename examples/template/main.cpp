// SPDX-License-Identifier: Apache-2.0
// The mean of a million draws, in parallel. Try: my_program --seed 7 --workers 3 --verify --json
#include <cstdio>
#include <functional>

#include "pel/loops.hpp"
#include "pel/main.hpp"
#include "pel/random.hpp"

int main(int argc, char** argv) {
  return pel::main(argc, argv, [](pel::Run& run) {
    const pel::Philox random(run.seed());
    const std::size_t draws = 1'000'000;
    const double sum = pel::transform_reduce(draws, 0.0, std::plus<>(),
                                             [&](std::size_t i) { return random.uniform(i); });
    char line[64];
    std::snprintf(line, sizeof line, "mean %.17g", sum / static_cast<double>(draws));
    run.say(line);
    run.output(line);  // what --out writes, the digest names and --verify compares
  });
}
