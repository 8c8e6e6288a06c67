#include "edge/metrics_text.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::edge {

namespace {

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string_view name(MetricsText::Kind kind) {
  switch (kind) {
    case MetricsText::Kind::counter:
      return "counter";
    case MetricsText::Kind::gauge:
      return "gauge";
    case MetricsText::Kind::histogram:
      break;
  }
  return "histogram";
}

void append_label_value(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else if (text[i] == '\\')
      out += "\\\\";
    else if (text[i] == '"')
      out += "\\\"";
    else if (text[i] == '\n')
      out += "\\n";
    else
      out += text.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
}

}  // namespace

void Histogram::add(Nanoseconds took) {
  const double seconds = std::max(0.0, Seconds(took).count());
  ++count_;
  sum_s_ += seconds;
  const auto* const bound = std::ranges::lower_bound(kBounds, seconds);
  if (bound != kBounds.end()) ++buckets_[static_cast<std::size_t>(bound - kBounds.begin())];
}

std::array<std::uint64_t, Histogram::kBounds.size()> Histogram::cumulative() const {
  std::array<std::uint64_t, kBounds.size()> sums{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sum += buckets_[i];
  return sums;
}

void MetricsText::family(std::string_view name, Kind kind, std::string_view help) {
  family_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, edge::name(kind));
}

void MetricsText::sample(Labels labels, double value) {
  line("", labels, number_text(value));
}

void MetricsText::sample(Labels labels, std::uint64_t value) {
  line("", labels, std::to_string(value));
}

void MetricsText::sample(Labels labels, const Histogram& histogram) {
  const auto cumulative = histogram.cumulative();
  for (std::size_t i = 0; i < cumulative.size(); ++i)
    line("_bucket", labels, {"le", number_text(Histogram::kBounds[i])}, std::to_string(cumulative[i]));
  line("_bucket", labels, {"le", "+Inf"}, std::to_string(histogram.count()));
  line("_sum", labels, number_text(histogram.sum_s()));
  line("_count", labels, std::to_string(histogram.count()));
}

void MetricsText::single(std::string_view name, Kind kind, std::string_view help, double value) {
  family(name, kind, help);
  sample({}, value);
}

void MetricsText::single(std::string_view name, Kind kind, std::string_view help, std::uint64_t value) {
  family(name, kind, help);
  sample({}, value);
}

void MetricsText::line(std::string_view suffix, std::span<const Label> labels, Label last, std::string_view value) {
  std::vector<Label> all(labels.begin(), labels.end());
  all.push_back(last);
  line(suffix, all, value);
}

void MetricsText::line(std::string_view suffix, std::span<const Label> labels, std::string_view value) {
  text_ += family_;
  text_ += suffix;
  char before = '{';
  for (const auto& [label, text] : labels) {
    text_ += before;
    text_ += label;
    text_ += "=\"";
    append_label_value(text_, text);
    text_ += '"';
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

}  // namespace perch::edge
