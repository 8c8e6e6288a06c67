#pragma once
#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

#include "seam/tensor.hpp"

namespace perch::test {

/// A model's outputs, filled by hand.
class HandMadeTensors {
 public:
  /// Adds an output in which every value is `fill`.
  void add(std::string name, std::vector<std::int64_t> shape, float fill = 0) {
    std::size_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
    outputs_.push_back({{std::move(name), ElementType::f32, std::move(shape)}, std::vector<float>(count, fill)});
  }

  /// One value of an output, by an index for each dimension.
  float& at(std::size_t output, std::initializer_list<std::int64_t> index) {
    std::size_t place = 0, axis = 0;
    for (const std::int64_t i : index)
      place = place * static_cast<std::size_t>(outputs_[output].info.shape[axis++]) + static_cast<std::size_t>(i);
    return outputs_[output].values.at(place);
  }

  std::vector<float>& values(std::size_t output) { return outputs_[output].values; }

  /// Borrowed: valid until this changes.
  Tensors view() const {
    Tensors tensors;
    for (const Output& output : outputs_)
      tensors.outputs.push_back({output.info.name, output.info.shape, output.values});
    return tensors;
  }

  std::vector<TensorInfo> infos() const {
    std::vector<TensorInfo> infos;
    for (const Output& output : outputs_) infos.push_back(output.info);
    return infos;
  }

 private:
  struct Output {
    TensorInfo info;
    std::vector<float> values;
  };

  std::deque<Output> outputs_;
};

/// Where a picture lies in a model's input: `content` shows `bounds` of the frame, stretched.
inline Placement placed(const Box& content, const Box& bounds, int region = 0) {
  const double sx = double{bounds.width} / content.width, sy = double{bounds.height} / content.height;
  Placement placement;
  placement.region = region;
  placement.content_px = content;
  placement.bounds_px = bounds;
  placement.to_frame = {sx, 0, bounds.x - content.x * sx, 0, sy, bounds.y - content.y * sy, 0, 0, 1};
  return placement;
}

}  // namespace perch::test
