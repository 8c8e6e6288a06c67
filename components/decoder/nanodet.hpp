#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/field.hpp"
#include "seam/decoder.hpp"

namespace perch {
class Registry;
}

/// NanoDet detectors with two outputs a stride.
///
/// `cls_pred_stride_S` [N, cells, classes]: scores after the sigmoid. `dis_pred_stride_S` [N, cells, 4·bins]: for each
/// of left, top, right and bottom the distribution (before the softmax) over distances 0, 1 … bins − 1 in strides; its
/// mean is the distance of that side from the cell's centre.
/// Source: Li et al., "Generalized Focal Loss", 2020; NanoDet.
namespace perch::decoder::nanodet {

/// Where a cell's centre is taken to lie.
enum class Centre : std::uint8_t {
  half,  ///< (cell + ½) · stride, as the models are trained
  index  ///< half a pixel less, cell · stride + (stride − 1) / 2, as OpenCV's model zoo has it
};

struct Config {
  float min_score = 0.3F;
  float nms_iou = 0.6F;
  int max_detections = 300;
  bool clip = true;
  int bins = 8;
  Centre centre = Centre::half;
  std::vector<int> strides{8, 16, 32};
};

/// Errors: mismatch when an output is missing or its shape is not what the input's size and the labels ask for.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::nanodet

namespace perch::config {

template <>
struct EnumNames<decoder::nanodet::Centre> {
  static constexpr std::array<std::string_view, 2> names{"half", "index"};
};

}  // namespace perch::config
