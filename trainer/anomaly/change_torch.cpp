#include <cmath>

#include "anomaly/network_torch.hpp"

namespace perch::trainer {

namespace {

constexpr double kPi = 3.14159265358979323846;

/// A number a frame, [N, 1, 1, 1], evenly between two; or evenly in their logarithm.
torch::Tensor between(int64_t frames, double low, double high) {
  return torch::rand({frames, 1, 1, 1}) * (high - low) + low;
}

torch::Tensor log_between(int64_t frames, double low, double high) {
  return torch::exp(between(frames, std::log(low), std::log(high)));
}

torch::Tensor chance(int64_t frames, double p) {
  return (torch::rand({frames, 1, 1, 1}) < p).to(torch::kFloat32);
}

/// Round, long or sharp-edged blobs at any place, 1 in their middle: [N, 1, H, W].
torch::Tensor blobs(int64_t frames, int64_t height, int64_t width) {
  constexpr double kSmallest = 0.6, kLargest = 0.12, kLong = 0.4, kSharp = 0.3;  // cells; of the width
  const torch::Tensor y = torch::arange(height, torch::kFloat32).view({1, 1, height, 1}) + 0.5;
  const torch::Tensor x = torch::arange(width, torch::kFloat32).view({1, 1, 1, width}) + 0.5;
  const double unit = std::max(1.0, static_cast<double>(width) / 64);
  const torch::Tensor size =
      log_between(frames, kSmallest * unit, std::max(3.0, kLargest * static_cast<double>(width)));
  const torch::Tensor stretch = torch::exp(between(frames, -kLong, kLong)), angle = between(frames, 0, kPi);
  const torch::Tensor dx = x - between(frames, 0, static_cast<double>(width));
  const torch::Tensor dy = y - between(frames, 0, static_cast<double>(height));
  const torch::Tensor along = (dx * angle.cos() + dy * angle.sin()) / (size * stretch);
  const torch::Tensor across = (dy * angle.cos() - dx * angle.sin()) / (size / stretch);
  const torch::Tensor away2 = along * along + across * across;
  const torch::Tensor sharp = chance(frames, kSharp);
  return torch::exp(-away2 / 2) * (1 - sharp) + torch::sigmoid((1.5 - away2.sqrt()) * 4) * sharp;
}

constexpr double kMiddle = 0.4;  ///< of the height: what counts as inside a blob
constexpr double kEdge = 0.1;    ///< what lies between counts neither way

Changed change_temperatures(const torch::Tensor& normal, const torch::Tensor& changed, const torch::Tensor& blob) {
  constexpr double kLeast = 1.5, kMost = 20, kColder = 0.25, kNoise = 0.5, kShows = 0.8;  // °C; a share
  const int64_t frames = normal.size(0);
  const torch::Tensor height = log_between(frames, kLeast, kMost) * changed;
  const torch::Tensor sign = 1 - 2 * chance(frames, kColder);
  const torch::Tensor added = blob * height;
  const torch::Tensor where = (added > torch::clamp_min(height * kMiddle, kShows)).to(torch::kFloat32);
  return {normal + added * sign, where, 1 - (added > kNoise).to(torch::kFloat32) * (1 - where)};
}

Changed change_colours(const torch::Tensor& normal, const torch::Tensor& changed, const torch::Tensor& blob) {
  const int64_t frames = normal.size(0);
  const torch::Tensor mask = torch::clamp(blob * 1.5, 0, 1) * changed;
  // A piece of another picture, moved; or the same place in another colour.
  const torch::Tensor other = torch::roll(normal.flip({3}), {1, normal.size(2) / 3}, {0, 2});
  const torch::Tensor tint = torch::clamp(normal + (torch::rand({frames, 3, 1, 1}) - 0.5) * 1.4, 0, 1);
  const torch::Tensor pasted = chance(frames, 0.5);
  const torch::Tensor frame = normal * (1 - mask) + (other * pasted + tint * (1 - pasted)) * mask;
  const torch::Tensor differs = (frame - normal).abs().amax({1}, true);
  const torch::Tensor where = ((mask > kMiddle) * (differs > 0.1)).to(torch::kFloat32);
  return {frame, where, 1 - (differs > 0.03).to(torch::kFloat32) * (mask > kEdge) * (1 - where)};
}

}  // namespace

Changed change(const torch::Tensor& normal, bool thermal, double share) {
  const torch::NoGradGuard no_grad;
  const int64_t frames = normal.size(0);
  torch::Tensor turned = normal;
  if (torch::rand({1}).item<float>() < 0.5F) turned = turned.flip({3});
  const torch::Tensor blob = blobs(frames, normal.size(2), normal.size(3));
  const torch::Tensor changed = chance(frames, share);
  return thermal ? change_temperatures(turned, changed, blob) : change_colours(turned, changed, blob);
}

}  // namespace perch::trainer
