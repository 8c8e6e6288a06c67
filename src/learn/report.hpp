#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/geometry.hpp"
#include "learn/metrics.hpp"

namespace perch::learn {

/// A measured figure.
struct Metric {
  std::string name;  ///< "F1", "accuracy", "mean error"
  double value = 0;
  std::string of;          ///< what it was measured on: a label, a condition ("light=night"); empty: all
  std::int64_t count = 0;  ///< of the things or pictures that it was measured on; 0: not said
};

/// Precision and recall against the threshold, with the point that was chosen.
struct Curve {
  std::string label;  ///< empty: all labels together
  std::vector<CurvePoint> points;
  CurvePoint chosen;
};

/// Something that the model got wrong.
struct Mistake {
  std::string picture;
  std::string what;    ///< "car not found", "called 'warm', is 'hot'"
  double badness = 0;  ///< the higher the worse: the score of a false finding, the size of an error
  std::optional<Box> box_px;
};

/// What a training leaves beside its model: `NAME.json` (docs/formats/train-report.md). All measures are of pictures
/// that were not trained on.
struct TrainReport {
  std::string model, kind, version, origin;
  std::string sha256;  ///< of the ONNX file
  std::int64_t seed = 0;
  std::string data;  ///< the data set's own origin
  std::int64_t pictures_train = 0, pictures_validation = 0, pictures_test = 0;
  int epochs = 0;
  int best_epoch = 0;  ///< whose model is published
  double seconds = 0;
  std::string ended;            ///< why training ended
  std::string measured_on;      ///< which split; in words what does not count
  float threshold = 0;          ///< as the card has it
  std::vector<Metric> metrics;  ///< the first is the one that the best model was chosen by
  std::vector<Curve> curves;
  Confusion confusion;
  std::vector<Mistake> mistakes;                   ///< the worst first
  std::vector<std::pair<double, double>> history;  ///< loss and metric of each epoch

  /// Keeps the worst `most` mistakes, worst first.
  void keep_worst(std::size_t most = 50);
};

/// JSON for people and programs. @thread any
std::string to_json(const TrainReport& report);

}  // namespace perch::learn
