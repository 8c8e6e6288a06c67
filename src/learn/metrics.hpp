#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/geometry.hpp"
#include "seam/findings.hpp"

/// Measures of how well a model does. Pure.
namespace perch::learn {

/// One answer of a model: how sure it was, and whether it was right.
struct Answer {
  float score = 0;
  bool right = false;
};

/// What accepting answers from `threshold` up gives.
struct CurvePoint {
  float threshold = 0;
  double precision = 1;
  double recall = 0;

  double f1() const { return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0; }
};

/// Precision and recall at each threshold at which they change, highest threshold first; at most `most` points, evenly
/// thinned. @param there  how many right answers there were to give. Empty without answers or without things to find.
std::vector<CurvePoint> precision_recall(std::vector<Answer> answers, std::size_t there, std::size_t most = 200);

/// The point with the best F1. Where F1 hardly differs (by 0.002) the middle of those thresholds is taken, so that the
/// choice does not hang on one picture. A curve without points gives threshold 0.5 and recall 0.
CurvePoint best_f1(std::span<const CurvePoint> curve);

/// Chance that a positive is scored above a negative, ties half: the area under the ROC curve, 0..1; NaN when one of
/// both is missing. `right` marks the positives.
double auroc(std::vector<Answer> answers);

/// How often a thing of one label was taken for one of another. Rows: what it is; columns: what it was called.
struct Confusion {
  std::vector<std::string> labels;   ///< of rows and columns
  std::vector<std::int64_t> counts;  ///< row by row

  explicit Confusion(std::vector<std::string> names = {})
      : labels(std::move(names)),
        counts(labels.size() * labels.size()) {}

  std::int64_t& at(std::size_t is, std::size_t called) { return counts[is * labels.size() + called]; }

  std::int64_t at(std::size_t is, std::size_t called) const { return counts[is * labels.size() + called]; }

  /// Share of all on the diagonal; 0 when there is nothing.
  double accuracy() const;
};

/// A thing that is in a picture.
struct TrueThing {
  int label = 0;
  Box box_px;
  bool counts = true;  ///< false: finding it is neither right nor wrong, and so is not finding it
};

/// What became of the findings of one picture.
struct Matching {
  /// For each detection the place of the thing it found; -1: nothing is there; -2: it does not count.
  std::vector<int> thing_of;
  /// For each thing whether it was found.
  std::vector<bool> found;

  static constexpr int kNothing = -1;
  static constexpr int kIgnored = -2;
};

/// Greedy by score: each detection takes the thing of its label that it overlaps most, from `least_iou` up, and that
/// nobody has taken yet. What then is left over does not count where it overlaps a thing that does not count: with
/// `least_iou`, or with half of its own area.
Matching match(std::span<const Detection> detections, std::span<const TrueThing> things, float least_iou = 0.5F);

}  // namespace perch::learn
