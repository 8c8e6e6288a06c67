#pragma once
#include <cstdint>

#include "image/picture.hpp"
#include "scenes/truth.hpp"
#include "seam/frame.hpp"

namespace perch::scenes {

/// What every scene can be told.
struct Common {
  std::int64_t seed = 1;
  int width = 1280;
  int height = 720;
};

/// What a scene shows at one moment. Reused between frames: keeps its memory.
struct View {
  image::Picture picture;  ///< RGB
  ThermalGrid grid;        ///< of thermal scenes, whose picture is a rendering of it; else without rows
  int jpeg_quality = 85;   ///< that this camera would use
  Truth truth;
};

/// A place that a camera looks at, invented from a seed. What happens in it is a function of the time: any time may be
/// asked for, in any order, and the same seed, configuration and time give the same bytes in the same build. Asking in
/// order, in small steps, is fastest, since what has not changed is kept. Uses no thread and no clock of its own.
/// @thread one at a time
class Scene {
 public:
  virtual ~Scene() = default;

  /// Whether it gives grids of temperatures.
  virtual bool thermal() const { return false; }

  /// @param t_s  seconds since the midnight before the scene's first day; not negative
  virtual void render(double t_s, View& out) = 0;
};

}  // namespace perch::scenes
