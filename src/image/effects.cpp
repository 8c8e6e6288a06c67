#include "image/effects.hpp"

#include <algorithm>
#include <vector>

namespace perch::image {

namespace {

/// Noise that never repeats itself, as a sensor's: SplitMix64.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}

  /// -amount … amount
  int next(int amount) {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<int>((z >> 33U) % static_cast<unsigned>(2 * amount + 1)) - amount;
  }

 private:
  std::uint64_t state_;
};

std::uint8_t byte(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

/// Calls `change(value, x, y)` for each byte of the picture.
template <class F>
void each(Picture& picture, F change) {
  for (int y = 0; y < picture.height(); ++y) {
    std::uint8_t* row = picture.row(y);
    for (int i = 0; i < static_cast<int>(picture.stride()); ++i) row[i] = change(row[i], i / picture.channels(), y);
  }
}

/// A running mean over `2 * radius + 1` along one line of pixels, edges repeated.
void blur_line(std::uint8_t* line, std::ptrdiff_t step, int count, int radius, std::vector<std::uint8_t>& copy) {
  copy.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) copy[static_cast<std::size_t>(i)] = line[i * step];
  const auto at = [&](int i) { return static_cast<int>(copy[static_cast<std::size_t>(std::clamp(i, 0, count - 1))]); };
  int sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += at(i);
  for (int i = 0; i < count; ++i) {
    line[i * step] = byte(sum / (2 * radius + 1));
    sum += at(i + radius + 1) - at(i - radius);
  }
}

}  // namespace

void darken(Picture& picture, std::uint64_t number) {
  Noise noise(number);
  each(picture, [&](std::uint8_t value, int, int) { return byte(value / 40 + noise.next(2)); });
}

void cover(Picture& picture, std::uint64_t number) {
  Noise noise(number);
  const int width = std::max(picture.width(), 1);
  each(picture, [&](std::uint8_t value, int x, int) { return byte(70 + 25 * x / width + value / 64 + noise.next(3)); });
}

void blur(Picture& picture) {
  constexpr int kTimes = 3;
  const int radius = std::max(4, picture.width() / 50);
  std::vector<std::uint8_t> copy;
  for (int time = 0; time < kTimes; ++time)
    for (int channel = 0; channel < picture.channels(); ++channel) {
      for (int y = 0; y < picture.height(); ++y)
        blur_line(picture.row(y) + channel, picture.channels(), picture.width(), radius, copy);
      for (int x = 0; x < picture.width(); ++x)
        blur_line(picture.at(x, 0) + channel, picture.stride(), picture.height(), radius, copy);
    }
}

void brighten(Picture& picture, int light) {
  each(picture, [&](std::uint8_t value, int, int) { return byte(value + (255 - value) * light / 1024); });
}

Picture shifted(const Picture& picture) {
  Picture result(picture.width(), picture.height(), picture.channels());
  const int right = picture.width() / 5;
  const int down = picture.height() / 10;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x)
      std::copy_n(picture.at(std::min(x + right, picture.width() - 1), std::min(y + down, picture.height() - 1)),
                  picture.channels(), result.at(x, y));
  return result;
}

Picture resized(const Picture& picture, Size size) {
  Picture result(size.width, size.height, picture.channels());
  for (int y = 0; y < size.height; ++y) {
    const int top = y * picture.height() / size.height;
    const int bottom = std::max(top + 1, (y + 1) * picture.height() / size.height);
    for (int x = 0; x < size.width; ++x) {
      const int left = x * picture.width() / size.width;
      const int right = std::max(left + 1, (x + 1) * picture.width() / size.width);
      for (int channel = 0; channel < picture.channels(); ++channel) {
        int sum = 0;
        for (int v = top; v < bottom; ++v)
          for (int u = left; u < right; ++u) sum += picture.at(u, v)[channel];
        result.at(x, y)[channel] = byte(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return result;
}

}  // namespace perch::image
