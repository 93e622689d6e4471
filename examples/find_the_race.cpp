// SPDX-License-Identifier: Apache-2.0
// A histogram with the mistake that everybody makes once. `find_the_race --verify` names its line;
// `find_the_race --fixed --verify` passes.
#include <cstdint>
#include <vector>

#include "pel/loops.hpp"
#include "pel/main.hpp"
#include "pel/random.hpp"

namespace {

constexpr std::size_t kDraws = 50'000;
constexpr std::size_t kBins = 16;

std::vector<std::uint64_t> racing(const pel::Philox& random) {
  std::vector<std::uint64_t> bins(kBins);
  pel::for_each(kDraws, [&](std::size_t i) { ++bins[random.below(i, kBins)]; });
  return bins;
}

// Each block of draws counts into bins of its own; the blocks are added in order.
std::vector<std::uint64_t> fixed(const pel::Philox& random) {
  constexpr std::size_t kBlocks = 64;
  std::vector<std::vector<std::uint64_t>> blocks(kBlocks, std::vector<std::uint64_t>(kBins));
  pel::for_each(kBlocks, [&](std::size_t block) {
    for (std::size_t i = block; i < kDraws; i += kBlocks) ++blocks[block][random.below(i, kBins)];
  });
  std::vector<std::uint64_t> bins(kBins);
  for (const auto& block : blocks) {
    for (std::size_t bin = 0; bin < kBins; ++bin) bins[bin] += block[bin];
  }
  return bins;
}

}  // namespace

int main(int argc, char** argv) {
  pel::ProgramInfo info;
  info.summary = "counts random draws in 16 bins";
  info.options = {{"--fixed", "", "the version without the race"}};
  return pel::main(
      argc, argv,
      [](pel::Run& run) {
        const pel::Philox random(run.seed());
        run.output(run.has("--fixed") ? fixed(random) : racing(random));
      },
      info);
}
