#include "accuracy/oks.hpp"

#include <algorithm>
#include <cmath>

namespace perch::accuracy {

double keypoint_similarity(const Pose& found, const std::vector<TruePoint>& truth, double area_px) {
  double sum = 0;
  int labelled = 0;
  for (std::size_t i = 0; i < std::min(truth.size(), kCocoSigmas.size()); ++i) {
    if (truth[i].visible == 0) continue;
    ++labelled;
    if (i >= found.points.size()) continue;
    const double dx = double{found.points[i].at_px.x} - truth[i].at_px.x;
    const double dy = double{found.points[i].at_px.y} - truth[i].at_px.y;
    const double scale = 2 * kCocoSigmas[i];
    sum += std::exp(-(dx * dx + dy * dy) / (2 * area_px * scale * scale));
  }
  return labelled > 0 ? sum / labelled : 0;
}

}  // namespace perch::accuracy
