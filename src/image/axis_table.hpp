#pragma once
#include <cstdint>
#include <vector>

namespace perch::image {

/// How pixels of another size are made. Each agrees with the mode of the same name in OpenCV, which most models were
/// trained with.
enum class Interpolation : std::uint8_t {
  nearest,   ///< INTER_NEAREST: source pixel floor(i · scale)
  bilinear,  ///< INTER_LINEAR: pixel centres at half steps, no antialiasing
  area       ///< INTER_AREA: mean over the covered area when shrinking; a variant of bilinear when enlarging
};

/// For each target pixel along one axis: which source pixels make it, with what weights. Part of a `ResizePlan`.
struct AxisTable {
  int first = 0;               ///< the lowest source pixel that is needed
  int last = 0;                ///< one past the highest
  int taps = 0;                ///< source pixels a target pixel, neighbours
  std::vector<int> start;      ///< a target pixel's first source pixel, counted from `first`
  std::vector<float> weights;  ///< `taps` a target pixel, which sum to 1

  /// Fills the table in place for `count` target pixels over `begin` to `begin + length` of `size` source pixels.
  /// @param enlarges  whether either axis of the picture grows, which turns area into its variant of bilinear
  /// @pre  all finite; length > 0, count > 0, size > 0; the part meets the picture
  void plan(double begin, double length, int count, int size, Interpolation interpolation, bool enlarges);
};

}  // namespace perch::image
