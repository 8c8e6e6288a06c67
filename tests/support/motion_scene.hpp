#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "vision/motion.hpp"

/// A scene that moves, and a detector that watches it.
namespace perch::test {

using namespace std::chrono_literals;
using image::Picture;
using image::Size;
using vision::MotionConfig;
using vision::MotionDetector;
using vision::MotionResult;

inline constexpr int kWidth = 320;
inline constexpr int kHeight = 180;
inline constexpr Size kFrame{1280, 720};

/// A fixed view with soft and hard edges, and what a camera makes of it. Everything follows from the seed.
class Scene {
 public:
  explicit Scene(unsigned seed) : random_(seed), view_(static_cast<std::size_t>(kWidth * kHeight)), noise_(1U << 16U) {
    std::normal_distribution<float> normal;
    for (float& n : noise_) n = normal(random_);
    std::uniform_real_distribution<float> uniform;
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        at(x, y) = 70 + 0.2F * static_cast<float>(x) + 20 * std::sin(static_cast<float>(y) / 23);
    for (int i = 0; i < 40; ++i) {
      const int left = static_cast<int>(uniform(random_) * 300), top = static_cast<int>(uniform(random_) * 160);
      const int width = 4 + static_cast<int>(uniform(random_) * 40),
                height = 4 + static_cast<int>(uniform(random_) * 30);
      const float shade = uniform(random_) * 120 - 60;
      for (int y = top; y < std::min(top + height, kHeight); ++y)
        for (int x = left; x < std::min(left + width, kWidth); ++x)
          at(x, y) = std::clamp(at(x, y) + shade, 10.F, 215.F);
    }
  }

  float sigma = 2;  ///< of each pixel's noise, in levels
  float gain = 1;
  float offset = 0;
  float banding = 0;  ///< amplitude of a mains flicker as a rolling shutter sees it
  float band_phase = 0;

  struct Block {
    Box where;           ///< px of the luma picture
    float contrast = 0;  ///< levels added
  };

  std::vector<Block> blocks;

  /// A lamp on the left: the light falls off across the picture.
  void light_a_lamp() {
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        at(x, y) = std::min(250.F, at(x, y) * (1 + 1.5F * std::exp(-static_cast<float>(x) / 150)) + 20);
  }

  const Picture& take() {
    for (int y = 0; y < kHeight; ++y) {
      const float band = banding * std::sin(static_cast<float>(y) / 20 + band_phase);
      const std::size_t from = random_() % (noise_.size() - kWidth);
      const float *view = &at(0, y), *noise = &noise_[from];
      std::uint8_t* pixel = picture_.row(y);
      for (int x = 0; x < kWidth; ++x) {
        float value = view[x];
        for (const Block& b : blocks) value += b.contrast * cover(b.where, x, y);
        value = value * gain + offset + band + sigma * noise[x];
        pixel[x] = static_cast<std::uint8_t>(std::clamp(value, 0.F, 255.F) + 0.5F);
      }
    }
    return picture_;
  }

 private:
  float& at(int x, int y) { return view_[static_cast<std::size_t>(y) * kWidth + static_cast<std::size_t>(x)]; }

  static float cover(const Box& b, int x, int y) {
    return perch::intersection(b, {static_cast<float>(x), static_cast<float>(y), 1, 1}).area();
  }

  std::mt19937 random_;
  std::vector<float> view_, noise_;
  Picture picture_{kWidth, kHeight, 1};
};

/// A detector that is shown a scene frame by frame.
struct Watch {
  Scene scene;
  MotionDetector detector;
  Nanoseconds interval;
  Nanoseconds now{0};

  explicit Watch(unsigned seed, const MotionConfig& config = {}, Nanoseconds every = 200ms)
      : scene(seed),
        detector(MotionDetector::create(config).value()),
        interval(every) {}

  MotionResult next() {
    now += interval;
    return detector.update(scene.take().view(), kFrame, now);
  }

  /// Frames with motion among the next `count`.
  int moved(int count) {
    int n = 0;
    for (int i = 0; i < count; ++i) n += next().moved;
    return n;
  }
};

}  // namespace perch::test
