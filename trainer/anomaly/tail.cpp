#include "anomaly/tail.hpp"

#include <algorithm>
#include <cmath>

namespace perch::trainer {

namespace {

constexpr double kWeek_s = 7 * 86'400;
constexpr double kTail = 0.1;     ///< of the scores
constexpr double kSeen = 5;       ///< scores at least above a threshold that is read off the scores themselves
constexpr double kLongest = 0.4;  ///< shape of the longest tail that is believed

}  // namespace

double allowed_share(double per_week, int frames, double every_s) {
  return std::clamp(per_week * frames * every_s / kWeek_s, 1e-9, 0.5);
}

double tail_threshold(std::vector<double> scores, double share) {
  std::sort(scores.begin(), scores.end());
  const auto count = static_cast<double>(scores.size());
  if (share * count >= kSeen) {
    const auto place = static_cast<std::size_t>(std::ceil((1 - share) * count));
    return scores[std::min(place, scores.size() - 1)];
  }
  const auto first = static_cast<std::size_t>(std::floor((1 - kTail) * count));
  const double start = scores[first];
  const auto above = static_cast<double>(scores.size() - first);
  double mean = 0, square = 0;
  for (std::size_t i = first; i < scores.size(); ++i) {
    mean += (scores[i] - start) / above;
    square += (scores[i] - start) * (scores[i] - start) / above;
  }
  const double variance = square - mean * mean;
  if (!(mean > 0) || !(variance > 0)) return std::nextafter(scores.back(), scores.back() + 1);
  const double shape = std::clamp(0.5 * (1 - mean * mean / variance), 0.0, kLongest);
  const double scale = mean * (1 - shape);
  const double rarer = above / count / share;
  const double beyond = shape > 1e-6 ? scale / shape * (std::pow(rarer, shape) - 1) : scale * std::log(rarer);
  return start + beyond;
}

}  // namespace perch::trainer
