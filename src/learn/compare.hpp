#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "learn/exam.hpp"
#include "model/model.hpp"
#include "seam/registry.hpp"

namespace perch::learn {

/// Time on a processor's core for one inference of each model, ms: the median of many, taken in turns within one run,
/// so that whatever else the machine does falls on all of them alike.
/// @param rounds  inferences of each model
/// Errors: internal (ONNX Runtime). @thread any, blocks
Result<std::vector<double>> core_ms_in_turns(const std::vector<std::shared_ptr<const model::Model>>& models,
                                             int rounds);

/// One of two models that were compared.
struct Compared {
  std::string id;                 ///< NAME@sha256's start
  std::size_t bytes = 0;          ///< of its file
  double core_ms = 0;             ///< for one inference, on one core
  std::vector<Measure> measures;  ///< against the truth; none without
};

/// Two models on the same pictures.
struct Comparison {
  Compared a, b;
  double speed_ratio = 1;  ///< how many times as fast as `a` `b` is
  double agreement = 1;    ///< of their findings with the cards' own thresholds, 0..1
  std::size_t pictures = 0;
  bool nothing_found = false;  ///< by neither, in any picture: then the agreement says nothing

  /// How much `b` loses: of the first measure against the truth, without truth of the agreement; 0..1, below 0: a gain.
  double loss() const;
};

/// Loads two models and compares them. Detectors are measured against truth from a score of 0.01 up.
/// @param exam      at least one picture
/// @param progress  told how much is done, 0..1
/// Errors: mismatch (models of different tasks or with different labels), invalid (a labelled exam that shows nothing
/// of what they look for), those of loading, decoding and running.
/// @thread any, blocks
Result<Comparison> compare(const std::string& a, const std::string& b, const Exam& exam, const Registry& registry,
                           const model::LoadOptions& options = {}, const std::function<void(double)>& progress = {});

}  // namespace perch::learn
