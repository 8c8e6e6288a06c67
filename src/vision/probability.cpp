#include "vision/probability.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::vision {

void softmax(std::span<const float> logits, std::span<float> out) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) sum += out[i] = std::exp(logits[i] - highest);
  for (float& p : out) p /= sum;
}

Result<std::vector<float>> probabilities(std::span<const float> values, Softmax how) {
  std::vector<float> p;
  if (values.empty() || !std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) return p;
  const bool negative = *std::min_element(values.begin(), values.end()) < 0;
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  constexpr double kTolerance = 0.01;
  if (how == Softmax::off && (negative || sum <= 0))
    return fail(Errc::mismatch, "the model's output has negative values or is zero, so it is no list of probabilities",
                "softmax", "set softmax = \"on\" in the card's decoder");
  p.resize(values.size());
  const bool ready = how == Softmax::off || (how == Softmax::automatic && !negative && std::abs(sum - 1) <= kTolerance);
  if (ready)
    std::transform(values.begin(), values.end(), p.begin(), [&](float v) { return static_cast<float>(v / sum); });
  else
    softmax(values, p);
  return p;
}

}  // namespace perch::vision
