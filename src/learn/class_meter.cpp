#include "learn/class_meter.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace perch::learn {

ClassMeter::ClassMeter(std::vector<std::string> labels) : confusion_(std::move(labels)) {}

void ClassMeter::add(std::string picture, std::size_t is, std::span<const float> p) {
  PERCH_ASSERT(p.size() == confusion_.labels.size() && is < p.size());
  const auto called = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
  ++confusion_.at(is, called);
  answers_.push_back({p[called], called == is});
  if (called == is) return;
  mistakes_.push_back({std::move(picture),
                       fmt::format("called '{}', is '{}'", confusion_.labels[called], confusion_.labels[is]),
                       static_cast<double>(p[called]),
                       {}});
}

void ClassMeter::write(TrainReport& report) const {
  report.metrics.push_back({"accuracy", accuracy(), "", static_cast<std::int64_t>(count())});
  const std::size_t labels = confusion_.labels.size();
  for (std::size_t i = 0; i < labels; ++i) {
    std::int64_t are = 0, called = 0;
    for (std::size_t k = 0; k < labels; ++k) {
      are += confusion_.at(i, k);
      called += confusion_.at(k, i);
    }
    const auto right = static_cast<double>(confusion_.at(i, i));
    if (called > 0)
      report.metrics.push_back({"precision", right / static_cast<double>(called), confusion_.labels[i], called});
    if (are > 0) report.metrics.push_back({"recall", right / static_cast<double>(are), confusion_.labels[i], are});
  }
  report.confusion = confusion_;
  Curve curve{"", precision_recall(answers_, answers_.size()), {}};
  curve.chosen = best_f1(curve.points);
  report.threshold = curve.chosen.threshold;
  report.curves.push_back(std::move(curve));
  report.mistakes.insert(report.mistakes.end(), mistakes_.begin(), mistakes_.end());
  report.keep_worst();
}

}  // namespace perch::learn
