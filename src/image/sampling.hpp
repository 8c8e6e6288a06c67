#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/geometry.hpp"
#include "base/result.hpp"
#include "image/axis_table.hpp"
#include "image/homography.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// The order of the axes of one batch element: channel planes, or interleaved channels.
enum class Layout : std::uint8_t { nchw, nhwc };

/// The channels of the tensor. Grey is one channel, 0.299 R + 0.587 G + 0.114 B. Celsius is one channel of
/// temperatures, made from a field of them and never from a picture.
enum class ColourOrder : std::uint8_t { rgb, bgr, grey, celsius };

enum class Element : std::uint8_t { f32, u8 };

/// How a picture stands in a tensor: value = (pixel · scale − mean) / std, with pixel 0..255, or in °C for a field of
/// temperatures. `mean`, `std` and `fill` are in the order of the tensor's channels. Values of u8 elements are rounded
/// to nearest and clamped to 0..255; those of f32 elements keep the fractions that interpolation makes, but with
/// `whole_pixels` each colour is rounded to nearest before all else, as where pictures of bytes are resized.
struct TensorFormat {
  Size size;  ///< of the model's input, in pixels
  Layout layout = Layout::nchw;
  ColourOrder order = ColourOrder::rgb;
  Element element = Element::f32;
  bool whole_pixels = false;  ///< of pictures; temperatures keep their fractions
  float scale = 1;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
  std::array<float, 3> fill{0, 0, 0};  ///< pixel (0..255) around the content, normalised like any other: the letterbox

  int channels() const { return order == ColourOrder::rgb || order == ColourOrder::bgr ? 3 : 1; }

  /// Bytes of one batch element.
  std::size_t bytes() const {
    return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) *
           static_cast<std::size_t>(channels()) * (element == Element::f32 ? sizeof(float) : 1);
  }

  bool operator==(const TensorFormat&) const = default;
};

/// Whole pixels of the model's input.
struct PixelRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const PixelRect&) const = default;
};

/// Memory that plans work in, reused from frame to frame. One a worker; not for two threads at once.
struct Scratch {
  std::vector<float> row;   ///< source rows blended to one
  std::vector<float> line;  ///< one row of the content, four floats a pixel
};

/// Takes an upright part of a picture to one element of a model's input tensor, in one pass: crop, resize, letterbox,
/// colour order, normalisation, layout. Made once for a size, run for every frame. Immutable: one serves all threads.
class ResizePlan {
 public:
  ResizePlan() = default;

  /// Plans crop → content.
  /// @param source   size of the pictures that will come, in pixels
  /// @param crop     the part of the picture to show, in pixels of the source, fractions allowed. What lies outside the
  ///                 picture repeats its edge. Sampling never looks beyond the pixels that the crop touches, so that a
  ///                 crop at whole pixels gives what cutting out and resizing gives
  /// @param content  where in the input it goes; the rest of the input is `format.fill`
  /// Errors: invalid (a size that is not positive, a crop that is not finite or misses the picture, a content outside
  ///         the input, a std of 0)
  static Result<ResizePlan> make(Size source, const Box& crop, const PixelRect& content, const TensorFormat& format,
                                 Interpolation interpolation);

  /// The same in place, keeping memory: for crops that change with every frame. After an error the plan is unusable.
  Result<void> remake(Size source, const Box& crop, const PixelRect& content, const TensorFormat& format,
                      Interpolation interpolation);

  /// Writes one batch element, letterbox included.
  /// @param picture  RGB or grey, of the size planned for
  /// @param tensor   exactly `format().bytes()`, aligned for its elements
  /// Errors: mismatch (picture or tensor of another size than planned for; a picture where the format wants
  ///         temperatures). Allocates only when `scratch` must grow.
  Result<void> run(PictureView picture, std::span<std::byte> tensor, Scratch& scratch) const;

  /// The same of temperatures, whose cells are resized as pixels are; for formats in °C alone.
  Result<void> run(FieldView field, std::span<std::byte> tensor, Scratch& scratch) const;

  const TensorFormat& format() const { return format_; }

  Size source() const { return source_; }

 private:
  template <class View>
  Result<void> run_any(const View& view, std::span<std::byte> tensor, Scratch& scratch) const;

  Size source_;
  PixelRect content_;
  TensorFormat format_;
  AxisTable columns_, rows_;
};

/// The same for a quadrilateral that a camera sees askew: its perspective is undone by a homography.
///
/// Bilinear and area sampling average over k×k points of each target pixel where the picture shrinks to less than half
/// (area: wherever it shrinks), so that nothing between the points is missed; nearest takes one point.
class WarpPlan {
 public:
  WarpPlan() = default;

  /// Plans quadrilateral → content: its first corner goes to the content's top left, the second to the top right.
  /// Corners may lie outside the picture, which then repeats its edge.
  /// Errors: invalid (as `homography`; area under one pixel; misses the picture; as `ResizePlan::make`)
  static Result<WarpPlan> make(Size source, const Quad& corners_px, const PixelRect& content,
                               const TensorFormat& format, Interpolation interpolation);

  /// As `ResizePlan::run`.
  Result<void> run(PictureView picture, std::span<std::byte> tensor, Scratch& scratch) const;
  Result<void> run(FieldView field, std::span<std::byte> tensor, Scratch& scratch) const;

  const TensorFormat& format() const { return format_; }

  Size source() const { return source_; }

  /// Pixels of the input → pixels of the picture, as `Placement::to_frame` wants it.
  const Homography& to_source() const { return to_source_; }

 private:
  template <class View>
  Result<void> run_any(const View& view, std::span<std::byte> tensor, Scratch& scratch) const;

  Size source_;
  PixelRect content_;
  TensorFormat format_;
  Interpolation interpolation_ = Interpolation::bilinear;
  Homography to_source_{1, 0, 0, 0, 1, 0, 0, 0, 1};
  int points_x_ = 1;  ///< samples of a target pixel in each direction
  int points_y_ = 1;
};

}  // namespace perch::image
