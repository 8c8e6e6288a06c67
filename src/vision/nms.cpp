#include "vision/nms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace perch::vision {

namespace {

bool is_finite(const Candidate& c) {
  return std::isfinite(c.score) && std::isfinite(c.box.x) && std::isfinite(c.box.y) && std::isfinite(c.box.width) &&
         std::isfinite(c.box.height);
}

/// Places by score, best first; equal scores stay in their order. (`std::stable_sort` of libstdc++ 12 uses what C++20
/// deprecates.)
template <class T>
std::vector<std::size_t> by_score(const std::vector<T>& items) {
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return items[a].score != items[b].score ? items[a].score > items[b].score : a < b;
  });
  return order;
}

/// A box in the frame, also where it reaches beyond the region. @pre no perspective
Box whole(const Box& box, const Placement& placement) {
  const Point a = placement.map(Point{box.x, box.y}), b = placement.map(Point{box.right(), box.bottom()});
  return Box::from_corners(std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y));
}

}  // namespace

void suppress(std::vector<Candidate>& candidates, const Suppression& how) {
  std::erase_if(candidates, [](const Candidate& c) { return !is_finite(c); });
  std::vector<Candidate> kept;
  std::map<int, std::vector<Box>> rivals_of_label;
  for (const std::size_t place : by_score(candidates)) {
    if (kept.size() >= static_cast<std::size_t>(std::max(0, how.max_kept))) break;
    const Candidate& candidate = candidates[place];
    std::vector<Box>& rivals = rivals_of_label[how.across_labels ? 0 : candidate.label];
    const bool suppressed =
        std::any_of(rivals.begin(), rivals.end(), [&](const Box& box) { return iou(box, candidate.box) > how.iou; });
    if (suppressed) continue;
    rivals.push_back(candidate.box);
    kept.push_back(candidate);
  }
  candidates = std::move(kept);
}

void append_detections(std::vector<Candidate>& candidates, const Suppression& how, const Placement& placement,
                       bool clip, Findings& out) {
  suppress(candidates, how);
  const std::array<double, 9>& h = placement.to_frame;
  const bool perspective = h[6] != 0 || h[7] != 0;
  for (const Candidate& candidate : candidates) {
    // Cut in the input first: far outside of it a perspective may turn a box inside out.
    const Box shown = intersection(candidate.box, placement.content_px);
    if (shown.area() <= 0) continue;
    const Box box = clip || perspective ? placement.map(shown) : whole(candidate.box, placement);
    if (!(box.area() > 0)) continue;
    out.detections.push_back(
        {placement.region, LabelId{candidate.label}, std::clamp(candidate.score, 0.0F, 1.0F), box, std::nullopt});
  }
}

void merge_regions(std::vector<Detection>& detections, float overlap) {
  std::erase_if(detections, [](const Detection& d) { return !std::isfinite(d.score); });
  std::vector<Detection> kept;
  for (const std::size_t place : by_score(detections)) {
    const Detection& candidate = detections[place];
    const bool seen = std::any_of(kept.begin(), kept.end(), [&](const Detection& d) {
      if (d.region == candidate.region || d.label != candidate.label) return false;
      const float smaller = std::min(d.box_px.area(), candidate.box_px.area());
      return intersection(d.box_px, candidate.box_px).area() > overlap * smaller;
    });
    if (!seen) kept.push_back(candidate);
  }
  detections = std::move(kept);
}

}  // namespace perch::vision
