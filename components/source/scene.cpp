#include <filesystem>
#include <memory>
#include <mutex>

#include <fmt/format.h>

#include "base/text.hpp"
#include "config/field.hpp"
#include "image/codec.hpp"
#include "scenes/catalogue.hpp"
#include "scenes/settings.hpp"
#include "seam/blocking.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"

namespace perch::source::scene {

struct Config {
  std::string scene;
  std::vector<std::string> settings;
  std::int64_t seed = 1;
  int width = 0;
  int height = 0;
  Milliseconds at{12 * 3'600'000};
  Milliseconds step{1000};
  std::int64_t frames = 0;
};

namespace {

using namespace std::chrono_literals;

constexpr auto kFields = config::fields<Config>(
    config::field("scene", &Config::scene).required().help("which: see perch scene --list"),
    config::field("seed", &Config::seed).at_least(0).help("another number is another place"),
    config::field("width", &Config::width).range(0, 3840).unit("px").help("of the picture; 0: as the scene has it"),
    config::field("height", &Config::height).range(0, 2160).unit("px").help("of the picture; 0: as the scene has it"),
    config::field("settings", &Config::settings).help("others of the scene's settings, each like \"weather=rain\""),
    config::field("at", &Config::at)
        .range(0ms, 24h * 365)
        .help("the scene's time of the first frame, since midnight of its first day"),
    config::field("step", &Config::step)
        .range(1ms, 24h)
        .help("the scene's time from one frame to the next, however long that takes: the camera's every says how long "
              "that is"),
    config::field("frames", &Config::frames).at_least(0).help("ends after so many; 0: never"));

/// Renders. Shared, since a wait that is cancelled leaves it at work. @thread blocking, guarded by its mutex
class Renderer {
 public:
  explicit Renderer(std::unique_ptr<scenes::Scene> scene) : scene_(std::move(scene)) {}

  Result<Frame> render(double t_s) {
    const std::scoped_lock lock(mutex_);
    scene_->render(t_s, view_);
    Frame frame;
    if (view_.grid.rows > 0) {
      frame.payload = view_.grid;
      return frame;
    }
    PERCH_TRY(Bytes jpeg, image::encode_jpeg(view_.picture.view(), view_.jpeg_quality));
    frame.payload = Jpeg{SharedBytes(std::move(jpeg))};
    return frame;
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<scenes::Scene> scene_;
  scenes::View view_;
};

/// A simulated place, frame by frame: JPEGs as a camera would send them, of thermal scenes the grids. Frames carry the
/// scene's time beside ours, so that a day of it is a day to what looks at it, and readings are dated when they were
/// made.
class SceneSource final : public Source {
 public:
  SceneSource(const Config& config, std::unique_ptr<scenes::Scene> scene, const SourceContext& context)
      : config_(config),
        context_(context),
        gives_(scene->thermal() ? FrameKind::grid : FrameKind::picture),
        renderer_(std::make_shared<Renderer>(std::move(scene))) {}

  Pace pace() const override { return Pace::lossless; }

  std::optional<FrameKind> gives() const override { return gives_; }

  asio::awaitable<Result<Frame>> next() override {
    if (config_.frames > 0 && count_ == config_.frames) co_return fail(Errc::eof, "the end", config_.scene);
    const Milliseconds there = config_.at + config_.step * count_;
    auto work = [renderer = renderer_, t_s = Seconds(there).count()] { return renderer->render(t_s); };
    Result<Frame> frame = co_await run_blocking(context_.blocking, std::move(work));
    if (!frame) co_return frame;
    ++count_;
    frame->stamp = context_.clock->stamp();
    frame->place_time = there;
    co_return frame;
  }

 private:
  Config config_;
  SourceContext context_;
  FrameKind gives_;
  std::shared_ptr<Renderer> renderer_;
  std::int64_t count_ = 0;
};

/// The same error on one line, about a key of the source.
Error at_key(std::string key, Error error) {
  std::vector<std::string> lines = split(error.what, '\n');
  for (std::string& line : lines) line = trim(line);
  return {error.code, join(lines, ", "), std::move(key), std::move(error.remedy)};
}

Result<std::unique_ptr<Source>> create(const Config& config, const SourceContext& context) {
  auto settings = scenes::settings_of(config.settings, {});
  if (!settings) return fail(at_key("settings", settings.error()));
  settings->set("seed", config::Node{config.seed});
  if (config.width > 0) settings->set("width", config::Node{std::int64_t{config.width}});
  if (config.height > 0) settings->set("height", config::Node{std::int64_t{config.height}});
  auto scene = scenes::create(config.scene, *settings);
  if (!scene) return fail(at_key(scene.error().code == Errc::not_found ? "scene" : "settings", scene.error()));
  return std::make_unique<SceneSource>(config, std::move(*scene), context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("scene", "a simulated place, for trying things out", kFields, &create);
}

}  // namespace perch::source::scene
