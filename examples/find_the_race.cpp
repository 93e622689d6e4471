// SPDX-License-Identifier: Apache-2.0
// A sum with the mistake that everybody makes once. `find_the_race --verify` names its line;
// `find_the_race --fixed --verify` passes.
#include <functional>
#include <vector>

#include "pel/loops.hpp"
#include "pel/main.hpp"
#include "pel/random.hpp"

namespace {

constexpr std::size_t kDraws = 50'000;

double racing(const pel::Philox& random) {
  double sum = 0;
  pel::for_each(kDraws, [&](std::size_t i) { sum += random.uniform(i); });
  return sum;
}

double fixed(const pel::Philox& random) {
  return pel::transform_reduce(kDraws, 0.0, std::plus<>(),
                               [&](std::size_t i) { return random.uniform(i); });
}

}  // namespace

int main(int argc, char** argv) {
  pel::ProgramInfo info;
  info.summary = "adds random numbers";
  info.options = {{"--fixed", "", "the version without the race"}};
  return pel::main(
      argc, argv,
      [](pel::Run& run) {
        const pel::Philox random(run.seed());
        run.output(std::vector<double>{run.has("--fixed") ? fixed(random) : racing(random)});
      },
      info);
}
