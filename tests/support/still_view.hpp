#pragma once
#include <random>
#include <vector>

#include "image/picture.hpp"

namespace perch::test {

/// What a camera of 320 × 180 sees that does not move: a slope of grey, with noise. Always the same looks in the same
/// order.
class StillView {
 public:
  StillView();

  int object_x = -1;     ///< px: a bright block of 40 × 30 stands there; none when negative
  bool stripes = false;  ///< bright fields of 20 × 20, every other one

  const image::Picture& take();

 private:
  std::mt19937 random_{7};
  std::vector<int> noise_;  ///< of pixels side by side, wherever in it a row begins
  image::Picture picture_{320, 180};
};

}  // namespace perch::test
