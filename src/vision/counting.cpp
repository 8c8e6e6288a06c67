#include "vision/counting.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::vision {

Result<Polygon> read_polygon(std::string_view key, std::string_view what, const std::vector<float>& numbers) {
  Polygon polygon;
  if (numbers.size() == 4) {
    const Quad corners = Quad::from_box({numbers[0], numbers[1], numbers[2], numbers[3]});
    polygon.assign(corners.corners.begin(), corners.corners.end());
  } else {
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) polygon.push_back({numbers[i], numbers[i + 1]});
  }
  const auto wrong = [&](std::string why) {
    return fail(Errc::invalid, std::string(what) + std::move(why), std::string(key),
                "write it " + std::string(kPolygonHelp));
  };
  if (numbers.size() % 2 != 0 || polygon.size() < 3) return wrong(fmt::format(" has {} numbers", numbers.size()));
  if (!(area(polygon) > 0)) return wrong(" has no area");
  return polygon;
}

Result<std::vector<Polygon>> read_polygons(std::string_view key, std::string_view what,
                                           const std::vector<std::vector<float>>& lists) {
  std::vector<Polygon> polygons;
  for (const std::vector<float>& numbers : lists) {
    PERCH_TRY(Polygon polygon, read_polygon(key, fmt::format("{} {}", what, polygons.size() + 1), numbers));
    polygons.push_back(std::move(polygon));
  }
  return polygons;
}

Result<LabelSlots> LabelSlots::create(const std::vector<std::string>& wanted, const std::vector<std::string>& labels) {
  LabelSlots made;
  made.slots_.assign(labels.size(), -1);
  made.names_ = wanted.empty() ? labels : wanted;
  if (made.names_.empty()) made.names_.emplace_back("objects");
  if (!wanted.empty() && labels.empty())
    return fail(Errc::mismatch, "the task's model has no labels to choose from", "labels",
                "name the model's labels in its card");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto found = std::ranges::find(labels, wanted[i]);
    if (found == labels.end())
      return fail(Errc::not_found, fmt::format("the model has no label '{}'", printable(wanted[i], 60)), "labels",
                  suggest(wanted[i], labels));
    int& slot = made.slots_[static_cast<std::size_t>(found - labels.begin())];
    if (slot >= 0) return fail(Errc::invalid, fmt::format("the label '{}' is listed twice", wanted[i]), "labels");
    slot = static_cast<int>(i);
  }
  if (wanted.empty())
    for (std::size_t i = 0; i < labels.size(); ++i) made.slots_[i] = static_cast<int>(i);
  return made;
}

int LabelSlots::of(LabelId label) const {
  if (slots_.empty()) return 0;
  const bool known = label.value >= 0 && static_cast<std::size_t>(label.value) < slots_.size();
  return known ? slots_[static_cast<std::size_t>(label.value)] : -1;
}

}  // namespace perch::vision
