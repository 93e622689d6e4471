// SPDX-License-Identifier: Apache-2.0
#include "apps/render/obj.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "pel/error.hpp"

namespace pel::apps {
namespace {

std::string shown(std::string_view word) {
  std::string text = "'";
  for (const char c : word.substr(0, 24)) text += c >= ' ' && c <= '~' ? c : '?';
  return text + (word.size() > 24 ? "...'" : "'");
}

// The words of a text, line by line; a backslash at a line's end joins it with the next.
class Words {
 public:
  Words(std::string_view text, const std::string& origin) : text_(text), origin_(origin) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  // Goes to the next line; false at the end.
  bool next_line() {
    if (text_.empty()) return false;
    take_line();
    while (line_.ends_with('\\') && !text_.empty()) {
      joined_.assign(line_.substr(0, line_.size() - 1));
      take_line();
      joined_.append(line_);
      line_ = std::string_view(holder_ = joined_);
    }
    return true;
  }

  // The next word of the line, empty at its end.
  std::string_view word() {
    const std::size_t begin = std::min(line_.find_first_not_of(" \t"), line_.size());
    const std::size_t end = std::min(line_.find_first_of(" \t", begin), line_.size());
    const auto found = line_.substr(begin, end - begin);
    line_.remove_prefix(end);
    return found;
  }
  // All that is left of the line, without blanks around it.
  std::string rest() {
    const std::size_t begin = line_.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return std::string(line_.substr(begin, line_.find_last_not_of(" \t") - begin + 1));
  }

  float number(const char* what, float most = 1e9f) {
    const std::string_view field = word();
    if (field.empty()) fail(std::string("too few numbers for ") + what);
    std::string_view digits = field;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    float value = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end != digits.data() + digits.size() ||
        (status != std::errc{} && status != std::errc::result_out_of_range)) {
      fail(std::string("expected a number for ") + what + ", found " + shown(field));
    }
    if (status == std::errc::result_out_of_range || !(std::abs(value) <= most)) {
      const bool tiny =
          status == std::errc::result_out_of_range && field.find("e-") != std::string_view::npos;
      if (!tiny) fail("number " + shown(field) + " for " + what + " is out of range");
      value = 0;
    }
    return value;
  }
  Vec3 triple(const char* what, float most = 1e9f) {
    const float x = number(what, most), y = number(what, most), z = number(what, most);
    return {x, y, z};
  }

  [[noreturn]] void fail(const std::string& reason, const std::string& advice = {}) const {
    throw Error(origin_ + ":" + std::to_string(number_), reason, advice);
  }

 private:
  void take_line() {
    const std::size_t end = text_.find('\n');
    line_ = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    ++number_;
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    if (line_.find('\0') != std::string_view::npos) {
      fail("binary data", "expected a Wavefront OBJ, which is text");
    }
  }

  std::string_view text_, line_;
  std::string joined_, holder_;
  const std::string& origin_;
  std::size_t number_ = 0;
};

using MaterialNames = std::unordered_map<std::string, std::uint32_t>;

class LibraryParser {
 public:
  LibraryParser(Scene& scene, MaterialNames& names) : scene_(scene), names_(names) {}

  void parse(std::string_view text, const std::string& origin) {
    Words words(text, origin);
    while (words.next_line()) {
      const std::string key(words.word());
      if (key.empty() || key[0] == '#') continue;
      if (key == "newmtl") {
        start(words);
      } else if (current_ != kNone) {
        property(words, key, scene_.materials[current_]);
      } else {
        words.fail("'" + key + "' before the first newmtl");
      }
    }
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  void start(Words& words) {
    const std::string name = words.rest();
    if (name.empty()) words.fail("newmtl without a name");
    current_ = std::uint32_t(scene_.materials.size());
    names_[name] = current_;
    scene_.materials.push_back({.name = name});
  }

  void property(Words& words, const std::string& key, Material& material) {
    if (key == "Kd") material.diffuse = share(words, "Kd");
    if (key == "Ks") material.specular = share(words, "Ks");
    if (key == "Tf") material.tint = share(words, "Tf");
    if (key == "Ke") material.emission = max(words.triple("Ke", 1e6f), Vec3{});
    // Blinn's exponent as a GGX roughness of the same highlight (Walter et al. 2007).
    if (key == "Ns") {
      set_roughness(material, std::sqrt(2 / (2 + std::max(0.0f, words.number("Ns")))));
    }
    if (key == "Pr") {
      const float rough = words.number("Pr", 1);
      set_roughness(material, rough * rough);
    }
    if (key == "Ni") material.index = std::clamp(words.number("Ni"), 1.0f, 4.0f);
    if (key == "d") material.glass |= words.number("d") < 0.999f;
    if (key == "Tr") material.glass |= words.number("Tr") > 0.001f;
    if (key == "illum") {
      const float model = words.number("illum");
      material.glass |= model == 4 || model == 6 || model == 7 || model == 9;
    }
    if (key.starts_with("map_") || key == "bump" || key == "norm") ++scene_.ignored_maps;
  }

  static Vec3 share(Words& words, const char* what) {
    return min(max(words.triple(what), Vec3{}), Vec3{1, 1, 1});
  }
  // Below, highlights are finer than a pixel ever shows, and floats run out.
  static void set_roughness(Material& material, float alpha) {
    material.roughness = std::clamp(alpha, 0.02f, 1.0f);
  }

  Scene& scene_;
  MaterialNames& names_;
  std::uint32_t current_ = kNone;
};

class ObjParser {
 public:
  ObjParser(std::string_view text, const std::string& origin, const LibraryReader& library)
      : words_(text, origin), origin_(origin), library_(library) {
    scene_.materials.push_back({.name = "default"});
  }

  Scene parse() {
    while (words_.next_line()) {
      const std::string_view key = words_.word();
      if (key == "v") {
        scene_.positions.push_back(words_.triple("v"));
      } else if (key == "vn") {
        add_normal();
      } else if (key == "f") {
        add_face();
      } else if (key == "usemtl") {
        use_material();
      } else if (key == "mtllib") {
        read_library();
      } else if (key == "#pel") {
        directive();
      } else {
        skip(key);
      }
    }
    if (scene_.triangles.empty()) {
      throw Error(origin_, "no face with an area", "expected a Wavefront OBJ with v and f lines");
    }
    for (Material& material : scene_.materials) conserve(material);
    return std::move(scene_);
  }

 private:
  void add_normal() {
    const Vec3 normal = words_.triple("vn");
    const float size = length(normal);
    scene_.normals.push_back(size > 1e-12f ? normal * (1 / size) : Vec3{0, 0, 1});
  }

  // One corner "v", "v/t", "v//n" or "v/t/n", indices from one or, negative, from the end.
  void add_corner(std::string_view field) {
    const std::size_t first = field.find('/');
    const std::size_t last = field.rfind('/');
    const auto position = index(field.substr(0, first), scene_.positions.size(), "vertex");
    std::int32_t normal = -1;
    if (last != first && last + 1 < field.size()) {
      normal = std::int32_t(index(field.substr(last + 1), scene_.normals.size(), "normal"));
    }
    corners_.push_back({std::uint32_t(position), normal});
  }

  std::size_t index(std::string_view digits, std::size_t count, const char* what) const {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (status == std::errc::invalid_argument || end != digits.data() + digits.size()) {
      words_.fail(std::string("expected the index of a ") + what + ", found " + shown(digits));
    }
    if (status != std::errc{}) value = 0;
    if (value < 0) value += std::int64_t(count) + 1;
    if (value < 1 || value > std::int64_t(count)) {
      words_.fail(std::string(what) + " " + std::string(digits.substr(0, 24)) +
                  " is not there: so far the file has " + std::to_string(count));
    }
    return std::size_t(value - 1);
  }

  void add_face() {
    corners_.clear();
    for (auto field = words_.word(); !field.empty(); field = words_.word()) {
      if (field[0] == '#') break;
      add_corner(field);
    }
    if (corners_.size() < 3) {
      words_.fail("a face of " + std::to_string(corners_.size()) + " corners");
    }
    for (std::size_t i = 2; i < corners_.size(); ++i) {
      Triangle triangle{.material = material_};
      const std::array<Corner, 3> fan{corners_[0], corners_[i - 1], corners_[i]};
      for (std::size_t k = 0; k < 3; ++k) {
        triangle.position[k] = fan[k].position;
        triangle.normal[k] = fan[k].normal;
      }
      if (std::min({fan[0].normal, fan[1].normal, fan[2].normal}) < 0) {
        triangle.normal = {-1, -1, -1};
      }
      if (has_area(triangle)) scene_.triangles.push_back(triangle);
    }
    if (scene_.triangles.size() > 50'000'000) words_.fail("more than 50 million triangles");
  }

  bool has_area(const Triangle& triangle) const {
    const Vec3 a = scene_.positions[triangle.position[0]];
    const Vec3 n = cross(scene_.positions[triangle.position[1]] - a,
                         scene_.positions[triangle.position[2]] - a);
    const float square = dot(n, n);
    return square > 1e-30f && std::isfinite(square);
  }

  void use_material() {
    const std::string name = words_.rest();
    const auto found = names_.find(name);
    if (found == names_.end()) {
      words_.fail("material " + shown(name) + " is in no library read so far");
    }
    material_ = found->second;
  }

  void read_library() {
    const std::string name = words_.rest();
    if (name.empty()) words_.fail("mtllib without a name");
    std::string text;
    try {
      text = library_(name);
    } catch (const Error& error) {
      words_.fail("material library " + shown(name) + ": " + error.reason(), error.advice());
    }
    LibraryParser(scene_, names_).parse(text, name);
  }

  void directive() {
    const std::string_view what = words_.word();
    if (what == "camera") {
      Camera& camera = scene_.camera;
      camera.eye = words_.triple("camera");
      camera.target = words_.triple("camera");
      camera.view_degrees = words_.number("camera");
      camera.aperture = words_.number("camera");
      camera.focus = words_.number("camera");
      if (camera.eye == camera.target || camera.view_degrees < 1 || camera.view_degrees > 170 ||
          camera.aperture < 0 || camera.focus < 0) {
        words_.fail("a camera that sees nothing", "eye, target, 1 to 170 degrees, aperture, focus");
      }
      scene_.camera_given = true;
    } else if (what == "sky") {
      scene_.sky.zenith = max(words_.triple("sky", 1e6f), Vec3{});
      scene_.sky.horizon = max(words_.triple("sky", 1e6f), Vec3{});
      scene_.sky.given = true;
    } else {
      words_.fail("unknown directive " + shown(what), "#pel camera or #pel sky");
    }
  }

  // The rest of the format is for other programs; a word that no OBJ has is another file format.
  void skip(std::string_view key) const {
    if (key.empty() || key[0] == '#') return;
    constexpr std::array<std::string_view, 30> kKnown{
        "vt",     "vp",     "g",        "o",        "s",          "l",        "p",    "mg",
        "deg",    "bmat",   "step",     "cstype",   "curv",       "curv2",    "surf", "parm",
        "trim",   "hole",   "scrv",     "sp",       "end",        "con",      "lod",  "bevel",
        "usemap", "maplib", "c_interp", "d_interp", "shadow_obj", "trace_obj"};
    if (std::ranges::find(kKnown, key) == kKnown.end()) {
      words_.fail("unknown keyword " + shown(key), "expected a Wavefront OBJ");
    }
  }

  // Scales a surface that would give back more light than it gets.
  static void conserve(Material& material) {
    const float most = largest(material.diffuse + material.specular);
    if (most <= 1) return;
    material.diffuse = material.diffuse * (1 / most);
    material.specular = material.specular * (1 / most);
  }

  struct Corner {
    std::uint32_t position;
    std::int32_t normal;
  };

  Words words_;
  const std::string& origin_;
  const LibraryReader& library_;
  Scene scene_;
  MaterialNames names_;
  std::vector<Corner> corners_;
  std::uint32_t material_ = 0;
};

struct Bounds {
  Vec3 low{1e30f, 1e30f, 1e30f}, high{-1e30f, -1e30f, -1e30f};
};

Bounds bounds_of(const Scene& scene) {
  Bounds bounds;
  for (const Triangle& triangle : scene.triangles) {
    for (const std::uint32_t corner : triangle.position) {
      bounds.low = min(bounds.low, scene.positions[corner]);
      bounds.high = max(bounds.high, scene.positions[corner]);
    }
  }
  return bounds;
}

// A camera that sees the whole scene, from the front, a little from the right and above.
void place_camera(Scene& scene) {
  const Bounds bounds = bounds_of(scene);
  const Vec3 centre = (bounds.low + bounds.high) * 0.5f;
  const float radius = length(bounds.high - bounds.low) * 0.5f;
  scene.camera = {};
  scene.camera.target = centre;
  scene.camera.eye = centre + normalized({0.45f, 0.35f, 1.0f}) * (radius * 2.7f);
}

}  // namespace

Scene parse_obj(std::string_view text, const std::string& origin, const LibraryReader& library) {
  Scene scene = ObjParser(text, origin, library).parse();
  if (!scene.camera_given) place_camera(scene);
  if (!scene.sky.given && !scene.has_light()) {
    scene.sky = {.zenith = {0.55f, 0.75f, 1.1f}, .horizon = {1.0f, 0.97f, 0.92f}, .given = true};
  }
  return scene;
}

}  // namespace pel::apps
