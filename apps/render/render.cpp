// SPDX-License-Identifier: Apache-2.0
#include "apps/render/render.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/plain_loops.hpp"
#include "apps/render/check.hpp"
#include "apps/render/obj.hpp"
#include "apps/render/tone.hpp"
#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::apps {
namespace {

constexpr std::uint64_t kTourSize = 128;
constexpr std::uint64_t kFullSize = 480;
constexpr std::uint64_t kMaxSize = 8640;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

// A picture of `rows` rows: 16 to 9, more samples the larger it is.
RenderSettings settings_for(std::uint64_t rows, std::uint64_t seed) {
  RenderSettings settings;
  settings.height = std::uint32_t(rows);
  settings.width = std::uint32_t(std::max<std::uint64_t>(1, rows * 16 / 9));
  settings.samples = std::uint32_t(std::clamp<std::uint64_t>(rows / 18, 4, 64));
  settings.seed = seed;
  return settings;
}

class Render final : public Workload {
 public:
  void load(const WorkloadConfig& config) override {
    if (config.files.size() > 1) {
      throw Error(config.files[1].string(), "one file too many", "render reads one OBJ file");
    }
    settings_ = settings_for(config.size != 0 ? config.size : (config.tour ? kTourSize : kFullSize),
                             config.seed);
    if (config.files.empty()) {
      name_ = "bundled stage";
      scene_ =
          parse_obj(stage_obj(), "stage.obj", [](const std::string&) { return stage_library(); });
      return;
    }
    const auto& file = config.files[0];
    name_ = file.filename().string();
    scene_ = parse_obj(base::read_text(file, kMaxFileBytes), file.string(),
                       [&](const std::string& library) {
                         return base::read_text(file.parent_path() / library, kMaxFileBytes);
                       });
  }

  std::string input() const override {
    std::string text = "scene " + name_ + ", " + std::to_string(scene_.triangles.size()) +
                       " triangles, " + std::to_string(settings_.width) + "x" +
                       std::to_string(settings_.height) + ", " + std::to_string(settings_.samples) +
                       " samples a pixel";
    if (scene_.ignored_maps != 0) {
      text += ", " + std::to_string(scene_.ignored_maps) + " texture maps not read";
    }
    return text;
  }

  WorkloadResult run(Progress& progress) override {
    progress.set_total(std::uint64_t{settings_.width} * settings_.height);
    return result_of<PelLoops>([&](std::uint64_t n) { progress.add(n); });
  }
  WorkloadResult run_plain() override {
    return result_of<PlainLoops>([](std::uint64_t) {});
  }

  WorkloadCheck check(const WorkloadResult& result) override {
    const Bvh bvh = Bvh::build<PlainLoops>(scene_);
    const std::vector<RenderFinding> findings{
        furnace(settings_.seed), lit_floor(settings_.seed), glass_furnace(settings_.seed),
        exhaustive_search(scene_, bvh, settings_),
        traced_again(decode_png(result.bytes), scene_, bvh, settings_)};
    WorkloadCheck check{"closed forms of light, an exhaustive search, a PNG reader", true, {}};
    for (const RenderFinding& finding : findings) {
      if (finding.passed) continue;
      check.passed = false;
      if (!check.detail.empty()) check.detail += "; ";
      check.detail += finding.question + ": " + finding.answer;
    }
    if (check.passed) {
      check.detail = findings[0].question + " " + findings[0].answer + "; " + findings[3].question +
                     ": " + findings[3].answer;
    }
    return check;
  }

  std::string html(const WorkloadResult& result) const override {
    return "<img alt=\"path-traced picture\" width=\"" + std::to_string(settings_.width) +
           "\" height=\"" + std::to_string(settings_.height) + "\" src=\"data:image/png;base64," +
           to_base64(result.bytes) + "\">";
  }

 private:
  template <class Loops, class Tick>
  WorkloadResult result_of(const Tick& tick) const {
    const Bvh bvh = Bvh::build<Loops>(scene_);
    const Film film = render_film<Loops>(scene_, bvh, settings_, tick);
    const std::uint64_t rays = film.total_rays();
    return {encode_png(develop(film)), std::to_string(settings_.width) + "x" +
                                           std::to_string(settings_.height) + ", " +
                                           std::to_string(rays / 100000 / 10) + "." +
                                           std::to_string(rays / 100000 % 10) + " million rays"};
  }

  std::string name_;
  Scene scene_;
  RenderSettings settings_;
};

const bool registered = register_workload({
    .name = "render",
    .summary = "a path-traced picture of a scene",
    .reads = "OBJ (with MTL beside it)",
    .writes = "PNG",
    .extension = "png",
    .size_unit = "rows of pixels",
    .tour_size = kTourSize,
    .full_size = kFullSize,
    .max_size = kMaxSize,
    .make = [] { return std::unique_ptr<Workload>(std::make_unique<Render>()); },
});

}  // namespace
}  // namespace pel::apps
