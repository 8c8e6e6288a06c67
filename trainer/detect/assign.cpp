#include "detect/assign.hpp"

#include <algorithm>
#include <cmath>

namespace perch::trainer {

namespace {

constexpr float kCentreRadius = 1.5F;  // strides
constexpr std::size_t kOverlapsSummed = 10;
constexpr float kOverlapWeight = 3;
constexpr float kOutsidePenalty = 1000;  // for cells that are not both in the box and near its middle
constexpr float kLeast = 1e-6F;

float overlap(const float* box, const Target& t) {
  const float left = std::max(box[0] - box[2] / 2, t.cx - t.width / 2);
  const float right = std::min(box[0] + box[2] / 2, t.cx + t.width / 2);
  const float top = std::max(box[1] - box[3] / 2, t.cy - t.height / 2);
  const float bottom = std::min(box[1] + box[3] / 2, t.cy + t.height / 2);
  const float common = std::max(0.0F, right - left) * std::max(0.0F, bottom - top);
  const float all = box[2] * box[3] + t.width * t.height - common;
  return all > 0 && std::isfinite(all) ? common / all : 0;
}

bool inside(const Cell& cell, const Target& t) {
  return std::abs(cell.cx - t.cx) < t.width / 2 && std::abs(cell.cy - t.cy) < t.height / 2;
}

bool near_middle(const Cell& cell, const Target& t) {
  return std::abs(cell.cx - t.cx) < kCentreRadius * cell.stride &&
         std::abs(cell.cy - t.cy) < kCentreRadius * cell.stride;
}

/// Binary cross entropy of the class scores against the target's label.
float class_cost(const float* scores, int classes, int label) {
  float cost = 0;
  for (int c = 0; c < classes; ++c) {
    const float p = std::clamp(std::sqrt(scores[0] * scores[1 + c]), kLeast, 1 - kLeast);
    cost -= std::log(c == label ? p : 1 - p);
  }
  return cost;
}

struct Candidate {
  std::size_t cell = 0;
  float iou = 0;
  float cost = 0;
};

/// As many as the sum of the best overlaps, at least one.
std::size_t wanted(std::vector<Candidate>& candidates) {
  const std::size_t summed = std::min(kOverlapsSummed, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(summed), candidates.end(),
                    [](const Candidate& a, const Candidate& b) { return a.iou > b.iou; });
  float sum = 0;
  for (std::size_t i = 0; i < summed; ++i) sum += candidates[i].iou;
  return std::min(candidates.size(), std::max<std::size_t>(1, static_cast<std::size_t>(sum)));
}

}  // namespace

Assignment assign(const std::vector<Cell>& cells, const float* boxes, const float* scores, int classes,
                  const std::vector<Target>& targets) {
  Assignment result{std::vector<int>(cells.size(), Assignment::kNothing), std::vector<float>(cells.size()), 0};
  std::vector<float> cost_of(cells.size());
  std::vector<Candidate> candidates;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const Target& target = targets[t];
    candidates.clear();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool in = inside(cells[i], target), near = near_middle(cells[i], target);
      if (!target.counts) {
        if (in && result.target_of[i] == Assignment::kNothing) result.target_of[i] = Assignment::kIgnored;
        continue;
      }
      if (!in && !near) continue;
      const float iou = overlap(boxes + i * 4, target);
      const float* cell_scores = scores + i * static_cast<std::size_t>(1 + classes);
      candidates.push_back({i, iou,
                            class_cost(cell_scores, classes, target.label) - kOverlapWeight * std::log(iou + kLeast) +
                                (in && near ? 0 : kOutsidePenalty)});
    }
    if (candidates.empty()) continue;
    const std::size_t take = wanted(candidates);
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(take), candidates.end(),
                      [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
    for (std::size_t i = 0; i < take; ++i) {
      const Candidate& c = candidates[i];
      if (result.target_of[c.cell] >= 0 && cost_of[c.cell] <= c.cost) continue;
      result.positives += result.target_of[c.cell] >= 0 ? 0 : 1;
      result.target_of[c.cell] = static_cast<int>(t);
      result.iou_of[c.cell] = c.iou;
      cost_of[c.cell] = c.cost;
    }
  }
  return result;
}

}  // namespace perch::trainer
