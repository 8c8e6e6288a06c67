#pragma once
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
  explicit Scene(unsigned seed);

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
  void light_a_lamp();

  const Picture& take();

 private:
  float& at(int x, int y) { return view_[static_cast<std::size_t>(y) * kWidth + static_cast<std::size_t>(x)]; }

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
