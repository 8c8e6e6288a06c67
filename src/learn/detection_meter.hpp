#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "image/picture.hpp"
#include "learn/dataset.hpp"
#include "learn/metrics.hpp"
#include "learn/report.hpp"

namespace perch::learn {

/// Which labelled things a detector is asked for. The rest is as a person who labels might have it or not: finding it
/// is neither right nor wrong, and no trainer learns from it.
struct CountingRule {
  double least_visible = 0;  ///< smallest share of a thing that shows (its attribute `visible`, where it has one)
  double least_px = 0;       ///< smallest width and height in the model's input
};

/// The things of a picture that have one of the labels, by their places in that list; `counts` by the rule, and
/// crowds never.
/// @param scale  pixels of the model's input for one of the picture's
std::vector<TrueThing> things_of(const Sample& sample, std::span<const std::string> labels, const CountingRule& rule,
                                 double scale);

/// The rule in words, for reports.
std::string to_text(const CountingRule& rule);

/// Measures a detector picture by picture: F1 at IoU 0.5, curves, confusion and the worst mistakes. One owner.
class DetectionMeter {
 public:
  explicit DetectionMeter(std::vector<std::string> labels) : labels_(std::move(labels)) {}

  /// @param detections  from a low threshold up, in pixels of the picture
  /// @param conditions  of the picture ("light=night"), each of which is measured by itself too
  void add(const std::string& picture, std::span<const Detection> detections, std::span<const TrueThing> things,
           std::span<const std::string> conditions);

  /// Of all labels together.
  std::vector<CurvePoint> curve() const { return precision_recall(all_.answers, all_.there); }

  /// F1 at a threshold, of all labels and conditions together.
  double f1(float threshold) const { return at(all_, threshold).f1(); }

  /// Fills in metrics (F1, precision and recall of all; F1 of each label and condition), curves, confusion and mistakes
  /// at a threshold.
  void write(float threshold, TrainReport& report) const;

 private:
  struct Tally {
    std::vector<Answer> answers;
    std::size_t there = 0;
  };

  struct Seen {
    std::string picture;
    std::vector<Detection> detections;
    std::vector<TrueThing> things;
  };

  static CurvePoint at(const Tally& tally, float threshold);
  void judge_picture(const Seen& seen, float threshold, TrainReport& report) const;

  std::vector<std::string> labels_;
  Tally all_;
  std::map<int, Tally> of_label_;
  std::map<std::string, Tally> of_condition_;
  std::vector<Seen> seen_;
};

/// What is known of a picture that figures are told apart by: its text and flag attributes, as `name=value`, and pairs
/// of `weather` and `light`, which scenes have.
std::vector<std::string> conditions_of(const Sample& sample);

}  // namespace perch::learn
