#pragma once
#include <array>
#include <vector>

#include "seam/findings.hpp"

namespace perch::accuracy {

/// A keypoint as COCO labels it.
struct TruePoint {
  Point at_px;
  int visible = 0;  ///< 0: not labelled, 1: hidden, 2: visible
};

/// How far annotators scatter about each of COCO's 17 keypoints, as a part of the body's scale. Source: COCO, keypoint
/// evaluation.
inline constexpr std::array<double, 17> kCocoSigmas{0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072,
                                                    0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089};

/// Object keypoint similarity, 0..1: the mean of exp(−d² / (2·area·(2σ)²)) over the labelled keypoints; 0 without any.
/// @param area_px  of the body's segment, px²
double keypoint_similarity(const Pose& found, const std::vector<TruePoint>& truth, double area_px);

}  // namespace perch::accuracy
