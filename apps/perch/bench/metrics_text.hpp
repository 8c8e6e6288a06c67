#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace perch::bench {

/// One value of a metrics page.
struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

/// The samples of a page in Prometheus' text format, as much of it as `GET /metrics` writes: comments, names, labels
/// with escapes, values; time stamps are passed over. Errors: invalid (a line that is no sample, with its number).
/// @thread any Source: https://prometheus.io/docs/instrumenting/exposition_formats/
class MetricsPage {
 public:
  static Result<MetricsPage> parse(std::string_view text);

  const std::vector<Sample>& samples() const { return samples_; }

  /// The sum of a name over all its labels: a counter of all cameras; 0 when there is none.
  double sum(std::string_view name) const;

 private:
  std::vector<Sample> samples_;
};

}  // namespace perch::bench
