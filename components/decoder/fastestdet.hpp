#pragma once
#include <memory>

#include "base/result.hpp"
#include "seam/decoder.hpp"

namespace perch {
class Registry;
}

/// FastestDet detectors.
///
/// Output [N, 5 + classes, H, W]: objectness after the sigmoid; x, y, w, h before theirs; one probability a class.
/// Centre = (tanh(xy) + cell) / (W, H), size = sigmoid(wh), both as parts of the input;
/// score = objectness^0.6 · best class^0.4.
/// Source: dog-qiuqiu/FastestDet, `handle_preds`.
namespace perch::decoder::fastestdet {

struct Config {
  float min_score = 0.35F;
  float nms_iou = 0.45F;
  int max_detections = 300;
  bool clip = true;
};

/// Errors: mismatch when no output has the shape that the labels ask for.
Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model);

void describe(Registry& registry);

}  // namespace perch::decoder::fastestdet
