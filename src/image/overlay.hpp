#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/geometry.hpp"
#include "image/colour_map.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// The colour of a label, by its index: the same in every picture, neighbours far apart in hue. Negative is allowed.
Colour label_colour(int index);

/// Corners of a picture.
enum class Corner : std::uint8_t { top_left, top_right, bottom_left, bottom_right };

/// Draws what was found on a picture that people will look at. Lines and letters grow with the picture, so labels stay
/// legible at any size. Coordinates are in pixels of the picture; whatever lies outside is cut off, and shapes with
/// coordinates that are NaN or infinite are left out. Text is ASCII; other characters show as `?`, the degree sign is
/// left out. Borrows the picture (RGB), which must outlive it.
class Overlay {
 public:
  explicit Overlay(Picture& picture);

  /// A box with its label on a background of the same colour, above it or inside where there is no room above.
  void box(const Box& box_px, Colour colour, std::string_view label = {});

  /// The outline of a closed polygon, with a label at its topmost corner.
  void polygon(std::span<const Point> corners_px, Colour colour, std::string_view label = {});

  /// Bones (pairs of indices into `points_px`) and keypoints. Those with a score under `min_score` are left out with
  /// their bones, and pairs that name no point are ignored.
  /// @param scores  one a point, or empty: all are shown
  void pose(std::span<const Point> points_px, std::span<const float> scores, std::span<const std::pair<int, int>> bones,
            Colour colour, float min_score = 0.3F);

  /// Blends a grid of values over a part of the picture, coloured by the thermal map from `low` to `high`; cells are
  /// interpolated. NaN counts as `low`. Nothing happens when `values` is not rows × cols.
  /// @param opacity  0..1
  void heat_map(std::span<const float> values, int rows, int cols, const Box& where_px, float low, float high,
                float opacity = 0.5F);

  /// A line of text on a dark background in a corner. `line` counts from the corner inwards, from 0.
  void text(std::string_view line_of_text, Corner corner = Corner::top_left, int line = 0);

 private:
  void label(std::string_view text, float x, float y_bottom, Colour colour);

  Picture* picture_;
  int thickness_;
  double font_scale_;
};

}  // namespace perch::image
