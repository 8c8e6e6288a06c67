#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace perch::image {

/// Width and height in pixels.
struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

/// A borrowed picture: 8 bits a channel, interleaved. Valid as long as what it was made from.
struct PictureView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 3;           ///< 3 (RGB) or 1 (grey)
  std::ptrdiff_t stride = 0;  ///< bytes from one row to the next

  const std::uint8_t* row(int y) const { return data + y * stride; }

  Size size() const { return {width, height}; }
};

/// A borrowed field of numbers, one a pixel, row-major without gaps: temperatures in °C. Valid as long as what it was
/// made from.
struct FieldView {
  const float* data = nullptr;
  int width = 0;
  int height = 0;

  const float* row(int y) const { return data + std::ptrdiff_t{y} * width; }

  Size size() const { return {width, height}; }
};

/// A decoded picture that owns its pixels: RGB (or grey), 8 bits a channel, interleaved, rows without gaps. Reusing one
/// keeps its memory: `reset` allocates only when a picture needs more than any before.
class Picture {
 public:
  Picture() = default;

  Picture(int width, int height, int channels = 3) { reset(width, height, channels); }

  void reset(int width, int height, int channels = 3) {
    width_ = width;
    height_ = height;
    channels_ = channels;
    pixels_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                   static_cast<std::size_t>(channels));
  }

  int width() const { return width_; }

  int height() const { return height_; }

  int channels() const { return channels_; }

  Size size() const { return {width_, height_}; }

  std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(width_) * channels_; }

  std::uint8_t* data() { return pixels_.data(); }

  const std::uint8_t* data() const { return pixels_.data(); }

  std::uint8_t* row(int y) { return pixels_.data() + y * stride(); }

  const std::uint8_t* row(int y) const { return pixels_.data() + y * stride(); }

  std::uint8_t* at(int x, int y) { return row(y) + static_cast<std::ptrdiff_t>(x) * channels_; }

  const std::uint8_t* at(int x, int y) const { return row(y) + static_cast<std::ptrdiff_t>(x) * channels_; }

  PictureView view() const { return {pixels_.data(), width_, height_, channels_, stride()}; }

 private:
  int width_ = 0;
  int height_ = 0;
  int channels_ = 3;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace perch::image
