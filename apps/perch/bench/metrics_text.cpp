#include "bench/metrics_text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::bench {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

/// Takes from the front of a line what it is asked for.
class Line {
 public:
  explicit Line(std::string_view text) : left_(trim(text)) {}

  std::string name() {
    const auto end = std::ranges::find_if_not(left_, is_name);
    std::string taken(left_.begin(), end);
    left_.remove_prefix(taken.size());
    return taken;
  }

  bool take(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  /// What stands between quotes; false when it does not end.
  bool quoted(std::string& out) {
    if (!take('"')) return false;
    for (; !left_.empty() && left_.front() != '"'; left_.remove_prefix(1)) {
      const bool escaped = left_.front() == '\\' && left_.size() > 1;
      if (escaped) left_.remove_prefix(1);
      out += escaped && left_.front() == 'n' ? '\n' : left_.front();
    }
    return take('"');
  }

  bool number(double& out) {
    left_ = trim(left_);
    const std::string_view text = left_.substr(0, left_.find(' '));
    if (text == "+Inf" || text == "-Inf") {
      out = text.front() == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
      return true;
    }
    if (text == "NaN") {
      out = std::numeric_limits<double>::quiet_NaN();
      return true;
    }
    const auto number = parse_number<double>(text);
    if (number) out = *number;
    return number.has_value();
  }

 private:
  std::string_view left_;
};

bool parse_labels(Line& line, Sample& sample) {
  if (!line.take('{')) return true;
  while (!line.take('}')) {
    const std::string label = line.name();
    std::string value;
    if (label.empty() || !line.take('=') || !line.quoted(value)) return false;
    sample.labels.emplace(label, std::move(value));
    line.take(',');
  }
  return true;
}

bool parse_sample(std::string_view text, Sample& sample) {
  Line line(text);
  sample.name = line.name();
  return !sample.name.empty() && parse_labels(line, sample) && line.number(sample.value);
}

}  // namespace

Result<MetricsPage> MetricsPage::parse(std::string_view text) {
  MetricsPage page;
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    if (trim(line).empty() || line.starts_with('#')) continue;
    Sample sample;
    if (!parse_sample(line, sample))
      return fail(Errc::invalid, fmt::format("line {} of the metrics is no sample: '{}'", number, printable(line)));
    page.samples_.push_back(std::move(sample));
  }
  return page;
}

double MetricsPage::sum(std::string_view name) const {
  double total = 0;
  for (const Sample& sample : samples_)
    if (sample.name == name) total += sample.value;
  return total;
}

}  // namespace perch::bench
