#include "scenes/core/sensor.hpp"

#include <algorithm>

#include "scenes/core/noise.hpp"

namespace perch::scenes {

namespace {

constexpr int kTapOne = 64;    // weights are in 64ths, so that sums fit 16 bits
constexpr int kNoiseOne = 32;  // noise has standard deviation 32
constexpr std::size_t kNoiseLength = 1U << 16U;
constexpr int kGainOne = 128;

}  // namespace

SensorTraits SensorTraits::of(Random random, int width) {
  const float scale = static_cast<float>(width) / 1280;
  SensorTraits t;
  t.blur_px = random.between(0.25F, 0.95F) * std::max(scale, 0.6F);
  t.noise = random.between(0.8F, 2.6F);
  t.vignette = random.between(0.03F, 0.28F);
  const float warm = random.between(-0.06F, 0.06F), green = random.between(-0.03F, 0.03F);
  t.tint = {1 + warm, 1 + green, 1 - warm};
  t.shake_px = random.chance(0.6F) ? random.between(0.0F, 0.9F) * scale : 0;
  t.jpeg_quality = random.integer(68, 92);
  return t;
}

Sensor::Sensor(SensorTraits traits, Random random, int width, int height) : traits_(traits), random_(random) {
  Random draw = random.of(1);
  const auto row_bytes = static_cast<std::size_t>(width) * 3;
  noise_.resize(kNoiseLength + row_bytes);
  // Neighbours share some noise, as the colour filter in front of a sensor makes them; channels share half of it.
  float before = 0, grey = 0;
  for (std::size_t i = 0; i < noise_.size(); ++i) {
    if (i % 3 == 0) {
      before = grey;
      grey = draw.normal();
    }
    const float n = 0.85F * grey + 0.45F * before + 0.55F * draw.normal();
    noise_[i] = static_cast<std::int16_t>(std::clamp(n * kNoiseOne * 0.9F, -120.0F, 120.0F));
  }
  const auto gain = [&](int at, int size) {
    const float away = (2 * static_cast<float>(at) + 1) / static_cast<float>(size) - 1;
    return 1 - 0.5F * traits_.vignette * away * away;
  };
  const float tint[3] = {traits_.tint.x, traits_.tint.y, traits_.tint.z};
  for (int x = 0; x < width; ++x)
    for (const float channel : tint)
      column_gain_.push_back(static_cast<std::int16_t>(gain(x, width) * channel * kGainOne));
  for (int y = 0; y < height; ++y) row_gain_.push_back(static_cast<std::int16_t>(gain(y, height) * kGainOne));
}

Vec2 Sensor::shake(double t_s) const {
  if (traits_.shake_px <= 0) return {};
  const auto t = static_cast<float>(std::fmod(t_s, 4096.0));
  const float gust = 0.4F + 0.6F * std::max(0.0F, value_noise(t * 0.11F, 0, 3));
  return {traits_.shake_px * gust * (value_noise(t * 1.3F, 0.5F, 1) + 0.5F * value_noise(t * 6.1F, 0.5F, 2)),
          traits_.shake_px * gust * (value_noise(t * 1.1F, 7.5F, 1) + 0.5F * value_noise(t * 5.3F, 7.5F, 2))};
}

std::vector<std::int16_t> Sensor::taps(float shift) const {
  const float sigma = std::max(traits_.blur_px, 0.3F);
  const int reach = static_cast<int>(std::ceil(2.2F * sigma)) + static_cast<int>(std::ceil(std::abs(shift)));
  std::vector<float> weights;
  float sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    const float away = (static_cast<float>(i) + shift) / sigma;
    weights.push_back(std::exp(-away * away / 2));
    sum += weights.back();
  }
  std::vector<std::int16_t> out;
  int rest = kTapOne;
  for (const float w : weights) {
    out.push_back(static_cast<std::int16_t>(std::lround(w / sum * kTapOne)));
    rest -= out.back();
  }
  *std::ranges::max_element(out) += static_cast<std::int16_t>(rest);
  return out;
}

void Sensor::expose(const image::Picture& in, double t_s, float gain, image::Picture& out) {
  out.reset(in.width(), in.height(), 3);
  const Vec2 moved = shake(t_s);
  const std::vector<std::int16_t> across = taps(moved.x), down = taps(moved.y);
  const int reach_x = static_cast<int>(across.size()) / 2, reach_y = static_cast<int>(down.size()) / 2;
  const auto bytes = static_cast<std::size_t>(in.width()) * 3;
  const std::size_t margin = static_cast<std::size_t>(reach_x) * 3;
  mixed_rows_.resize(2 * (bytes + 2 * margin));
  std::int16_t* const column = mixed_rows_.data();
  std::int16_t* const row = mixed_rows_.data() + bytes + 2 * margin;

  const auto base = static_cast<std::int16_t>(std::clamp(traits_.noise * gain * 5, 0.0F, 120.0F));
  const auto slope = static_cast<std::int16_t>(std::clamp(traits_.noise * gain * 6, 0.0F, 120.0F));
  Random frame = random_.of(2, static_cast<std::int64_t>(std::llround(t_s * 1000)));
  for (int y = 0; y < in.height(); ++y) {
    std::fill_n(column, bytes + 2 * margin, std::int16_t{kTapOne / 2});
    for (int k = 0; k <= 2 * reach_y; ++k) {
      const std::uint8_t* from = in.row(std::clamp(y + k - reach_y, 0, in.height() - 1));
      const std::int16_t weight = down[static_cast<std::size_t>(k)];
      for (std::size_t i = 0; i < bytes; ++i)
        column[margin + i] = static_cast<std::int16_t>(column[margin + i] + from[i] * weight);
    }
    for (std::size_t i = 0; i < bytes; ++i)
      column[margin + i] = static_cast<std::int16_t>(column[margin + i] / kTapOne);
    for (std::size_t i = 0; i < margin; ++i) {
      column[i] = column[margin + i % 3];
      column[margin + bytes + i] = column[margin + bytes - 3 + i % 3];
    }
    std::fill_n(row, bytes, std::int16_t{kTapOne / 2});
    for (std::size_t k = 0; k < across.size(); ++k) {
      const std::int16_t* from = column + 3 * k;
      const std::int16_t weight = across[k];
      for (std::size_t i = 0; i < bytes; ++i) row[i] = static_cast<std::int16_t>(row[i] + from[i] * weight);
    }
    const std::int16_t* noise = noise_.data() + (frame.bits() % kNoiseLength) / 3 * 3;
    const int level = row_gain_[static_cast<std::size_t>(y)];
    std::uint8_t* to = out.row(y);
    for (std::size_t i = 0; i < bytes; ++i) {
      const int seen = (row[i] / kTapOne) * ((column_gain_[i] * level) >> 7) >> 7;
      const int with_noise = seen + ((noise[i] * (base + (slope * seen >> 7)) + 128) >> 8);
      to[i] = static_cast<std::uint8_t>(std::clamp(with_noise, 0, 255));
    }
  }
}

}  // namespace perch::scenes
