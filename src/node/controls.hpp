#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "node/film.hpp"

namespace perch::node {

/// The settings of a camera, as the firmware names and counts them. Pure.
class Controls {
 public:
  /// `framesize` (0 to 13: 96×96 to 1600×1200), `quality` (4 to 63, less is better), `led_intensity` (0 to 255).
  /// Errors: not_found (no such variable), invalid (a value it cannot have).
  Result<void> set(std::string_view variable, int value);

  /// What they do to a picture.
  Development development() const;

  /// As `/status` answers.
  /// @param seen  the size of the pictures as they are without a frame size
  std::string status(image::Size seen) const;

 private:
  int framesize_ = -1;  ///< as it is seen
  int quality_ = -1;    ///< as it is seen
  int light_ = 0;
};

}  // namespace perch::node
