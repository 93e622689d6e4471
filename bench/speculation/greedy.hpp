// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/speculation/payments.hpp"

// Greedy graph algorithms whose result is defined by an order, on random graphs of four edges a
// vertex: the independent set that takes each vertex that no earlier one forbids, and the matching
// that takes each edge whose ends are free.
namespace pel::bench {

struct Graph {
  std::uint32_t vertices = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  std::vector<std::uint32_t> earlier;  // of vertex v: its neighbours below v,
  std::vector<std::uint32_t> first;    // [first[v], first[v + 1])
};

Graph make_graph(std::uint64_t vertices);

struct GreedyKind {
  const char* bench;
  bool matches;  // a matching, else an independent set
  int work_us;   // of each vertex or edge
};

inline constexpr GreedyKind kGreedyKinds[] = {{"independent_set", false, 0},
                                              {"independent_set1us", false, 1},
                                              {"matching", true, 0},
                                              {"matching1us", true, 1}};

// One vertex, on any view with read and write: 1 is "taken".
template <class View>
void visit_vertex(const Graph& graph, std::size_t v, View& view) {
  for (std::uint32_t at = graph.first[v]; at < graph.first[v + 1]; ++at) {
    if (view.read(graph.earlier[at]) != 0) return;
  }
  view.write(static_cast<std::uint32_t>(v), 1);
}
// One edge: both its ends get its number, plus one.
template <class View>
void visit_edge(const Graph& graph, std::size_t e, View& view) {
  const auto [a, b] = graph.edges[e];
  if (view.read(a) != 0 || view.read(b) != 0) return;
  const auto mark = static_cast<std::uint32_t>(e + 1);
  view.write(a, mark);
  view.write(b, mark);
}

}  // namespace pel::bench
