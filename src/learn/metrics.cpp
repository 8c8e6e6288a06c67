#include "learn/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace perch::learn {

namespace {

constexpr double kSameF1 = 0.002;
constexpr float kMostlyInside = 0.5F;

float share_inside(const Box& a, const Box& b) {
  return a.area() > 0 ? intersection(a, b).area() / a.area() : 0;
}

/// The thing that a detection finds, or -1.
int best_thing(const Detection& detection, std::span<const TrueThing> things, const std::vector<bool>& taken,
               float least_iou) {
  int best = Matching::kNothing;
  float best_iou = least_iou;
  for (std::size_t i = 0; i < things.size(); ++i) {
    if (!things[i].counts || taken[i] || things[i].label != detection.label.value) continue;
    const float overlap = iou(detection.box_px, things[i].box_px);
    if (overlap < best_iou) continue;
    best_iou = overlap;
    best = static_cast<int>(i);
  }
  return best;
}

}  // namespace

std::vector<CurvePoint> precision_recall(std::vector<Answer> answers, std::size_t there, std::size_t most) {
  std::vector<CurvePoint> curve;
  if (there == 0) return curve;
  std::ranges::sort(answers, std::greater{}, &Answer::score);
  std::size_t right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    right += answers[i].right ? 1 : 0;
    if (i + 1 < answers.size() && answers[i + 1].score == answers[i].score) continue;
    curve.push_back({answers[i].score, static_cast<double>(right) / static_cast<double>(i + 1),
                     static_cast<double>(right) / static_cast<double>(there)});
  }
  if (curve.size() <= most || most < 2) return curve;
  std::vector<CurvePoint> thinned;
  for (std::size_t i = 0; i < most; ++i) thinned.push_back(curve[i * (curve.size() - 1) / (most - 1)]);
  return thinned;
}

CurvePoint best_f1(std::span<const CurvePoint> curve) {
  if (curve.empty()) return {0.5F, 1, 0};
  const double best = std::ranges::max_element(curve, {}, &CurvePoint::f1)->f1();
  std::vector<CurvePoint> good;
  std::ranges::copy_if(curve, std::back_inserter(good), [&](const CurvePoint& p) { return p.f1() >= best - kSameF1; });
  return good[good.size() / 2];
}

double auroc(std::vector<Answer> answers) {
  std::ranges::sort(answers, std::less{}, &Answer::score);
  double positives = 0, rank_sum = 0;
  for (std::size_t i = 0; i < answers.size();) {
    std::size_t end = i;
    double in_tie = 0;
    for (; end < answers.size() && answers[end].score == answers[i].score; ++end) in_tie += answers[end].right ? 1 : 0;
    rank_sum += in_tie * (static_cast<double>(i + 1 + end) / 2);
    positives += in_tie;
    i = end;
  }
  const double negatives = static_cast<double>(answers.size()) - positives;
  if (positives == 0 || negatives == 0) return std::numeric_limits<double>::quiet_NaN();
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

double Confusion::accuracy() const {
  std::int64_t all = 0, right = 0;
  for (const std::int64_t count : counts) all += count;
  for (std::size_t i = 0; i < labels.size(); ++i) right += at(i, i);
  return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
}

Matching match(std::span<const Detection> detections, std::span<const TrueThing> things, float least_iou) {
  Matching result{std::vector<int>(detections.size(), Matching::kNothing), std::vector<bool>(things.size())};
  std::vector<std::size_t> order(detections.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair{-detections[a].score, a} < std::pair{-detections[b].score, b};
  });
  for (const std::size_t i : order) {
    const Detection& detection = detections[i];
    const int thing = best_thing(detection, things, result.found, least_iou);
    result.thing_of[i] = thing;
    if (thing >= 0) {
      result.found[static_cast<std::size_t>(thing)] = true;
      continue;
    }
    const bool ignored = std::ranges::any_of(things, [&](const TrueThing& t) {
      return !t.counts && t.label == detection.label.value &&
             (iou(detection.box_px, t.box_px) >= least_iou ||
              share_inside(detection.box_px, t.box_px) >= kMostlyInside);
    });
    if (ignored) result.thing_of[i] = Matching::kIgnored;
  }
  return result;
}

}  // namespace perch::learn
