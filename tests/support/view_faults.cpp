#include "support/view_faults.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "support/unwatched.hpp"

namespace perch::test {

PERCH_UNWATCHED image::Picture turned(const image::Picture& from, int margin, int dx, int dy) {
  image::Picture out(from.width() - 2 * margin, from.height() - 2 * margin, 1);
  for (int y = 0; y < out.height(); ++y)
    std::memcpy(out.row(y), from.at(margin + dx, y + margin + dy), static_cast<std::size_t>(out.width()));
  return out;
}

PERCH_UNWATCHED image::Picture blurred(image::Picture picture, int radius) {
  const int width = picture.width(), height = picture.height();
  const auto row = static_cast<std::size_t>(width) + 1;
  std::vector<int> sums(row * (static_cast<std::size_t>(height) + 1));  // of all that is above and left of a corner
  for (int pass = 0; pass < 2; ++pass) {
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* from = picture.row(y);
      int* above = &sums[static_cast<std::size_t>(y) * row];
      int* below = above + row;
      for (int x = 0, sum = 0; x < width; ++x) {
        sum += from[x];
        below[x + 1] = above[x + 1] + sum;
      }
    }
    for (int y = 0; y < height; ++y) {
      const int top = std::max(y - radius, 0), bottom = std::min(y + radius + 1, height);
      const int *above = &sums[static_cast<std::size_t>(top) * row],
                *below = &sums[static_cast<std::size_t>(bottom) * row];
      std::uint8_t* to = picture.row(y);
      for (int x = 0; x < width; ++x) {
        const int left = x > radius ? x - radius : 0, right = x + radius + 1 < width ? x + radius + 1 : width;
        const int sum = below[right] - below[left] - above[right] + above[left];
        to[x] = static_cast<std::uint8_t>(sum / ((right - left) * (bottom - top)));
      }
    }
  }
  return picture;
}

PERCH_UNWATCHED image::Picture covered(image::Picture picture, int level) {
  for (int y = 0; y < picture.height(); ++y) {
    std::uint8_t* pixel = picture.row(y);
    for (int x = 0; x < picture.width(); ++x)
      pixel[x] = static_cast<std::uint8_t>(std::clamp(level + (pixel[x] - 128) / 20, 0, 255));
  }
  return picture;
}

PERCH_UNWATCHED image::Picture lit(image::Picture picture, double factor, int noise, std::mt19937& random) {
  const auto levels = static_cast<unsigned>(2 * noise + 1);
  for (int y = 0; y < picture.height(); ++y) {
    std::uint8_t* pixel = picture.row(y);
    for (int x = 0; x < picture.width(); ++x) {
      const int level = static_cast<int>(pixel[x] * factor) + static_cast<int>(random() % levels) - noise;
      pixel[x] = static_cast<std::uint8_t>(std::clamp(level, 0, 255));
    }
  }
  return picture;
}

}  // namespace perch::test
