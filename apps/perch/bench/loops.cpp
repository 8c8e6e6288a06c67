#include "bench/loops.hpp"

#include <fmt/format.h>

#include "bench/views.hpp"
#include "image/codec.hpp"
#include "scenes/catalogue.hpp"

namespace perch::bench {

namespace {

/// In the middle of the morning: people and cars move, and the light is good.
constexpr double kFrom_s = 9.5 * 3600;

Result<std::vector<Bytes>> render(const std::string& name, std::int64_t seed, const LoopPlan& plan) {
  config::Node settings{config::Table{}};
  settings.set("seed", config::Node{seed});
  settings.set("width", config::Node{std::int64_t{plan.size.width}});
  settings.set("height", config::Node{std::int64_t{plan.size.height}});
  PERCH_TRY(const std::unique_ptr<scenes::Scene> scene, scenes::create(name, settings));
  std::vector<Bytes> pictures;
  scenes::View view;
  for (int i = 0; i < plan.pictures; ++i) {
    scene->render(kFrom_s + i * plan.every.count(), view);
    PERCH_TRY(Bytes jpeg, image::encode_jpeg(view.picture.view(), view.jpeg_quality));
    pictures.push_back(std::move(jpeg));
  }
  return pictures;
}

}  // namespace

Result<std::vector<std::filesystem::path>> render_loops(const LoopPlan& plan, const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> folders;
  for (int i = 0; i < plan.count; ++i) {
    const std::string& scene = plan.scenes[static_cast<std::size_t>(i) % plan.scenes.size()];
    PERCH_TRY(const std::vector<Bytes> pictures, render(scene, i + 1, plan));
    folders.push_back(folder / fmt::format("{}", i));
    PERCH_CHECK(write_views(folders.back(), pictures));
  }
  return folders;
}

}  // namespace perch::bench
