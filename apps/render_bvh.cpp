// SPDX-License-Identifier: Apache-2.0
#include "apps/render_bvh.hpp"

#include <algorithm>

#include "pel/detail/base/check.hpp"

namespace pel::apps {
namespace {

constexpr std::size_t kBins = 16;

struct Bin {
  Box box;
  std::uint32_t count = 0;
};

// Cost of testing n triangles, in packets of four; a node costs as much as one packet.
float cost_of(const Box& box, std::uint32_t count) {
  return box.area() * float((count + 3) / 4);
}

struct Cut {
  std::size_t axis = 0, bin = 0;  // right of this bin
  float cost = std::numeric_limits<float>::infinity();
};

// The cheapest cut between two bins of one axis.
Cut best_cut(const std::array<Bin, kBins>& bins, std::size_t axis) {
  std::array<float, kBins> right{};
  Box box;
  std::uint32_t count = 0;
  for (std::size_t i = kBins; i-- > 1;) {
    box.grow(bins[i].box);
    count += bins[i].count;
    right[i] = count == 0 ? std::numeric_limits<float>::infinity() : cost_of(box, count);
  }
  box = {};
  count = 0;
  Cut best;
  for (std::size_t i = 0; i + 1 < kBins; ++i) {
    box.grow(bins[i].box);
    count += bins[i].count;
    const float cost = cost_of(box, count) + right[i + 1];
    if (count > 0 && cost < best.cost) best = {axis, i, cost};
  }
  return best;
}

Vec3 middle_of(const Box& box) { return (box.low + box.high) * 0.5f; }

std::size_t bin_of(float place, float low, float scale) {
  return std::min(kBins - 1, std::size_t(std::max(0.0f, (place - low) * scale)));
}

}  // namespace

Bvh::Builder::Builder(const Scene& scene) {
  boxes.reserve(scene.triangles.size());
  for (const Triangle& triangle : scene.triangles) {
    Box box;
    for (const std::uint32_t corner : triangle.position) box.grow(scene.positions[corner]);
    order.push_back(std::uint32_t(boxes.size()));
    boxes.push_back(box);
  }
  nodes.resize(2 * boxes.size());
}

std::uint32_t Bvh::Builder::partition(std::uint32_t node, Part part) {
  const auto [begin, end, depth] = part;
  Box box, centres;
  for (std::uint32_t i = begin; i < end; ++i) {
    box.grow(boxes[order[i]]);
    centres.grow(middle_of(boxes[order[i]]));
  }
  nodes[node] = {box, begin, end, 0};
  const std::uint32_t count = end - begin;
  if (count <= kLeafSize) return begin;
  if (depth >= kMaxCuts) return begin + count / 2;
  Cut best;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float low = centres.low[axis], width = centres.high[axis] - low;
    if (!(width > 0)) continue;
    std::array<Bin, kBins> bins;
    for (std::uint32_t i = begin; i < end; ++i) {
      const Box& one = boxes[order[i]];
      Bin& bin = bins[bin_of(middle_of(one)[axis], low, float(kBins) / width)];
      bin.box.grow(one);
      ++bin.count;
    }
    const Cut cut = best_cut(bins, axis);
    if (cut.cost < best.cost) best = cut;
  }
  const auto first = order.begin() + begin, last = order.begin() + end;
  if (best.cost < std::numeric_limits<float>::infinity()) {
    const float low = centres.low[best.axis], width = centres.high[best.axis] - low;
    const auto middle = std::stable_partition(first, last, [&](std::uint32_t i) {
      const float place = middle_of(boxes[i])[best.axis];
      return bin_of(place, low, float(kBins) / width) <= best.bin;
    });
    const auto left = std::uint32_t(middle - first);
    if (left > 0 && left < count) return begin + left;
  }
  return begin + count / 2;
}

void Bvh::collapse(const Builder& builder, const Scene& scene) {
  bounds_ = builder.nodes[0].box;
  packets_.reserve(scene.triangles.size() / 2 + 1);
  nodes_.reserve(scene.triangles.size() / 4 + 1);
  root_ = collapse_node(builder, scene, 0);
}

std::int32_t Bvh::collapse_node(const Builder& builder, const Scene& scene, std::uint32_t node) {
  const auto& nodes = builder.nodes;
  if (nodes[node].right == 0) return add_packet(builder, scene, nodes[node]);
  // Opens the child with the largest surface until there are four.
  std::array<std::uint32_t, 4> open{node + 1, nodes[node].right};
  std::size_t count = 2;
  while (count < 4) {
    std::size_t widest = 4;
    for (std::size_t i = 0; i < count; ++i) {
      if (nodes[open[i]].right == 0) continue;
      if (widest == 4 || nodes[open[i]].box.area() > nodes[open[widest]].box.area()) widest = i;
    }
    if (widest == 4) break;
    const std::uint32_t opened = open[widest];
    open[widest] = opened + 1;
    open[count++] = nodes[opened].right;
  }
  const auto index = std::int32_t(nodes_.size());
  nodes_.emplace_back();
  for (std::size_t i = 0; i < 4; ++i) {
    const Box box = i < count ? nodes[open[i]].box : Box{};
    const std::int32_t child = i < count ? collapse_node(builder, scene, open[i]) : kNone;
    Node& made = nodes_[std::size_t(index)];
    made.child[i] = child;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      made.low[axis][i] = box.low[axis];
      made.high[axis][i] = box.high[axis];
    }
  }
  return index;
}

std::int32_t Bvh::add_packet(const Builder& builder, const Scene& scene, const Binary& leaf) {
  PEL_CHECK(leaf.end - leaf.begin <= kLeafSize);
  Packet packet;
  for (std::uint32_t i = leaf.begin; i < leaf.end; ++i) {
    const std::size_t lane = i - leaf.begin;
    const Triangle& triangle = scene.triangles[builder.order[i]];
    const Vec3 corner = scene.positions[triangle.position[0]];
    const Vec3 edge1 = scene.positions[triangle.position[1]] - corner;
    const Vec3 edge2 = scene.positions[triangle.position[2]] - corner;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      packet.corner[axis][lane] = corner[axis];
      packet.edge1[axis][lane] = edge1[axis];
      packet.edge2[axis][lane] = edge2[axis];
    }
    packet.id[lane] = builder.order[i];
  }
  packets_.push_back(packet);
  return ~std::int32_t(packets_.size() - 1);
}

}  // namespace pel::apps
