#include "analysis/hottest.hpp"

#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "seam/registry.hpp"
#include "vision/polygon.hpp"

namespace perch::analysis::hottest {

namespace {

constexpr auto kFields = config::fields<Config>(
    config::field("places", &Config::places).help("also tell where the warmest and the coldest cell lie"));

/// A cell and its value.
struct Cell {
  int x = 0;
  int y = 0;
  float celsius = 0;
};

struct Extremes {
  Cell max, min;
  double mean = 0;
};

/// Of the cells whose centres lie in a region; without one, of all. Nothing when there is none with a temperature.
std::optional<Extremes> extremes_of(const ThermalGrid& grid, const Region* region) {
  Extremes found;
  int count = 0;
  for (int y = 0; y < grid.rows; ++y)
    for (int x = 0; x < grid.cols; ++x) {
      const Cell cell{x, y, grid.celsius.data()[std::ptrdiff_t{y} * grid.cols + x]};
      const Point centre{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
      if (!std::isfinite(cell.celsius)) continue;
      if (region && !vision::contains(region->corners_px.corners, centre)) continue;
      if (count == 0 || cell.celsius > found.max.celsius) found.max = cell;
      if (count == 0 || cell.celsius < found.min.celsius) found.min = cell;
      found.mean += cell.celsius;
      ++count;
    }
  if (count == 0) return std::nullopt;
  found.mean /= count;
  return found;
}

class Hottest final : public Analysis {
 public:
  Hottest(const Config& config, const AnalysisContext& context) : config_(config), regions_(context.regions) {
    if (regions_.size() <= 1) suffixes_.emplace_back();
    if (regions_.size() > 1)
      for (const Region& region : regions_)
        suffixes_.push_back("_" + (region.name.empty() ? std::to_string(suffixes_.size() + 1) : region.name));
    for (const std::string& suffix : suffixes_) {
      for (const char* name : {"max", "min", "mean"}) outputs_.push_back({name + suffix, "°C", OutputKind::gauge, 1});
      if (!config_.places) continue;
      for (const char* name : {"max_x", "max_y", "min_x", "min_y"})
        outputs_.push_back({name + suffix, "px", OutputKind::gauge, 0});
    }
    outputs_.push_back({"repaired", "", OutputKind::gauge, 0});
  }

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings&) override {
    Observation observation;
    observation.stamp = frame.stamp;
    const auto* grid = std::get_if<ThermalGrid>(&frame.payload);
    if (grid == nullptr || !grid->is_whole()) return unknown(std::move(observation), "the frame is no thermal grid");
    for (std::size_t i = 0; i < suffixes_.size(); ++i) {
      const std::optional<Extremes> found = extremes_of(*grid, regions_.empty() ? nullptr : &regions_[i]);
      if (!found)
        return unknown(std::move(observation), regions_.empty()
                                                   ? "the grid has no temperature"
                                                   : fmt::format("region {} holds no temperature of the {} × {} grid",
                                                                 i + 1, grid->cols, grid->rows));
      add(*found, suffixes_[i], observation.values);
    }
    observation.values.push_back({"repaired", std::int64_t{grid->repaired}});
    observation.confidence = 1 - static_cast<float>(grid->repaired) / static_cast<float>(grid->celsius.size());
    return observation;
  }

 private:
  static Observation unknown(Observation observation, std::string reason) {
    observation.status = Status::unknown;
    observation.reason = std::move(reason);
    observation.values.clear();
    return observation;
  }

  void add(const Extremes& found, const std::string& suffix, std::vector<Value>& values) const {
    values.push_back({"max" + suffix, rounded(found.max.celsius)});
    values.push_back({"min" + suffix, rounded(found.min.celsius)});
    values.push_back({"mean" + suffix, rounded(found.mean)});
    if (!config_.places) return;
    values.push_back({"max_x" + suffix, std::int64_t{found.max.x}});
    values.push_back({"max_y" + suffix, std::int64_t{found.max.y}});
    values.push_back({"min_x" + suffix, std::int64_t{found.min.x}});
    values.push_back({"min_y" + suffix, std::int64_t{found.min.y}});
  }

  static double rounded(double celsius) { return std::round(celsius * 10) / 10; }

  Config config_;
  std::vector<Region> regions_;        ///< empty: the whole grid
  std::vector<std::string> suffixes_;  ///< of the outputs of each region
  std::vector<Output> outputs_;
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context) {
  return std::make_unique<Hottest>(config, context);
}

void describe(Registry& registry) {
  registry.analysis("hottest", "the warmest and the coldest place of a thermal grid, and its mean", FindingKind::none,
                    kFields, &create);
}

}  // namespace perch::analysis::hottest
