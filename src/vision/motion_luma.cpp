#include "vision/motion_luma.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/assert.hpp"

namespace perch::vision {

namespace {

constexpr double kSamples = 4000;
constexpr int kMostReduced = 8;

/// BT.601 in 8 bits of fraction.
unsigned luma_of(const std::uint8_t* pixel, int channels) {
  return channels == 1 ? pixel[0] : (77U * pixel[0] + 150U * pixel[1] + 29U * pixel[2] + 128U) >> 8U;
}

/// The level that `count` of the samples lie below.
float level_at(const std::array<std::uint32_t, 256>& histogram, std::uint32_t count) {
  std::uint32_t below = 0;
  std::size_t level = 0;
  while (level < 255 && (below += histogram[level]) <= count) ++level;
  return static_cast<float>(level);
}

}  // namespace

LumaStats luma_stats(image::PictureView picture) {
  if (picture.width < 1 || picture.height < 1) return {};
  const double pixels = static_cast<double>(picture.width) * picture.height;
  const int step = std::max(1, static_cast<int>(std::sqrt(pixels / kSamples)));
  std::array<std::uint32_t, 256> histogram{};
  std::uint32_t samples = 0;
  std::uint64_t sum = 0;
  for (int y = step / 2; y < picture.height; y += step)
    for (int x = step / 2; x < picture.width; x += step) {
      const unsigned luma =
          luma_of(picture.row(y) + static_cast<std::ptrdiff_t>(x) * picture.channels, picture.channels);
      ++histogram[luma];
      ++samples;
      sum += luma;
    }
  return {static_cast<float>(sum) / static_cast<float>(samples), level_at(histogram, samples / 100),
          level_at(histogram, samples - samples / 100 - 1)};
}

void reduce_to_luma(image::PictureView picture, int at_least_width, image::Picture& out) {
  PERCH_ASSERT(picture.width >= 1 && picture.height >= 1 && at_least_width >= 1);
  const int by = std::clamp(std::min(picture.width / at_least_width, picture.height), 1, kMostReduced);
  out.reset(picture.width / by, picture.height / by, 1);
  const auto area = static_cast<unsigned>(by * by);
  std::vector<unsigned> sums(static_cast<std::size_t>(out.width()));
  for (int y = 0; y < out.height(); ++y) {
    std::ranges::fill(sums, area / 2);
    for (int dy = 0; dy < by; ++dy) {
      const std::uint8_t* pixel = picture.row(y * by + dy);
      for (unsigned& sum : sums)
        for (int dx = 0; dx < by; ++dx, pixel += picture.channels) sum += luma_of(pixel, picture.channels);
    }
    for (int x = 0; x < out.width(); ++x)
      *out.at(x, y) = static_cast<std::uint8_t>(sums[static_cast<std::size_t>(x)] / area);
  }
}

}  // namespace perch::vision
