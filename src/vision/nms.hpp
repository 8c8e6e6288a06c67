#pragma once
#include <vector>

#include "base/geometry.hpp"
#include "seam/findings.hpp"
#include "seam/tensor.hpp"

namespace perch::vision {

/// A box that a detector proposes, in any one coordinate system.
struct Candidate {
  Box box;
  float score = 0;
  int label = 0;
};

/// What becomes of candidates that overlap.
struct Suppression {
  float iou = 0.5F;            ///< of two that overlap more than this, the one with the lower score goes
  bool across_labels = false;  ///< whether a box also suppresses boxes of other labels
  int max_kept = 300;          ///< the best are kept
};

/// Greedy non-maximum suppression, in place. What is kept is ordered by score, best first; equal scores stay in their
/// order. Candidates whose score or box is not finite are dropped. O(n·log n + n·kept). @thread any
void suppress(std::vector<Candidate>& candidates, const Suppression& how);

/// The end of every box decoder: suppresses the candidates of one batch element, takes what is kept from pixels of the
/// model's input to pixels of the frame and appends it to `out`. Boxes that lie wholly outside their region are
/// dropped. Scores above 1 count as 1. @thread any
/// @param clip  whether boxes are cut at the edge of their region; where a perspective is undone they always are
void append_detections(std::vector<Candidate>& candidates, const Suppression& how, const Placement& placement,
                       bool clip, Findings& out);

/// Detections of one frame's overlapping regions (tiles) → one for each object, in place and by score. Of two with the
/// same label from different regions that share more than `overlap` of the smaller one's area, the one with the lower
/// score goes: a tile's edge cuts objects, so what it shows of one lies inside the whole one. @thread any
void merge_regions(std::vector<Detection>& detections, float overlap);

}  // namespace perch::vision
