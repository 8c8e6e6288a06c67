#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/geometry.hpp"
#include "base/ids.hpp"

namespace perch {

/// The part of a frame that a model looks at, in pixels of the frame.
struct Region {
  int index = 0;  ///< its place in the task's list; findings refer to it
  Quad corners_px;
  std::string name;  ///< "digit 1", "slot 17", or empty
};

/// An object found, in pixels of the frame.
struct Detection {
  int region = 0;
  LabelId label;
  float score = 0;  ///< 0..1
  Box box_px;
  std::optional<TrackId> track;
};

/// One probability a label; they sum to 1.
struct Scores {
  int region = 0;
  std::vector<float> p;
};

/// A point of a body, in pixels of the frame, with the model's confidence 0..1.
struct Keypoint {
  Point at_px;
  float score = 0;
};

/// One body. The order of the points is the model's; for COCO bodies see `vision/pose.hpp`.
struct Pose {
  int region = 0;
  float score = 0;  ///< 0..1: the mean of its points' scores unless the model gives one
  std::vector<Keypoint> points;
};

/// The position of one wheel or the digit of one window: `p` has 10 entries (whole digits) or 100 (tenths: index 37 is
/// seven tenths of the way from 3 to 4, and 99 is next to 0) and sums to 1.
struct Digit {
  int region = 0;
  std::vector<float> p;
};

/// A field of values over a region, row-major: a heat map.
struct Grid {
  int region = 0;
  int rows = 0;
  int cols = 0;
  std::vector<float> value;
  /// What it covers, in pixels of the frame; its first cell lies at the first corner. Cells at the edge may reach a
  /// little beyond the region.
  Quad corners_px = {};
};

/// A vector that stands for what a region shows.
struct Embedding {
  int region = 0;
  std::vector<float> v;
};

/// A number with a name, read off a region.
struct Number {
  int region = 0;
  std::string name;
  double value = 0;
};

/// What a model finds that answers one question, and what an analysis reads of it.
enum class FindingKind : std::uint8_t {
  none,        ///< of an analysis: it looks at the frame itself, and wants no model
  detections,  ///< objects with labels and boxes
  scores,      ///< a probability a label
  poses,
  digits,
  anomaly  ///< a number called score, and a heat map
};

/// Everything that a model found in one frame, each with its region. Reused between frames: `clear` keeps memory.
struct Findings {
  std::vector<Detection> detections;
  std::vector<Scores> scores;
  std::vector<Pose> poses;
  std::vector<Digit> digits;
  std::vector<Grid> grids;
  std::vector<Embedding> embeddings;
  std::vector<Number> numbers;

  void clear() {
    detections.clear();
    scores.clear();
    poses.clear();
    digits.clear();
    grids.clear();
    embeddings.clear();
    numbers.clear();
  }
};

}  // namespace perch
