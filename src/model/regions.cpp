#include "model/regions.hpp"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "image/homography.hpp"

namespace perch::model {

namespace {

/// No picture has coordinates beyond this; what does is a mistake.
constexpr double kMaxCoordinate = 1e6;
constexpr float kMinArea = 1;

std::string place(std::size_t index) {
  return fmt::format("region {}", index + 1);
}

Result<Region> fixed_region(const std::vector<double>& numbers, std::size_t index) {
  constexpr std::string_view kForms = "write [x, y, width, height] or the x, y of four corners";
  if (numbers.size() != 4 && numbers.size() != 8)
    return fail(Errc::invalid, fmt::format("has {} numbers", numbers.size()), place(index), std::string(kForms));
  for (const double number : numbers)
    if (!std::isfinite(number) || std::abs(number) > kMaxCoordinate)
      return fail(Errc::invalid, fmt::format("{} is no coordinate in pixels", number), place(index));
  const auto at = [&](std::size_t i) { return static_cast<float>(numbers[i]); };
  Region region{static_cast<int>(index), {}, {}};
  if (numbers.size() == 4) {
    if (at(2) <= 0 || at(3) <= 0 || at(2) * at(3) < kMinArea)
      return fail(Errc::invalid, fmt::format("has no area: {} × {} px", numbers[2], numbers[3]), place(index),
                  std::string(kForms));
    region.corners_px = Quad::from_box({at(0), at(1), at(2), at(3)});
    return region;
  }
  for (std::size_t i = 0; i < 4; ++i) region.corners_px.corners[i] = {at(2 * i), at(2 * i + 1)};
  const Quad unit = Quad::from_box({0, 0, 1, 1});
  if (!image::homography(unit, region.corners_px) || region.corners_px.bounds().area() < kMinArea)
    return fail(Errc::invalid, "its four corners do not bound a convex area", place(index),
                "list them in the order top left, top right, bottom right, bottom left");
  return region;
}

/// A finding's box, widened and squared.
Box widened(const Box& box, const RegionPolicy& policy) {
  float width = box.width * (1 + 2 * policy.margin);
  float height = box.height * (1 + 2 * policy.margin);
  if (policy.square) width = height = std::max(width, height);
  const Point center = box.center();
  return {center.x - width / 2, center.y - height / 2, width, height};
}

}  // namespace

Result<std::vector<Region>> fixed_regions(std::span<const std::vector<double>> lists) {
  if (lists.size() > kMaxRegions)
    return fail(Errc::invalid, fmt::format("{} regions are too many", lists.size()), {},
                fmt::format("at most {} are looked at", kMaxRegions));
  std::vector<Region> regions;
  regions.reserve(lists.size());
  for (std::size_t i = 0; i < lists.size(); ++i) {
    PERCH_TRY(Region region, fixed_region(lists[i], i));
    regions.push_back(std::move(region));
  }
  return regions;
}

Result<void> check_inside(std::span<const Region> regions, image::Size frame) {
  const Box whole{0, 0, static_cast<float>(frame.width), static_cast<float>(frame.height)};
  for (const Region& region : regions) {
    const Box bounds = region.corners_px.bounds();
    if (intersection(bounds, whole).area() > 0) continue;
    return fail(Errc::invalid,
                fmt::format("x {} to {}, y {} to {} lies outside the picture, which has {} × {} px", bounds.x,
                            bounds.right(), bounds.y, bounds.bottom(), frame.width, frame.height),
                place(static_cast<std::size_t>(std::max(0, region.index))),
                "regions are in pixels of the full picture");
  }
  return {};
}

std::vector<Region> regions_from(std::span<const Detection> detections, image::Size frame, const RegionPolicy& policy,
                                 std::span<const LabelId> labels) {
  const Box whole{0, 0, static_cast<float>(frame.width), static_cast<float>(frame.height)};
  const auto wanted = [&](const Detection& d) {
    return (labels.empty() || std::ranges::find(labels, d.label) != labels.end()) &&
           std::min(d.box_px.width, d.box_px.height) >= std::max(policy.min_side_px, 1.0F) &&
           intersection(d.box_px, whole).area() >= kMinArea;
  };
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < detections.size(); ++i)
    if (wanted(detections[i])) kept.push_back(i);
  if (const auto most = static_cast<std::size_t>(policy.max_regions); kept.size() > most) {
    std::ranges::sort(kept, [&](std::size_t a, std::size_t b) {
      return std::pair(-detections[a].score, a) < std::pair(-detections[b].score, b);
    });
    kept.resize(most);
    std::ranges::sort(kept);
  }
  std::vector<Region> regions;
  regions.reserve(kept.size());
  for (const std::size_t i : kept) {
    Box box = widened(detections[i].box_px, policy);
    if (policy.clip == Clip::frame) box = intersection(box, whole);
    regions.push_back({static_cast<int>(regions.size()), Quad::from_box(box), {}});
  }
  return regions;
}

}  // namespace perch::model
