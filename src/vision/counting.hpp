#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "seam/findings.hpp"
#include "vision/polygon.hpp"

namespace perch::vision {

/// How masks, zones and slots are written in a configuration.
inline constexpr std::string_view kPolygonHelp =
    "in px: 4 numbers are x, y, width, height, 6 or more are corners x, y, x, y, …";

/// One list of numbers → a polygon. `what` names it in messages ("mask 2"), `key` the configuration's key.
/// Errors: invalid (no polygon, or none with an area). @thread any
Result<Polygon> read_polygon(std::string_view key, std::string_view what, const std::vector<float>& numbers);

/// Several of them, called `what` 1, 2, … @thread any
Result<std::vector<Polygon>> read_polygons(std::string_view key, std::string_view what,
                                           const std::vector<std::vector<float>>& lists);

/// Which of the wanted labels each label of a model is counted as. With no label wanted each is itself; a model without
/// labels has one kind of thing, "objects", that every finding is.
class LabelSlots {
 public:
  /// Errors: not_found (a label that the model does not have, with the nearest), invalid (a label listed twice),
  ///         mismatch (labels wanted of a model that has none). @thread any
  static Result<LabelSlots> create(const std::vector<std::string>& wanted, const std::vector<std::string>& labels);

  /// What is counted, in order: the wanted labels, the model's, or "objects".
  const std::vector<std::string>& names() const { return names_; }

  /// The place in `names()` of a finding's label; -1: it is not counted.
  int of(LabelId label) const;

 private:
  std::vector<int> slots_;  ///< empty: the model has no labels
  std::vector<std::string> names_;
};

}  // namespace perch::vision
