// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bench/contender.hpp"
#include "bench/speculation/greedy.hpp"
#include "pel/speculation.hpp"

namespace pel::bench {
namespace {

struct Input {
  Input(const GreedyKind& of_kind, std::uint64_t vertices, int workers)
      : kind(of_kind),
        graph(make_graph(vertices)),
        executor(ExecutorOptions{.workers = workers}),
        turns(work_turns(of_kind.work_us)) {}
  const GreedyKind& kind;
  Graph graph;
  Executor executor;
  Speculator<std::uint32_t, std::uint32_t> marks;
  std::uint64_t turns;
};

template <class Visit>
std::uint64_t visit_all(Input& input, std::size_t n, Visit visit) {
  std::uint64_t sum = 0;
  input.executor.run([&] {
    input.marks.run(
        n, [](std::uint32_t) { return 0U; },
        [&](std::size_t i, auto& view) {
          const std::uint64_t result = work(i, input.turns);
          visit(input.graph, i, view);
          return result;
        },
        [&](std::size_t, std::uint64_t result, const auto&) { sum += result; });
  });
  input.marks.for_each_write(
      [&](std::uint32_t vertex, std::uint32_t mark) { sum += digest_of(vertex, mark); });
  return sum;
}

std::uint64_t solve(Input& input) {
  if (input.kind.matches) {
    return visit_all(input, input.graph.edges.size(),
                     [](const auto& graph, std::size_t e, auto& v) { visit_edge(graph, e, v); });
  }
  return visit_all(input, input.graph.vertices, [](const auto& graph, std::size_t i, auto& view) {
    visit_vertex(graph, i, view);
  });
}

bool add_all() {
  for (const GreedyKind& kind : kGreedyKinds) {
    add({kind.bench, "pel", [&kind](std::uint64_t vertices, int workers) -> Body {
           return
               [input = std::make_shared<Input>(kind, vertices, workers)] { return solve(*input); };
         }});
  }
  return true;
}
const bool added = add_all();

}  // namespace
}  // namespace pel::bench
