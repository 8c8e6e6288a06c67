#pragma once
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "base/geometry.hpp"

namespace perch {

enum class ElementType : std::uint8_t { f32, u8, i8, i32, i64, f16, f64, other };

/// Name, type and shape of a model's input or output. A dimension that is only known when the model runs is -1.
struct TensorInfo {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
};

/// One output of a model as 32-bit floats (quantised outputs are converted before a decoder sees them). Borrowed: valid
/// during the call it is passed to.
struct TensorView {
  std::string_view name;
  std::span<const std::int64_t> shape;
  std::span<const float> data;

  std::int64_t dim(std::size_t axis) const { return axis < shape.size() ? shape[axis] : 1; }

  /// The values of one element of the batch. @pre index < dim(0)
  std::span<const float> of_batch(std::int64_t index) const {
    const std::size_t each = data.size() / static_cast<std::size_t>(dim(0));
    return data.subspan(static_cast<std::size_t>(index) * each, each);
  }
};

/// All outputs of a model for one batch, in the model's order.
struct Tensors {
  std::vector<TensorView> outputs;

  /// The output of that name, or nullptr.
  const TensorView* find(std::string_view name) const {
    for (const TensorView& output : outputs)
      if (output.name == name) return &output;
    return nullptr;
  }
};

/// Where one element of a batch lies in the frame: how to come from pixels of the model's input back to the frame.
struct Placement {
  int region = 0;
  /// The part of the input that shows the region, in input pixels; the rest is letterbox.
  Box content_px;
  /// Row-major 3×3 homography from input pixels to pixels of the frame.
  std::array<double, 9> to_frame{1, 0, 0, 0, 1, 0, 0, 0, 1};
  /// The region's bounds within the frame: findings are clipped to it.
  Box bounds_px;

  Point map(Point p) const {
    const double w = to_frame[6] * p.x + to_frame[7] * p.y + to_frame[8];
    return {static_cast<float>((to_frame[0] * p.x + to_frame[1] * p.y + to_frame[2]) / w),
            static_cast<float>((to_frame[3] * p.x + to_frame[4] * p.y + to_frame[5]) / w)};
  }

  /// The box around the mapped corners, clipped to the region.
  Box map(const Box& b) const {
    const Quad q{{{map(Point{b.x, b.y}), map(Point{b.right(), b.y}), map(Point{b.right(), b.bottom()}),
                   map(Point{b.x, b.bottom()})}}};
    return intersection(q.bounds(), bounds_px);
  }
};

}  // namespace perch
