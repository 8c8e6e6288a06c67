#include "scenes/boiler/boiler.hpp"

#include "scenes/boiler/plant.hpp"
#include "scenes/boiler/thermal_picture.hpp"

namespace perch::scenes::boiler {

namespace {

constexpr float kSpotCounts = 2;  ///< °C: what adds less is not yet a hot spot

class Boiler : public Scene {
 public:
  explicit Boiler(const Config& config)
      : config_(config),
        plant_(Random(static_cast<std::uint64_t>(config.seed) * 4 + 3), config.spots_per_week) {}

  bool thermal() const override { return true; }

  void render(double t_s, View& out) override {
    out.grid.rows = Plant::kRows;
    out.grid.cols = Plant::kCols;
    plant_.measure(t_s, config_.clean_camera, out.grid.celsius);
    out.picture.reset(config_.width, config_.height);
    draw_thermal(out.grid, out.picture);
    out.jpeg_quality = 90;

    Truth& truth = out.truth;
    truth = {};
    truth.scene = "boiler";
    truth.seed = static_cast<std::uint64_t>(config_.seed);
    truth.t_s = t_s;
    truth.width = config_.width;
    truth.height = config_.height;
    TrueBoiler boiler;
    boiler.water_celsius = plant_.cycle().water_celsius(t_s);
    boiler.burning = plant_.cycle().burning(t_s);
    boiler.state = boiler.water_celsius < kWarmFrom ? "cold" : boiler.water_celsius < kHotFrom ? "warm" : "hot";
    if (const std::optional<Spot> spot = plant_.spot(t_s); spot && spot->celsius >= kSpotCounts) {
      boiler.spot = Point{spot->at.x, spot->at.y};
      boiler.spot_celsius = spot->celsius;
    }
    truth.boiler = std::move(boiler);
  }

 private:
  Config config_;
  Plant plant_;
};

}  // namespace

std::unique_ptr<Scene> create(const Config& config) {
  return std::make_unique<Boiler>(config);
}

}  // namespace perch::scenes::boiler
