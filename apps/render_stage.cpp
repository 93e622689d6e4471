// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "apps/render_obj.hpp"
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
        face({r * columns + c, r * columns + next, (r + 1) * columns + next,
              (r + 1) * columns + c});
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
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                     value + 0.0, std::chars_format::fixed, 4);
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
      corners.push_back({foot + Point{radius * cosine, height, radius * sine},
                         {out * cosine, rise, out * sine}});
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
        const double belly = math::sin(kTurn / 2 * (0.12 + 0.80 * t));
        return std::pair{0.16 + 0.42 * belly * belly * (1 - 0.35 * t) + 0.10 * t * t * t * t,
                         1.75 * t};
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

// A colour of the wheel, hue in [0, 1), as bright and as full as paint can be.
std::string hue_colour(double hue) {
  std::string text;
  for (const double shift : {0.0, 1.0 / 3, 2.0 / 3}) {
    const double wave = math::cos(kTurn * (hue - shift)) / 2 + 0.5;
    const int percent = int(4 + 74 * wave * wave);
    text += percent < 10 ? " 0.0" : " 0.";
    text += std::to_string(percent);
  }
  return text;
}

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
  lamp(writer, "key", {-4.2, 5.6, 3.6}, {0, 0.8, 0}, 1.15);
  lamp(writer, "rim", {4.6, 3.9, -2.2}, {0.4, 0.8, 0}, 0.9);
  lamp(writer, "fill", {3.8, 4.6, 5.5}, {0, 0.5, 0}, 1.4);
  return writer.text;
}

std::string stage_library() {
  std::string text =
      "newmtl backdrop\nKd 0.20 0.27 0.33\nKs 0.03 0.03 0.03\nPr 0.45\n"
      "newmtl stone\nKd 0.62 0.60 0.57\nKs 0.04 0.04 0.04\nPr 0.30\n"
      "newmtl gold\nKd 0 0 0\nKs 1.00 0.74 0.31\nPr 0.32\n"
      "newmtl glass\nKd 0 0 0\nd 0\nNi 1.5\nTf 0.96 0.99 0.98\n"
      "newmtl vase\nKd 0.58 0.06 0.035\nKs 0.05 0.05 0.05\nPr 0.22\n"
      "newmtl key\nKd 0 0 0\nKe 17 14.6 11.4\n"
      "newmtl rim\nKd 0 0 0\nKe 8 11.5 17\n"
      "newmtl fill\nKd 0 0 0\nKe 2.6 2.5 2.6\n";
  for (int i = 0; i < 12; ++i) {
    text += "newmtl glaze" + std::to_string(i) + "\nKd" + hue_colour(double(i) / 12) +
            "\nKs 0.05 0.05 0.05\nPr 0.28\n";
  }
  return text;
}

}  // namespace pel::apps
