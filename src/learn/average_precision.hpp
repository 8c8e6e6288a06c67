#pragma once
#include <cstdint>
#include <vector>

#include "base/geometry.hpp"
#include "seam/findings.hpp"

namespace perch::learn {

/// An object that is really there.
struct TrueBox {
  int label = 0;
  Box box_px;
  bool crowd = false;  ///< many objects in one box: what lies inside it counts neither as right nor as wrong
};

/// One picture: what is there and what was found.
struct Judged {
  std::vector<TrueBox> truth;
  std::vector<Detection> found;
};

/// Average precision, 0..1, over the labels that are there; −1 when none is.
struct AveragePrecision {
  double ap = -1;    ///< mean over IoU 0.50, 0.55 … 0.95
  double ap50 = -1;  ///< at IoU 0.50
};

/// COCO's measure for boxes of all sizes, at most 100 detections a picture and label: greedy matching by score, crowds
/// ignored, precision interpolated at 101 recalls. Source: pycocotools 2.0, `COCOeval` with `bbox`, area `all`.
AveragePrecision average_precision(const std::vector<Judged>& pictures);

}  // namespace perch::learn
