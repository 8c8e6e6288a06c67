#include "scene_frames.hpp"

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/thrown.hpp"
#include "base/turns.hpp"
#include "image/codec.hpp"
#include "scenes/catalogue.hpp"

namespace perch::cli {

namespace {

/// Renders frames, each where and when the plan says. @thread one
class Renderer {
 public:
  explicit Renderer(const FramePlan& plan) : plan_(plan) {}

  Result<void> render(std::int64_t index) {
    const std::int64_t seed = plan_.seed + index / plan_.per_seed();
    if (seed != seed_) {
      config::Node settings = plan_.settings;
      settings.set("seed", config::Node{seed});
      PERCH_TRY(scene_, scenes::create(plan_.scene, settings));
      seed_ = seed;
    }
    scene_->render(plan_.at_s + static_cast<double>(index) * plan_.every_s, frame_.view);
    PERCH_TRY(frame_.jpeg, image::encode_jpeg(frame_.view.picture.view(), frame_.view.jpeg_quality));
    frame_.name = fmt::format("{}-{}-{:06}", plan_.scene, seed, index % plan_.per_seed());
    return {};
  }

  const SceneFrame& frame() const { return frame_; }

 private:
  const FramePlan& plan_;
  std::optional<std::int64_t> seed_;
  std::unique_ptr<scenes::Scene> scene_;
  SceneFrame frame_;
};

}  // namespace

Result<std::int64_t> render_frames(const FramePlan& plan, int threads, const std::atomic<bool>& stop,
                                   const std::function<Result<void>(const SceneFrame&)>& take) {
  Turns turns(plan.frames, stop);
  const auto work = [&] {
    Renderer renderer(plan);
    while (const std::optional<std::int64_t> index = turns.next()) {
      // On a thread of its own nobody could catch what is thrown, and the others would wait for its turn.
      const Result<void> rendered = without_throwing([&] { return renderer.render(*index); });
      const auto hand_over = [&] { return rendered ? take(renderer.frame()) : rendered; };
      turns.in_turn(*index, [&] { return without_throwing(hand_over); });
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  return turns.result();
}

}  // namespace perch::cli
