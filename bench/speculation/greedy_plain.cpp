// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "bench/contender.hpp"
#include "bench/speculation/greedy.hpp"
#include "pel/random.hpp"

namespace pel::bench {
namespace {

// Marks by vertex, as the serial algorithm keeps them.
struct Marks {
  std::vector<std::uint32_t> values;
  std::uint32_t read(std::uint32_t vertex) const { return values[vertex]; }
  void write(std::uint32_t vertex, std::uint32_t mark) { values[vertex] = mark; }
};

struct Input {
  Input(const GreedyKind& of_kind, std::uint64_t vertices)
      : kind(of_kind), graph(make_graph(vertices)), turns(work_turns(of_kind.work_us)) {}
  const GreedyKind& kind;
  Graph graph;
  Marks marks;
  std::uint64_t turns;
};

std::uint64_t solve(Input& input) {
  const Graph& graph = input.graph;
  Marks& marks = input.marks;
  marks.values.assign(graph.vertices, 0);
  std::uint64_t sum = 0;
  if (input.kind.matches) {
    for (std::size_t e = 0; e < graph.edges.size(); ++e) {
      sum += work(e, input.turns);
      visit_edge(graph, e, marks);
    }
  } else {
    for (std::size_t v = 0; v < graph.vertices; ++v) {
      sum += work(v, input.turns);
      visit_vertex(graph, v, marks);
    }
  }
  for (std::uint32_t v = 0; v < graph.vertices; ++v) {
    if (marks.values[v] != 0) sum += digest_of(v, marks.values[v]);
  }
  return sum;
}

bool add_all() {
  for (const GreedyKind& kind : kGreedyKinds) {
    add({kind.bench, "plain", [&kind](std::uint64_t vertices, int) -> Body {
           return [input = std::make_shared<Input>(kind, vertices)] { return solve(*input); };
         }});
  }
  return true;
}
const bool added = add_all();

}  // namespace

Graph make_graph(std::uint64_t vertices) {
  const Philox random(vertices);
  Graph graph;
  graph.vertices = static_cast<std::uint32_t>(vertices);
  for (std::uint64_t e = 0; e < 4 * vertices; ++e) {
    const auto a = static_cast<std::uint32_t>(random.below(2 * e, vertices));
    const auto b = static_cast<std::uint32_t>(random.below(2 * e + 1, vertices));
    if (a != b) graph.edges.emplace_back(a, b);
  }
  graph.first.assign(vertices + 1, 0);
  for (const auto& [a, b] : graph.edges) ++graph.first[std::max(a, b) + 1];
  for (std::uint64_t v = 0; v < vertices; ++v) graph.first[v + 1] += graph.first[v];
  graph.earlier.resize(graph.edges.size());
  std::vector<std::uint32_t> next(graph.first.begin(), graph.first.end() - 1);
  for (const auto& [a, b] : graph.edges) graph.earlier[next[std::max(a, b)]++] = std::min(a, b);
  return graph;
}

}  // namespace pel::bench
