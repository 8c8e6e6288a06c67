#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "image/sampling.hpp"

/// What sampling is compared with: pictures and formats at random, and a plain reference, a pixel at a time.
namespace perch::image {

inline std::mt19937& random_numbers() {
  static std::mt19937 engine(20261121);
  return engine;
}

inline int between(int low, int high) {
  return low + static_cast<int>(random_numbers()() % static_cast<unsigned>(high - low + 1));
}

inline float between(float low, float high) {
  return low + static_cast<float>(random_numbers()() % 100'000) / 100'000 * (high - low);
}

/// Noise, so that no mistake hides; or a smooth picture, where OpenCV's coarse positions do not matter.
inline Picture make_picture(int width, int height, int channels, bool smooth = false) {
  Picture picture(width, height, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        picture.at(x, y)[c] = static_cast<std::uint8_t>(smooth ? x + y + c * 10 : between(0, 255));
  return picture;
}

// ---- The reference: one pixel at a time, in two dimensions at once, without tables.

/// The pixel at (x, y), or the nearest that the crop touches.
inline double source_at(const PictureView& picture, const Box& crop, double x, double y, int channel) {
  const double left = std::max(0.0, std::floor(double{crop.x})), top = std::max(0.0, std::floor(double{crop.y}));
  const double right = std::min(picture.width, static_cast<int>(std::ceil(double{crop.x} + crop.width))) - 1.0;
  const double bottom = std::min(picture.height, static_cast<int>(std::ceil(double{crop.y} + crop.height))) - 1.0;
  const int column = static_cast<int>(std::min(std::max(x, left), right));
  const int row = static_cast<int>(std::min(std::max(y, top), bottom));
  return picture.row(row)[column * picture.channels + (picture.channels == 1 ? 0 : channel)];
}

inline double lerped(const PictureView& picture, const Box& crop, double x, double y, int channel) {
  const double left = std::floor(x), top = std::floor(y), across = x - left, down = y - top;
  const auto at = [&](double u, double v) { return source_at(picture, crop, u, v, channel); };
  return (at(left, top) * (1 - across) + at(left + 1, top) * across) * (1 - down) +
         (at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across) * down;
}

/// The pixel value (0..255) of target pixel (i, j) of a content of `size`.
inline double reference_pixel(const PictureView& picture, const Box& crop, Size size, Interpolation how, int i, int j,
                              int channel) {
  const double scale_x = 1.0 / (size.width / double{crop.width}), scale_y = 1.0 / (size.height / double{crop.height});
  // Counted from the crop's first whole pixel, as OpenCV counts within a part: so ties fall on the same side.
  const double first_x = std::floor(double{crop.x}), first_y = std::floor(double{crop.y});
  const double rest_x = crop.x - first_x, rest_y = crop.y - first_y;
  const double x = crop.x + i * scale_x, y = crop.y + j * scale_y;
  if (how == Interpolation::nearest)
    return source_at(picture, crop, first_x + std::floor(rest_x + i * scale_x),
                     first_y + std::floor(rest_y + j * scale_y), channel);
  if (how == Interpolation::bilinear)
    return lerped(picture, crop, crop.x + (i + 0.5) * scale_x - 0.5, crop.y + (j + 0.5) * scale_y - 0.5, channel);
  if (scale_x < 1 || scale_y < 1) {
    const auto edge = [](double begin, double scale, int target) {
      const double at = begin + target * scale, left = std::floor(at);
      const auto beyond = static_cast<float>((target + 1) - (left + 1 - begin) / scale);  // as OpenCV rounds it
      return left + (beyond <= 0 ? 0 : beyond - std::floor(beyond));
    };
    return lerped(picture, crop, first_x + edge(rest_x, scale_x, i), first_y + edge(rest_y, scale_y, j), channel);
  }
  double sum = 0, weight = 0;
  for (double v = std::floor(y); v < y + scale_y; ++v)
    for (double u = std::floor(x); u < x + scale_x; ++u) {
      const double covered =
          (std::min(x + scale_x, u + 1) - std::max(x, u)) * (std::min(y + scale_y, v + 1) - std::max(y, v));
      sum += covered * source_at(picture, crop, u, v, channel);
      weight += covered;
    }
  return sum / weight;
}

/// The three or one values of a tensor's pixel before normalisation, in the tensor's order.
inline std::vector<double> in_order(const TensorFormat& format, const std::array<double, 3>& rgb) {
  if (format.order == ColourOrder::grey) return {0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]};
  if (format.order == ColourOrder::bgr) return {rgb[2], rgb[1], rgb[0]};
  return {rgb[0], rgb[1], rgb[2]};
}

inline double normalised(const TensorFormat& format, double pixel, std::size_t channel) {
  const double value = (pixel * format.scale - format.mean[channel]) / format.std[channel];
  return format.element == Element::f32 ? value : std::clamp(value, 0.0, 255.0);
}

inline double element(const TensorFormat& format, const std::vector<std::byte>& tensor, int x, int y, int channel) {
  const int width = format.size.width, height = format.size.height;
  const int at = format.layout == Layout::nchw ? (channel * height + y) * width + x
                                               : (y * width + x) * format.channels() + channel;
  if (format.element == Element::u8) return std::to_integer<int>(tensor[static_cast<std::size_t>(at)]);
  float value = 0;
  std::memcpy(&value, tensor.data() + static_cast<std::size_t>(at) * sizeof value, sizeof value);
  return double{value};
}

inline TensorFormat random_format() {
  TensorFormat format;
  format.size = {between(1, 40), between(1, 40)};
  format.layout = between(0, 1) == 0 ? Layout::nchw : Layout::nhwc;
  format.order = static_cast<ColourOrder>(between(0, 2));
  format.element = between(0, 1) == 0 ? Element::f32 : Element::u8;
  if (between(0, 1) == 0) {
    format.scale = between(0.2F, 1.2F);
    for (std::size_t c = 0; c < 3; ++c) format.mean[c] = between(-20.F, 20.F), format.std[c] = between(0.5F, 2.F);
  }
  for (float& value : format.fill) value = between(0.F, 255.F);
  return format;
}

inline PixelRect random_content(Size size) {
  const int width = between(1, size.width), height = between(1, size.height);
  return {between(0, size.width - width), between(0, size.height - height), width, height};
}

inline bool inside(const PixelRect& rect, int x, int y) {
  return x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
}

/// How far a tensor is from the reference at most; `pixel_at(x, y, channel)` gives 0..255 for pixels of the content.
inline double worst(const TensorFormat& format, const PixelRect& content, const std::vector<std::byte>& tensor,
                    auto pixel_at) {
  double most = 0;
  for (int y = 0; y < format.size.height; ++y)
    for (int x = 0; x < format.size.width; ++x) {
      std::vector<double> want;
      if (inside(content, x, y))
        want = in_order(format, {pixel_at(x - content.x, y - content.y, 0), pixel_at(x - content.x, y - content.y, 1),
                                 pixel_at(x - content.x, y - content.y, 2)});
      else
        for (int c = 0; c < format.channels(); ++c) want.push_back(double{format.fill[static_cast<std::size_t>(c)]});
      for (int c = 0; c < format.channels(); ++c) {
        const auto channel = static_cast<std::size_t>(c);
        most = std::max(most, std::abs(element(format, tensor, x, y, c) - normalised(format, want[channel], channel)));
      }
    }
  return most;
}

/// Half a step for rounding, and a little for arithmetic in 32 bits.
inline double tolerance(const TensorFormat& format) {
  return format.element == Element::u8 ? 0.51 : 2e-3;
}

inline std::vector<std::byte> tensor_for(const TensorFormat& format) {
  return std::vector<std::byte>(format.bytes(), std::byte{0xa5});
}

}  // namespace perch::image
