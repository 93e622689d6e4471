// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "apps/render/scene.hpp"
#include "apps/render/vec.hpp"

namespace pel::apps {

struct Ray {
  Vec3 origin, direction;
};

// Where a ray meets a triangle: distance, which one, barycentric coordinates of corners 1 and 2.
struct Hit {
  float distance = std::numeric_limits<float>::infinity();
  std::uint32_t triangle = ~std::uint32_t{0};
  float u = 0, v = 0;

  bool found() const { return triangle != ~std::uint32_t{0}; }
};

struct Box {
  Vec3 low{kFar, kFar, kFar}, high{-kFar, -kFar, -kFar};

  static constexpr float kFar = std::numeric_limits<float>::max();
  void grow(Vec3 p) { low = min(low, p), high = max(high, p); }
  void grow(const Box& b) { low = min(low, b.low), high = max(high, b.high); }
  // Half the surface, which is what chances are proportional to.
  float area() const {
    const Vec3 d = high - low;
    return d.x < 0 ? 0 : d.x * d.y + d.y * d.z + d.z * d.x;
  }
};

// A box as the builder grows it: one instruction a corner.
struct WideBox {
  Float4 low{Box::kFar}, high{-Box::kFar};

  void grow(const WideBox& b) { low = min(b.low, low), high = max(b.high, high); }
  Float4 middle() const { return (low + high) * Float4(0.5f); }
  Box narrow() const {
    alignas(16) std::array<float, 4> l, h;
    low.store(l.data()), high.store(h.data());
    return {{l[0], l[1], l[2]}, {h[0], h[1], h[2]}};
  }
};

// A tree of boxes over triangles: built as a binary tree by the surface area heuristic in bins
// (Wald, "On fast construction of SAH-based bounding volume hierarchies", 2007), searched as a tree
// of four-way nodes whose boxes, and leaves whose triangles, are tested four at once. The tree is a
// function of the scene alone. Read-only once built: any number of threads may search.
class Bvh {
 public:
  // O(n log n); the two halves of each split are built side by side by Loops::invoke. The scene
  // must have a triangle.
  template <class Loops>
  static Bvh build(const Scene& scene) {
    Builder builder(scene);
    builder.template split<Loops>(0, {0, std::uint32_t(builder.order.size()), 0});
    Bvh bvh;
    bvh.collapse(builder, scene);
    return bvh;
  }

  // The nearest hit with 0 < distance < `most`.
  Hit nearest(const Ray& ray, float most = std::numeric_limits<float>::infinity()) const {
    Hit hit;
    hit.distance = most;
    search<false>(ray, hit);
    return hit;
  }
  // Whether anything lies closer than `most`.
  bool blocked(const Ray& ray, float most) const {
    Hit hit;
    hit.distance = most;
    return search<true>(ray, hit);
  }

  const Box& bounds() const { return bounds_; }
  std::size_t node_count() const { return nodes_.size(); }

 private:
  static constexpr std::uint32_t kLeafSize = 4;

  // A binary node over order[begin, end); its children are node + 1 and node + 2 * (size of left).
  struct Binary {
    Box box;
    std::uint32_t begin = 0, end = 0, right = 0;  // right: 0 for a leaf
  };

  struct Builder {
    explicit Builder(const Scene& scene);
    struct Part {
      std::uint32_t begin, end, depth;
    };
    // Splits a part of the order for `node`; returns where, or its begin if it is to be a leaf.
    std::uint32_t partition(std::uint32_t node, Part part);

    template <class Loops>
    void split(std::uint32_t node, Part part) {
      const std::uint32_t middle = partition(node, part);
      if (middle == part.begin) return;
      const std::uint32_t right = node + 2 * (middle - part.begin);
      nodes[node].right = right;
      const Part low{part.begin, middle, part.depth + 1}, high{middle, part.end, part.depth + 1};
      if (part.end - part.begin < kForkSize) {
        split<Loops>(node + 1, low);
        split<Loops>(right, high);
      } else {
        Loops::invoke([&] { split<Loops>(node + 1, low); }, [&] { split<Loops>(right, high); });
      }
    }

    static constexpr std::uint32_t kForkSize = 256;  // below, a fork is not worth its bookkeeping
    std::vector<WideBox> boxes;                      // by triangle
    std::vector<std::uint32_t> order;
    std::vector<Binary> nodes;
  };

  // Child k: an inner node if >= 0, a leaf packet if < 0 (as ~index). A child that is not there has
  // its low planes beyond its high ones, so that no ray passes.
  struct alignas(64) Node {
    std::array<std::array<std::array<float, 4>, 3>, 2> plane;  // low, high; by axis; by child
    std::array<std::int32_t, 4> child;
  };
  // Four triangles as corner and edges; a lane without one has edges of length zero.
  struct alignas(16) Packet {
    std::array<std::array<float, 4>, 3> corner{}, edge1{}, edge2{};
    std::array<std::uint32_t, 4> id{};
  };

  void collapse(const Builder& builder, const Scene& scene);
  std::int32_t collapse_node(const Builder& builder, const Scene& scene, std::uint32_t node);
  std::int32_t add_packet(const Builder& builder, const Scene& scene, const Binary& leaf);

  // A ray as the tests want it: every lane the same.
  struct Lanes {
    std::array<Float4, 3> origin, direction, inverse;
    std::array<std::size_t, 3> near;  // which plane of an axis the ray meets first

    explicit Lanes(const Ray& ray) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const float d = ray.direction[axis];
        const float safe = std::abs(d) < 1e-18f ? std::copysign(1e-18f, d) : d;
        origin[axis] = Float4(ray.origin[axis]);
        direction[axis] = Float4(d);
        inverse[axis] = Float4(1 / safe);
        near[axis] = safe < 0 ? 1 : 0;
      }
    }
  };

  // Bit k: the ray passes child k before `most`; then near[k] is where it enters.
  static int enter(const Node& node, const Lanes& ray, float most, float* near) {
    Float4 first(0.0f), last(most);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t side = ray.near[axis];
      const Float4 in = Float4::load(node.plane[side][axis].data());
      const Float4 out = Float4::load(node.plane[1 - side][axis].data());
      first = max((in - ray.origin[axis]) * ray.inverse[axis], first);
      last = min((out - ray.origin[axis]) * ray.inverse[axis], last);
    }
    first.store(near);
    // Rounding of the three products must not lose a box that is touched (Ize, "Robust BVH ray
    // traversal", 2013).
    return at_most(first, last * Float4(1.0000004f));
  }

  // Moeller and Trumbore, "Fast, minimum storage ray/triangle intersection" (1997), in four lanes.
  static void meet(const Packet& packet, const Lanes& ray, Hit& hit) {
    const auto load = [](const std::array<std::array<float, 4>, 3>& from) {
      return std::array<Float4, 3>{Float4::load(from[0].data()), Float4::load(from[1].data()),
                                   Float4::load(from[2].data())};
    };
    const auto cross4 = [](const std::array<Float4, 3>& a, const std::array<Float4, 3>& b) {
      return std::array<Float4, 3>{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                                   a[0] * b[1] - a[1] * b[0]};
    };
    const auto dot4 = [](const std::array<Float4, 3>& a, const std::array<Float4, 3>& b) {
      return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    };
    const auto edge1 = load(packet.edge1), edge2 = load(packet.edge2), corner = load(packet.corner);
    const auto p = cross4(ray.direction, edge2);
    const Float4 inverse = Float4(1.0f) / dot4(edge1, p);
    const std::array<Float4, 3> from{ray.origin[0] - corner[0], ray.origin[1] - corner[1],
                                     ray.origin[2] - corner[2]};
    const auto q = cross4(from, edge1);
    const Float4 u = dot4(from, p) * inverse, v = dot4(ray.direction, q) * inverse;
    const Float4 t = dot4(edge2, q) * inverse;
    const Float4 zero(0.0f), one(1.0f);
    const int mask = at_most(zero, u) & at_most(zero, v) & at_most(u + v, one) &
                     at_most(Float4(std::numeric_limits<float>::min()), t) &
                     at_most(t, Float4(hit.distance));
    if (mask != 0) keep(packet, mask, t, u, v, hit);
  }
  static void keep(const Packet& packet, int mask, Float4 t, Float4 u, Float4 v, Hit& hit) {
    alignas(16) float ts[4], us[4], vs[4];
    t.store(ts), u.store(us), v.store(vs);
    for (std::size_t lane = 0; lane < 4; ++lane) {
      if ((mask >> lane & 1) == 0 || !(ts[lane] < hit.distance)) continue;
      hit = {ts[lane], packet.id[lane], us[lane], vs[lane]};
    }
  }

  template <bool kAny>
  bool search(const Ray& ray, Hit& hit) const {
    struct Entry {
      std::int32_t child;
      float near;
    };
    std::array<Entry, 3 * kMaxDepth + 4> stack;
    std::size_t depth = 0;
    const Lanes lanes(ray);
    stack[depth++] = {root_, 0};
    while (depth > 0) {
      const Entry top = stack[--depth];
      if (top.near > hit.distance) continue;
      if (top.child < 0) {
        meet(packets_[std::size_t(~top.child)], lanes, hit);
        if (kAny && hit.found()) return true;
        continue;
      }
      const Node& node = nodes_[std::size_t(top.child)];
      alignas(16) float near[4];
      int mask = enter(node, lanes, hit.distance, near);
      const std::size_t first = depth;
      for (; mask != 0; mask &= mask - 1) {
        const auto lane = std::size_t(__builtin_ctz(unsigned(mask)));
        // Insertion keeps the nearest on top.
        const Entry entry{node.child[lane], near[lane]};
        std::size_t place = depth++;
        for (; place > first && stack[place - 1].near < entry.near; --place) {
          stack[place] = stack[place - 1];
        }
        stack[place] = entry;
      }
    }
    return hit.found();
  }

  // Of the binary tree: from depth kMaxCuts on, splits are halves of at most 2^32 triangles.
  static constexpr std::uint32_t kMaxCuts = 32;
  static constexpr std::size_t kMaxDepth = kMaxCuts + 32;
  std::vector<Node> nodes_;
  std::vector<Packet> packets_;
  std::int32_t root_ = 0;
  Box bounds_;
};

}  // namespace pel::apps
