// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "apps/render/obj.hpp"
#include "pel/math.hpp"

namespace pel::apps {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

struct Point {
  double x = 0, y = 0, z = 0;

  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Point operator*(Point a, double s) { return {a.x * s, a.y * s, a.z * s}; }
};
Point cross(Point a, Point b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
Point unit(Point a) { return a * (1 / std::sqrt(a.x * a.x + a.y * a.y + a.z * a.z)); }

// Writes OBJ text.
class Writer {
 public:
  std::string text;

  void line(const std::string& words) { text += words + "\n"; }
  void material(const std::string& name) { line("usemtl " + name); }

  // A closed or open grid of corners with normals; rows wrap around if `wrap`.
  struct Corner {
    Point place, normal;
  };
  void grid(const std::vector<Corner>& corners, std::size_t columns, bool wrap) {
    for (const Corner& corner : corners) {
      numbers("v", corner.place);
      numbers("vn", corner.normal);
    }
    const std::size_t rows = corners.size() / columns;
    for (std::size_t r = 0; r + 1 < rows; ++r) {
      for (std::size_t c = 0; c + (wrap ? 0 : 1) < columns; ++c) {
        const std::size_t next = (c + 1) % columns;
        face(
            {r * columns + c, r * columns + next, (r + 1) * columns + next, (r + 1) * columns + c});
      }
    }
    used_ += corners.size();
  }

  void quad(const std::array<Point, 4>& corners) {
    const Point normal = unit(cross(corners[1] - corners[0], corners[2] - corners[0]));
    for (const Point& corner : corners) {
      numbers("v", corner);
      numbers("vn", normal);
    }
    face({0, 1, 2, 3});
    used_ += 4;
  }

 private:
  void numbers(const char* key, Point p) {
    text += key;
    for (const double value : {p.x, p.y, p.z}) {
      std::array<char, 32> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value + 0.0,
                                     std::chars_format::fixed, 4);
      text.append(1, ' ').append(digits.data(), end.ptr);
    }
    text += '\n';
  }
  void face(const std::array<std::size_t, 4>& corners) {
    text += 'f';
    for (const std::size_t corner : corners) {
      const std::string index = std::to_string(used_ + corner + 1);
      text.append(1, ' ').append(index).append("//").append(index);
    }
    text += '\n';
  }

  std::size_t used_ = 0;
};

// A body of revolution around the vertical through `foot`; `profile` gives (radius, height) from
// the bottom up. Normals follow the profile.
template <class Profile>
void turned(Writer& writer, Point foot, const Profile& profile, std::size_t rows,
            std::size_t columns) {
  std::vector<Writer::Corner> corners;
  for (std::size_t r = 0; r < rows; ++r) {
    const double at = double(r) / double(rows - 1);
    const auto [radius, height] = profile(at);
    const auto [r0, h0] = profile(at - 1e-4);
    const auto [r1, h1] = profile(at + 1e-4);
    const double slope = std::sqrt((r1 - r0) * (r1 - r0) + (h1 - h0) * (h1 - h0));
    for (std::size_t c = 0; c < columns; ++c) {
      const double turn = -kTurn * double(c) / double(columns);
      const double cosine = math::cos(turn), sine = math::sin(turn);
      const double out = slope > 0 ? (h1 - h0) / slope : 0;
      const double rise = slope > 0 ? (r0 - r1) / slope : 1;
      corners.push_back(
          {foot + Point{radius * cosine, height, radius * sine}, {out * cosine, rise, out * sine}});
    }
  }
  writer.grid(corners, columns, true);
}

void ball(Writer& writer, Point centre, double radius, std::size_t rows) {
  turned(
      writer, centre,
      [radius](double at) {
        const double angle = (at - 0.5) * kTurn / 2;
        return std::pair{radius * math::cos(angle), radius * math::sin(angle)};
      },
      rows, 2 * rows - 2);
}

// A trefoil: a tube around a knot on a torus.
void knot(Writer& writer, Point centre, double size, double tube) {
  constexpr std::size_t kAlong = 220, kAround = 18;
  const auto place = [&](double at) {
    const double t = kTurn * at, ring = 2 + math::cos(3 * t);
    const Point p{ring * math::cos(2 * t), ring * math::sin(2 * t), 1.1 * math::sin(3 * t)};
    return centre + p * (size / 3);
  };
  std::vector<Writer::Corner> corners;
  for (std::size_t i = 0; i <= kAlong; ++i) {
    const double at = double(i % kAlong) / double(kAlong);
    const Point middle = place(at), along = unit(place(at + 1e-4) - place(at - 1e-4));
    const Point side = unit(cross(along, middle - centre)), up = cross(side, along);
    for (std::size_t k = 0; k < kAround; ++k) {
      const double turn = kTurn * double(k) / double(kAround);
      const Point normal = side * math::cos(turn) + up * math::sin(turn);
      corners.push_back({middle + normal * tube, normal});
    }
  }
  writer.grid(corners, kAround, true);
}

// Floor and back wall in one sweep, so that no edge shows.
void backdrop(Writer& writer) {
  constexpr double kHalf = 16, kFront = 9, kBack = -4.5, kBend = 3.5, kTop = 12;
  std::vector<Writer::Corner> corners;
  const auto add = [&](double y, double z, double ny, double nz) {
    corners.push_back({{-kHalf, y, z}, {0, ny, nz}});
    corners.push_back({{kHalf, y, z}, {0, ny, nz}});
  };
  add(0, kFront, 1, 0);
  for (int i = 0; i <= 16; ++i) {
    const double angle = kTurn / 4 * i / 16;
    const double sine = math::sin(angle), cosine = math::cos(angle);
    add(kBend * (1 - cosine), kBack - kBend * sine, cosine, sine);
  }
  add(kTop, kBack - kBend, 0, 1);
  writer.grid(corners, 2, false);
}

// Beads on a sunflower's spiral (Vogel 1979), growing outwards, by twelve glazes.
void beads(Writer& writer) {
  constexpr int kBeads = 150;
  const double golden = kTurn * (3 - std::sqrt(5.0)) / 2;
  for (int i = 0; i < kBeads; ++i) {
    const double radius = 0.33 * std::sqrt(double(i + 26));
    const double turn = golden * i;
    const double size = 0.075 + 0.022 * radius;
    const Point centre{radius * math::cos(turn), size, radius * math::sin(turn)};
    const bool taken = (std::abs(centre.x - 1.75) < 0.75 && std::abs(centre.z + 0.35) < 0.75) ||
                       (std::abs(centre.x + 1.7) < 0.85 && std::abs(centre.z - 0.55) < 0.85);
    if (taken || centre.z > 3.6) continue;
    writer.material("glaze" + std::to_string(i % 12));
    ball(writer, centre, size, 11);
  }
}

void vase(Writer& writer) {
  writer.material("vase");
  turned(
      writer, {1.75, 0, -0.35},
      [](double at) {
        const double t = std::min(1.0, std::max(0.0, at));
        const auto swell = [t](double at_height, double width) {
          const double x = (t - at_height) / width;
          return math::exp(-x * x);
        };
        return std::pair{
            0.15 + 0.41 * swell(0.40, 0.25) + 0.13 * swell(1.02, 0.10) + 0.10 * swell(0, 0.07),
            1.85 * t};
      },
      48, 64);
}

// A lamp: a rectangle that faces `target`.
void lamp(Writer& writer, const std::string& name, Point centre, Point target, double half) {
  const Point towards = unit(target - centre);
  const Point side = unit(cross(towards, {0, 1, 0})), up = cross(side, towards);
  writer.material(name);
  writer.quad({centre - side * half - up * half, centre - side * half + up * half,
               centre + side * half + up * half, centre + side * half - up * half});
}

void plinth(Writer& writer) {
  writer.material("stone");
  turned(
      writer, {0, 0, 0},
      [](double at) {
        const double t = std::min(1.0, std::max(0.0, at));
        // Up the side, around a small rim, in to the middle.
        if (t < 0.4) return std::pair{1.05, 0.30 * t / 0.4};
        if (t < 0.6) {
          const double angle = (t - 0.4) / 0.2 * kTurn / 4;
          return std::pair{1.0 + 0.05 * math::cos(angle), 0.30 + 0.05 * math::sin(angle)};
        }
        return std::pair{std::max(0.0, 1.0 - (t - 0.6) / 0.4), 0.35};
      },
      31, 96);
}

// Of the beads, as reflectance: ivory, coral, ochre, sage, teal, midnight, plum, blush, slate,
// amber, mint, wine.
constexpr std::array<const char*, 12> kGlazes{"0.78 0.72 0.60", "0.80 0.21 0.13", "0.72 0.42 0.07",
                                              "0.33 0.46 0.27", "0.04 0.38 0.38", "0.03 0.07 0.26",
                                              "0.26 0.06 0.25", "0.80 0.47 0.42", "0.20 0.26 0.33",
                                              "0.83 0.55 0.12", "0.42 0.70 0.58", "0.36 0.03 0.07"};

}  // namespace

std::string stage_obj() {
  Writer writer;
  writer.line("# A stage: own work, generated; Apache-2.0");
  writer.line("#pel camera 0.2 2.15 7.4 0.05 0.92 0 30 0.09 7.3");
  writer.line("#pel sky 0.10 0.13 0.20 0.05 0.05 0.06");
  writer.line("mtllib stage.mtl");
  writer.material("backdrop");
  backdrop(writer);
  plinth(writer);
  writer.material("gold");
  knot(writer, {0, 1.42, 0}, 1.12, 0.19);
  writer.material("glass");
  ball(writer, {-1.7, 0.62, 0.55}, 0.62, 41);
  vase(writer);
  beads(writer);
  lamp(writer, "key", {-4.6, 6.0, 4.2}, {0, 0.8, 0}, 1.7);
  lamp(writer, "rim", {6.4, 4.6, -1.4}, {0.4, 0.8, 0}, 1.3);
  lamp(writer, "fill", {4.4, 5.4, 6.5}, {0, 0.5, 0}, 2.0);
  return writer.text;
}

std::string stage_library() {
  std::string text =
      "newmtl backdrop\nKd 0.19 0.25 0.29\nKs 0.03 0.03 0.03\nPr 0.45\n"
      "newmtl stone\nKd 0.62 0.60 0.57\nKs 0.04 0.04 0.04\nPr 0.30\n"
      "newmtl gold\nKd 0 0 0\nKs 1.00 0.74 0.31\nPr 0.32\n"
      "newmtl glass\nKd 0 0 0\nd 0\nNi 1.5\nTf 0.96 0.99 0.98\n"
      "newmtl vase\nKd 0.58 0.06 0.035\nKs 0.05 0.05 0.05\nPr 0.22\n"
      "newmtl key\nKd 0 0 0\nKe 10.5 8.9 6.9\n"
      "newmtl rim\nKd 0 0 0\nKe 5 7.2 10.5\n"
      "newmtl fill\nKd 0 0 0\nKe 1.9 1.8 1.9\n";
  for (std::size_t i = 0; i < kGlazes.size(); ++i) {
    text += "newmtl glaze" + std::to_string(i) + "\nKd " + kGlazes[i] +
            "\nKs 0.05 0.05 0.05\nPr 0.28\n";
  }
  return text;
}

}  // namespace pel::apps
