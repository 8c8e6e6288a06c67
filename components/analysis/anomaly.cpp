#include "analysis/anomaly.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "image/homography.hpp"
#include "seam/registry.hpp"
#include "vision/latch.hpp"

namespace perch::analysis::anomaly {

namespace {

constexpr auto kFields = config::fields<Config>(
    config::field("threshold", &Config::threshold)
        .range(0.01, 100.0)
        .help("score where the unusual begins, in units of the model's own threshold: 1.2 wants a fifth more"),
    config::field("clear", &Config::clear)
        .range(0.0, 1.0)
        .help("what the score must fall below to be usual again, as a part of the threshold"),
    config::field("frames", &Config::frames)
        .range(1, 10'000)
        .help("how many frames in a row must agree before the flag changes"),
    config::field("max_repaired", &Config::max_repaired)
        .range(0.0, 1.0)
        .help("part of a thermal grid that may have been filled in before the score is uncertain"));

/// The middle of a grid's highest cell in the frame. Nothing when the grid has no cells or no place.
std::optional<Point> peak_of(const Grid& grid) {
  const auto highest = std::ranges::max_element(grid.value);
  if (highest == grid.value.end() || grid.cols <= 0) return std::nullopt;
  const auto place = static_cast<int>(highest - grid.value.begin());
  const Quad cells = Quad::from_box({0, 0, static_cast<float>(grid.cols), static_cast<float>(grid.rows)});
  const auto to_frame = image::homography(cells, grid.corners_px);
  if (!to_frame) return std::nullopt;
  return image::apply(
      *to_frame, Point{static_cast<float>(place % grid.cols) + 0.5F, static_cast<float>(place / grid.cols) + 0.5F});
}

class Anomaly final : public Analysis {
 public:
  explicit Anomaly(const Config& config) : config_(config), latch_({config.threshold, config.clear, config.frames}) {}

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings& findings) override {
    Observation observation;
    observation.stamp = frame.stamp;
    const Number* worst = nullptr;
    for (const Number& number : findings.numbers)
      if (number.name == "score" && std::isfinite(number.value) && (!worst || number.value > worst->value))
        worst = &number;
    if (!worst) {
      latch_.interrupt();
      observation.status = Status::unknown;
      observation.reason = "the model gave no score";
      return observation;
    }
    if (const auto* grid = std::get_if<ThermalGrid>(&frame.payload); grid && too_broken(*grid)) {
      latch_.interrupt();
      observation.status = Status::uncertain;
      observation.reason = fmt::format("{} of {} cells were filled in", grid->repaired, grid->celsius.size());
    } else {
      latch_.update(worst->value);
    }
    observation.values.push_back({"score", worst->value});
    observation.values.push_back({"anomaly", latch_.up()});
    const auto map = std::ranges::find(findings.grids, worst->region, &Grid::region);
    if (const std::optional<Point> at = map == findings.grids.end() ? std::nullopt : peak_of(*map)) {
      observation.values.push_back({"x", static_cast<double>(at->x)});
      observation.values.push_back({"y", static_cast<double>(at->y)});
    }
    observation.findings.grids = findings.grids;
    observation.findings.numbers = findings.numbers;
    observation.confidence = static_cast<float>(std::min(1.0, 2 * std::abs(worst->value / config_.threshold - 1)));
    return observation;
  }

 private:
  bool too_broken(const ThermalGrid& grid) const {
    return grid.repaired > config_.max_repaired * static_cast<double>(grid.celsius.size());
  }

  Config config_;
  vision::Latch latch_;
  std::vector<Output> outputs_{{"score", "", OutputKind::gauge, 2},
                               {"anomaly", "", OutputKind::flag, 0},
                               {"x", "px", OutputKind::gauge, 1},
                               {"y", "px", OutputKind::gauge, 1}};
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext&) {
  return std::make_unique<Anomaly>(config);
}

void describe(Registry& registry) {
  registry.analysis("anomaly", "whether something is unusual, and where, from an anomaly model", FindingKind::anomaly,
                    kFields, &create);
}

}  // namespace perch::analysis::anomaly
