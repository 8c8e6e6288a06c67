#pragma once
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "seam/decoder.hpp"

namespace perch {
class Registry;
}

/// YOLOX detectors, exported without decoding in the network.
///
/// Output [N, A, 5 + classes] f32 with A grid cells of all strides, rows first, small strides first:
/// x, y, w, h, objectness, one score a class, the scores after the sigmoid.
/// Centre = (xy + cell) · stride, size = exp(wh) · stride, score = objectness · best class.
/// Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021"; YOLOX, `demo_postprocess`.
namespace perch::decoder::yolox {

struct Config {
  float min_score = 0.3F;
  float nms_iou = 0.65F;
  int max_detections = 300;
  bool clip = true;
  std::vector<int> strides{8, 16, 32};
};

/// Errors: mismatch when no output has the shape that the input's size and the labels ask for.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::yolox
