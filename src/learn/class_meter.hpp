#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "learn/report.hpp"

namespace perch::learn {

/// How often a classifier is right, and about what it errs.
class ClassMeter {
 public:
  explicit ClassMeter(std::vector<std::string> labels);

  /// @param is  place of the label that the picture has
  /// @param p   a probability a label
  void add(std::string picture, std::size_t is, std::span<const float> p);

  std::size_t count() const { return answers_.size(); }

  /// Share of the pictures whose likeliest label is theirs; 0 when there are none.
  double accuracy() const { return confusion_.accuracy(); }

  /// Writes accuracy, precision and recall of each label, the confusion matrix, precision and recall against the
  /// certainty with the chosen point, and the mistakes, those that it was surest of first. In the curve, recall is the
  /// share of all pictures that are answered rightly.
  void write(TrainReport& report) const;

 private:
  Confusion confusion_;
  std::vector<Answer> answers_;
  std::vector<Mistake> mistakes_;
};

}  // namespace perch::learn
