#include "learn/average_precision.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

namespace perch::learn {

namespace {

constexpr std::size_t kThresholds = 10;
constexpr std::size_t kRecalls = 101;
constexpr std::size_t kMaxDetections = 100;

/// One detection of a label with what became of it at each IoU threshold.
struct Ranked {
  float score = 0;
  std::array<bool, kThresholds> matched{};
  std::array<bool, kThresholds> ignored{};
};

/// Places by score, best first; equal scores stay in their order.
template <class T>
std::vector<std::size_t> by_score(const std::vector<T>& items) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return items[a].score != items[b].score ? items[a].score > items[b].score : a < b;
  });
  return order;
}

/// For a crowd the part of the detection inside it, else intersection over union. In double, as COCO has it.
double overlap(const Box& found, const TrueBox& truth) {
  const auto right = [](const Box& b) { return double{b.x} + b.width; };
  const auto bottom = [](const Box& b) { return double{b.y} + b.height; };
  const Box& t = truth.box_px;
  const double w = std::min(right(found), right(t)) - std::max(double{found.x}, double{t.x});
  const double h = std::min(bottom(found), bottom(t)) - std::max(double{found.y}, double{t.y});
  if (w <= 0 || h <= 0) return 0;
  const double common = w * h, area = double{found.width} * found.height;
  return common / (truth.crowd ? area : area + double{t.width} * t.height - common);
}

/// Matches the detections of one picture at one threshold.
void match_at(const std::vector<Detection>& found, const std::vector<TrueBox>& truth, std::size_t threshold,
              std::vector<Ranked>& out) {
  constexpr double kAlmostOne = 1 - 1e-10;
  std::vector<bool> taken(truth.size(), false);
  for (std::size_t d = 0; d < found.size(); ++d) {
    double best = std::min(0.5 + 0.05 * static_cast<double>(threshold), kAlmostOne);
    std::size_t matched = truth.size();
    for (std::size_t t = 0; t < truth.size(); ++t) {  // crowds stand last
      if (taken[t] && !truth[t].crowd) continue;
      if (matched < truth.size() && !truth[matched].crowd && truth[t].crowd) break;
      const double iou = overlap(found[d].box_px, truth[t]);
      if (iou < best) continue;
      best = iou;
      matched = t;
    }
    if (matched == truth.size()) continue;
    taken[matched] = true;
    out[d].matched[threshold] = true;
    out[d].ignored[threshold] = truth[matched].crowd;
  }
}

/// The detections of a label in one picture, judged.
void judge(const Judged& picture, int label, std::vector<Ranked>& ranked, std::size_t& objects) {
  std::vector<TrueBox> truth;
  for (const bool crowd : {false, true})
    for (const TrueBox& t : picture.truth)
      if (t.label == label && t.crowd == crowd) truth.push_back(t);
  objects +=
      static_cast<std::size_t>(std::count_if(truth.begin(), truth.end(), [](const auto& t) { return !t.crowd; }));
  std::vector<Detection> mine, found;
  std::copy_if(picture.found.begin(), picture.found.end(), std::back_inserter(mine),
               [&](const Detection& d) { return d.label.value == label; });
  for (const std::size_t place : by_score(mine))
    if (found.size() < kMaxDetections) found.push_back(mine[place]);
  std::vector<Ranked> judged(found.size());
  for (std::size_t d = 0; d < found.size(); ++d) judged[d].score = found[d].score;
  for (std::size_t threshold = 0; threshold < kThresholds; ++threshold) match_at(found, truth, threshold, judged);
  ranked.insert(ranked.end(), judged.begin(), judged.end());
}

/// The mean of the interpolated precision at 101 recalls.
double precision_at(const std::vector<Ranked>& ranked, std::size_t objects, std::size_t threshold) {
  std::vector<double> precision, recall;
  double right = 0, wrong = 0;
  for (const std::size_t place : by_score(ranked)) {
    const Ranked& d = ranked[place];
    if (!d.ignored[threshold]) (d.matched[threshold] ? right : wrong) += 1;
    recall.push_back(right / static_cast<double>(objects));
    precision.push_back(right + wrong > 0 ? right / (right + wrong) : 0);
  }
  for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double sum = 0;
  for (std::size_t r = 0; r < kRecalls; ++r) {
    const double wanted = static_cast<double>(r) / static_cast<double>(kRecalls - 1);
    const auto at = std::lower_bound(recall.begin(), recall.end(), wanted);
    if (at != recall.end()) sum += precision[static_cast<std::size_t>(at - recall.begin())];
  }
  return sum / static_cast<double>(kRecalls);
}

}  // namespace

AveragePrecision average_precision(const std::vector<Judged>& pictures) {
  std::set<int> labels;
  for (const Judged& picture : pictures)
    for (const TrueBox& t : picture.truth) labels.insert(t.label);
  double sum = 0, sum50 = 0;
  int count = 0;
  for (const int label : labels) {
    std::vector<Ranked> ranked;
    std::size_t objects = 0;
    for (const Judged& picture : pictures) judge(picture, label, ranked, objects);
    if (objects == 0) continue;
    ++count;
    for (std::size_t threshold = 0; threshold < kThresholds; ++threshold) {
      const double precision = precision_at(ranked, objects, threshold);
      sum += precision / static_cast<double>(kThresholds);
      if (threshold == 0) sum50 += precision;
    }
  }
  if (count == 0) return {};
  return {sum / count, sum50 / count};
}

}  // namespace perch::learn
