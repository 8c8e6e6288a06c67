#include "camera/scene_eye.hpp"

#include <utility>

#include "base/text.hpp"
#include "config/node.hpp"
#include "scenes/catalogue.hpp"
#include "scenes/settings.hpp"

namespace perch::cli {

namespace {

class SceneEye final : public node::Eye {
 public:
  SceneEye(std::unique_ptr<scenes::Scene> scene, double start_s, double speed)
      : scene_(std::move(scene)),
        start_s_(start_s),
        speed_(speed) {}

  Result<void> look(double t_s, node::Sight& out) override {
    scene_->render(start_s_ + speed_ * t_s, view_);
    out.picture = view_.picture;
    out.grid = view_.grid;
    out.quality = view_.jpeg_quality;
    out.truth = scenes::to_json(view_.truth);
    return {};
  }

 private:
  std::unique_ptr<scenes::Scene> scene_;
  double start_s_, speed_;
  scenes::View view_;
};

}  // namespace

Result<std::unique_ptr<scenes::Scene>> make_scene(const SceneSight& sight) {
  config::Node settings{config::Table{}};
  settings.set("seed", config::Node{sight.seed});
  settings.set("width", config::Node{std::int64_t{sight.width}});
  settings.set("height", config::Node{std::int64_t{sight.height}});
  PERCH_TRY(const config::Node others, scenes::settings_of(sight.settings, "--set"));
  return scenes::create(sight.scene, config::merge(settings, others));
}

Result<std::unique_ptr<node::Eye>> scene_eye(const SceneSight& sight) {
  PERCH_TRY(const Nanoseconds start, parse_duration(sight.hour));
  PERCH_TRY(auto scene, make_scene(sight));
  return std::make_unique<SceneEye>(std::move(scene), Seconds(start).count(), sight.speed);
}

}  // namespace perch::cli
