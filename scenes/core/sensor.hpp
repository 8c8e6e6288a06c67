#pragma once
#include <cstdint>
#include <vector>

#include "image/picture.hpp"
#include "scenes/core/random.hpp"
#include "scenes/core/vec.hpp"

namespace perch::scenes {

/// What a camera does to what it sees. Defaults: a clean one.
struct SensorTraits {
  float blur_px = 0;   ///< standard deviation of its softness, 0..4
  float noise = 1;     ///< standard deviation in a mid grey, in steps of a byte
  float vignette = 0;  ///< light lost in the corners, 0..1
  Rgb tint{1, 1, 1};   ///< gain of each channel
  float shake_px = 0;  ///< how far wind or steps move the picture
  int jpeg_quality = 85;

  /// A camera as they come: the same seed is the same camera, sizes in px are for 1280 wide pictures.
  static SensorTraits of(Random random, int width);
};

/// A camera's last step, from what it sees to what it gives: blur, shake, vignette, tint and noise. One for one size of
/// pictures. The same time gives the same noise. @thread one at a time
class Sensor {
 public:
  Sensor(SensorTraits traits, Random random, int width, int height);

  const SensorTraits& traits() const { return traits_; }

  /// How far the picture of that time is moved, px. Truth moves with it.
  Vec2 shake(double t_s) const;

  /// @param gain  how much more noise than in daylight
  void expose(const image::Picture& in, double t_s, float gain, image::Picture& out);

 private:
  std::vector<std::int16_t> taps(float shift) const;

  SensorTraits traits_;
  Random random_;
  std::vector<std::int16_t> noise_;
  std::vector<std::int16_t> column_gain_;  ///< for each byte of a row
  std::vector<std::int16_t> row_gain_;
  std::vector<std::int16_t> mixed_rows_;
};

}  // namespace perch::scenes
