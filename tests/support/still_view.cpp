#include "support/still_view.hpp"

#include "support/unwatched.hpp"

namespace perch::test {

StillView::StillView() : noise_(1U << 14U) {
  for (int& level : noise_) level = static_cast<int>(random_() % 5) - 2;
}

PERCH_UNWATCHED const image::Picture& StillView::take() {
  const int width = picture_.width();
  for (int y = 0; y < picture_.height(); ++y) {
    std::uint8_t* pixel = picture_.row(y);
    const int* noise = &noise_[random_() % (noise_.size() - 320)];
    for (int x = 0; x < width; ++x) {
      const bool object = object_x >= 0 && x >= object_x && x < object_x + 40 && y >= 60 && y < 90;
      const int level = object ? 180 : 60 + x / 4 + (stripes && (x / 20 + y / 20) % 2 == 0 ? 80 : 0);
      for (int channel = 0; channel < 3; ++channel) *pixel++ = static_cast<std::uint8_t>(level + noise[x]);
    }
  }
  return picture_;
}

}  // namespace perch::test
