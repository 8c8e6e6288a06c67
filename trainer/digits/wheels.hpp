#pragma once
#include <cstdint>
#include <vector>

#include "base/geometry.hpp"
#include "image/picture.hpp"
#include "scenes/core/random.hpp"

namespace perch::trainer {

/// A wheel's window with some of what is around it.
struct WheelCrop {
  image::Picture picture;  ///< grey
  Quad window_px;          ///< top left, top right, bottom right, bottom left
  float position = 0;      ///< 0 ≤ x < 10
};

/// Wheels of meters that were never built, at every position alike: of `designs` designs, `each` of each. Many in
/// little time: only the counter of a meter's face is painted, in the size that a small camera sees it in. One design
/// in fifteen is no roller but a display of segments, at whole digits: who points a camera at a meter expects it to be
/// read, whatever shows its digits. @thread any
std::vector<WheelCrop> render_wheels(scenes::Random random, int designs, int each);

/// The middle digit of three on a display of seven segments. @param digit  0..9. @thread any
WheelCrop render_display(int digit, scenes::Random design, scenes::Random& random);

/// What cameras, lamps, glass and time do to a picture of a wheel: contrast, glare, what the glass mirrors, shadow,
/// blur, noise, light on the window's lips and on the teeth beside it. Changes the pixels alone. @thread any
void weather_wheel(WheelCrop& crop, scenes::Random& random);

/// A window as somebody draws it who does not hit it exactly: too wide or too high more often than too tight, a little
/// off, leaning. @thread any
Quad missed_window(const Quad& window, scenes::Random& random);

/// The same, up to three tenths of its width beside the wheel: the camera was knocked, or the next wheel's was copied.
/// @thread any
Quad slipped_window(const Quad& window, scenes::Random& random);

}  // namespace perch::trainer
