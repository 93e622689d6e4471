// SPDX-License-Identifier: Apache-2.0
#include "apps/render/bvh.hpp"

#include <algorithm>

#include "pel/detail/base/check.hpp"

namespace pel::apps {
namespace {

constexpr std::size_t kBins = 16;

struct Bin {
  WideBox box;
  std::uint32_t count = 0;
};
using Bins = std::array<Bin, kBins>;

// Cost of testing n triangles, in packets of four; a node costs as much as one packet.
float cost_of(const WideBox& box, std::uint32_t count) {
  return count == 0 ? 0 : box.narrow().area() * float((count + 3) / 4);
}

struct Cut {
  std::size_t axis = 0, bin = 0;  // right of this bin
  float cost = std::numeric_limits<float>::infinity();
};

// The cheapest cut between two bins of one axis.
Cut best_cut(const Bins& bins, std::size_t axis) {
  std::array<float, kBins> right{};
  WideBox box;
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

// Which bin of each axis a box falls into.
class Binning {
 public:
  explicit Binning(const WideBox& centres)
      : low_(centres.low), scale_(Float4(float(kBins)) / (centres.high - centres.low)) {}

  std::array<std::size_t, 3> operator()(const WideBox& box) const {
    // Not a number, where all centres agree, becomes zero.
    const Float4 place =
        min(max((box.middle() - low_) * scale_, Float4(0.0f)), Float4(float(kBins - 1)));
    alignas(16) std::array<float, 4> lanes;
    place.store(lanes.data());
    return {std::size_t(std::int32_t(lanes[0])), std::size_t(std::int32_t(lanes[1])),
            std::size_t(std::int32_t(lanes[2]))};
  }

 private:
  Float4 low_, scale_;
};

WideBox wide(Vec3 point) {
  alignas(16) const std::array<float, 4> lanes{point.x, point.y, point.z, 0};
  return {Float4::load(lanes.data()), Float4::load(lanes.data())};
}

}  // namespace

Bvh::Builder::Builder(const Scene& scene) {
  boxes.reserve(scene.triangles.size());
  for (const Triangle& triangle : scene.triangles) {
    WideBox box;
    for (const std::uint32_t corner : triangle.position) box.grow(wide(scene.positions[corner]));
    order.push_back(std::uint32_t(boxes.size()));
    boxes.push_back(box);
  }
  nodes.resize(2 * boxes.size());
}

std::uint32_t Bvh::Builder::partition(std::uint32_t node, Part part) {
  const auto [begin, end, depth] = part;
  WideBox box, centres;
  for (std::uint32_t i = begin; i < end; ++i) {
    const WideBox& one = boxes[order[i]];
    box.grow(one);
    centres.grow({one.middle(), one.middle()});
  }
  nodes[node] = {box.narrow(), begin, end, 0};
  const std::uint32_t count = end - begin;
  if (count <= kLeafSize) return begin;
  if (depth >= kMaxCuts) return begin + count / 2;
  const Binning binning(centres);
  std::array<Bins, 3> bins;
  for (std::uint32_t i = begin; i < end; ++i) {
    const WideBox& one = boxes[order[i]];
    const auto at = binning(one);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      bins[axis][at[axis]].box.grow(one);
      ++bins[axis][at[axis]].count;
    }
  }
  Cut best;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Cut cut = best_cut(bins[axis], axis);
    if (cut.cost < best.cost) best = cut;
  }
  const auto first = order.begin() + begin;
  const auto middle = std::stable_partition(first, order.begin() + end, [&](std::uint32_t i) {
    return binning(boxes[i])[best.axis] <= best.bin;
  });
  const auto left = std::uint32_t(middle - first);
  return left > 0 && left < count ? begin + left : begin + count / 2;
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
    const std::int32_t child = i < count ? collapse_node(builder, scene, open[i]) : 0;
    Node& made = nodes_[std::size_t(index)];
    made.child[i] = child;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      made.plane[0][axis][i] = box.low[axis];
      made.plane[1][axis][i] = box.high[axis];
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
