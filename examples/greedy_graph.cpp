// SPDX-License-Identifier: Apache-2.0
// Greedy graph algorithms whose result is defined by an order: the independent set that takes each
// vertex that no earlier one forbids, and the matching that takes each edge with two free ends. The
// loop below is the serial one; pel::Speculator runs it in parallel with the same result.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pel/main.hpp"
#include "pel/random.hpp"
#include "pel/speculation.hpp"

namespace {

constexpr std::size_t kVertices = 20'000;
constexpr std::size_t kEdges = 80'000;

struct Graph {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  std::vector<std::vector<std::uint32_t>> neighbours;
};

Graph random_graph(std::uint64_t seed) {
  const pel::Philox random(seed);
  Graph graph;
  graph.neighbours.resize(kVertices);
  for (std::size_t e = 0; e < kEdges; ++e) {
    const auto a = static_cast<std::uint32_t>(random.below(2 * e, kVertices));
    const auto b = static_cast<std::uint32_t>(random.below(2 * e + 1, kVertices));
    if (a == b) continue;
    graph.edges.emplace_back(a, b);
    graph.neighbours[a].push_back(b);
    graph.neighbours[b].push_back(a);
  }
  return graph;
}

// Any view with read and write: the speculator's, or the plain one below.
template <class View>
void visit_vertex(const Graph& graph, std::size_t v, View& view) {
  for (const std::uint32_t neighbour : graph.neighbours[v]) {
    if (neighbour < v && view.read(neighbour) != 0) return;
  }
  view.write(static_cast<std::uint32_t>(v), 1);
}
template <class View>
void visit_edge(const Graph& graph, std::size_t e, View& view) {
  const auto [a, b] = graph.edges[e];
  if (view.read(a) != 0 || view.read(b) != 0) return;
  const auto mark = static_cast<std::uint32_t>(e + 1);
  view.write(a, mark);
  view.write(b, mark);
}

struct PlainView {
  std::vector<std::uint32_t> values = std::vector<std::uint32_t>(kVertices);
  std::uint32_t read(std::uint32_t key) const { return values[key]; }
  void write(std::uint32_t key, std::uint32_t value) { values[key] = value; }
};

template <class Visit>
std::vector<std::uint32_t> serial(std::size_t n, Visit visit) {
  PlainView view;
  for (std::size_t i = 0; i < n; ++i) visit(i, view);
  return view.values;
}

template <class Visit>
std::vector<std::uint32_t> parallel(std::size_t n, Visit visit) {
  std::vector<std::uint32_t> values(kVertices);
  pel::speculate<std::uint32_t, std::uint32_t>(
      n, [](std::uint32_t) { return 0U; }, visit,
      [&](std::uint32_t key, std::uint32_t value) { values[key] = value; });
  return values;
}

template <class Visit>
void compare(pel::Run& run, const std::string& name, std::size_t n, Visit visit) {
  const std::vector<std::uint32_t> values = parallel(n, visit);
  if (values != serial(n, visit)) run.fail(name + " differs from the serial one");
  std::size_t taken = 0;
  for (const std::uint32_t value : values) taken += value != 0 ? 1 : 0;
  run.say(name + ": " + std::to_string(taken) + " vertices, as by the serial loop");
  run.output(values);
}

}  // namespace

int main(int argc, char** argv) {
  pel::ProgramInfo info;
  info.summary = "greedy independent set and matching of a random graph";
  return pel::main(
      argc, argv,
      [](pel::Run& run) {
        const Graph graph = random_graph(run.seed());
        compare(run, "independent set", kVertices,
                [&](std::size_t v, auto& view) { visit_vertex(graph, v, view); });
        compare(run, "matching", graph.edges.size(),
                [&](std::size_t e, auto& view) { visit_edge(graph, e, view); });
      },
      info);
}
