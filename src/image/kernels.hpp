#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "image/sampling.hpp"

/// The inner loops of the plans. A line is a row of the content, four floats a pixel: R, G, B (0..255) and one to
/// spare; of a field of temperatures all four are °C.
namespace perch::image::kernels {

/// rows[0] · weights[0] + rows[1] · weights[1] + … → out, `count` numbers each; `stride` in numbers.
void blend_rows(const std::uint8_t* first, std::ptrdiff_t stride, const float* weights, int taps, int count,
                float* out);
void blend_rows(const float* first, std::ptrdiff_t stride, const float* weights, int taps, int count, float* out);

/// A blended row → a line. @param row  has three floats to spare at its end
void gather(const float* row, int channels, const AxisTable& columns, float* line);

/// The same for one tap, straight from a row of the picture.
void pick(const std::uint8_t* row, int channels, const AxisTable& columns, float* line);
void pick(const float* row, int channels, const AxisTable& columns, float* line);

/// Rounds a line's numbers, none of which is negative, to whole ones, halves up.
void round_pixels(float* line, int count);

/// A tensor's element that lines are written to.
class Target {
 public:
  Target(std::byte* tensor, const TensorFormat& format);

  /// Writes `count` pixels of a line at (x, y) of the input, normalised.
  void put(const float* line, int count, int x, int y) const;

  /// Fills everything around the content.
  void fill_around(const PixelRect& content) const;

 private:
  template <class T>
  void put_as(const float* line, int count, int x, int y) const;
  template <class T>
  void fill(int x, int y, int width, int height) const;
  void fill_any(int x, int y, int width, int height) const;

  std::byte* tensor_;
  const TensorFormat* format_;
  std::array<float, 4> gain_{1, 1, 1, 1};  ///< in the tensor's order
  std::array<float, 4> bias_{};
};

}  // namespace perch::image::kernels
