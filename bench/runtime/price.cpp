// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <memory>
#include <vector>

#include "bench/contender.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"

// What the promise costs: pel against pel with the promise off. The input holds small integers, so
// that every order of addition gives the same sum and the rows compare equal work.
namespace pel::bench {
namespace {

struct Input {
  explicit Input(std::uint64_t size, int workers)
      : values(size), executor(ExecutorOptions{.workers = workers}) {
    for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<double>(i % 1024);
  }
  std::vector<double> values;
  Executor executor;
};

double sum_tree(const Input& input) { return reduce(input.values, 0.0, std::plus<>()); }
double sum_fold(const Input& input) { return reduce(left_fold, input.values, 0.0, std::plus<>()); }
double sum_exact(const Input& input) { return reduce(exact, input.values); }

// Every worker adds what it happens to run to a sum of its own: fast, and different on every run
// for sums that round.
double sum_unpromised(const Input& input) {
  struct alignas(64) Cell {
    double sum = 0;
  };
  constexpr std::size_t kBlock = 4096;
  std::vector<Cell> cells(static_cast<std::size_t>(worker_limit()));
  const std::size_t blocks = (input.values.size() + kBlock - 1) / kBlock;
  for_each(blocks, [&](std::size_t block) {
    const std::size_t first = block * kBlock;
    const std::size_t last = std::min(first + kBlock, input.values.size());
    double lanes[8] = {};
    std::size_t i = first;
    for (; i + 8 <= last; i += 8) {
      for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += input.values[i + lane];
    }
    for (; i < last; ++i) lanes[0] += input.values[i];
    for (const double lane : lanes) cells[static_cast<std::size_t>(worker_index())].sum += lane;
  });
  double sum = 0;
  for (const Cell& cell : cells) sum += cell.sum;
  return sum;
}

Contender contender(const char* bench, const char* name, double (*kernel)(const Input&)) {
  return {
      bench, name, [kernel](std::uint64_t size, int workers) -> Body {
        return [kernel, input = std::make_shared<Input>(size, workers)] {
          return input->executor.run([&] { return static_cast<std::uint64_t>(kernel(*input)); });
        };
      }};
}

const bool added = add(contender("reduce_unordered", "pel", sum_tree)) &&
                   add(contender("reduce_unordered", "unpromised", sum_unpromised)) &&
                   add(contender("reduce_exact", "pel", sum_exact)) &&
                   add(contender("reduce_exact", "tree", sum_tree)) &&
                   add(contender("reduce_left_fold", "pel", sum_fold)) &&
                   add(contender("reduce_left_fold", "tree", sum_tree));

}  // namespace
}  // namespace pel::bench
