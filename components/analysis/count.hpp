#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// Counts what a detector finds: by label, in zones, and which of a list of slots are taken.
///
/// Outputs: a gauge a label; a gauge a zone and label, `ZONE` when one label is counted, else `ZONE_LABEL`; with slots
/// `occupied` and `free`, and with `each_slot` a flag a slot, `slot_1`, `slot_2`, … Each is the median of the last
/// `smooth` looks, so that an object which one look misses, or one which only one look finds, changes nothing. Zero is
/// a value.
///
/// The observation's findings are the detections that were counted in this look; its confidence is the lowest of their
/// scores, and 1 when there were none.
namespace perch::analysis::count {

struct Zone {
  std::string name;
  std::vector<float> area;  ///< px, as `vision::kPolygonHelp` says
};

/// What of a box says where the thing is.
enum class By : std::uint8_t {
  point,   ///< one point of it, `anchor`
  overlap  ///< the share of it that lies inside
};

struct Config {
  std::vector<std::string> labels{};  ///< empty: all of the model's
  float min_score = 0;
  std::vector<Zone> zones{};
  std::vector<std::vector<float>> slots{};
  By by = By::point;
  float anchor = 0.5F;
  float overlap = 0.5F;
  bool each_slot = false;
  int smooth = 3;
};

/// Errors: those of `vision::LabelSlots` and of polygons; invalid (two outputs with one name, a zone without a name).
Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::count
