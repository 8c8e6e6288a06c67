#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"

namespace perch::edge {

/// How often something took how long, in fixed buckets.
class Histogram {
 public:
  /// Upper bounds in seconds; what takes longer is only in the total.
  static constexpr std::array<double, 15> kBounds{0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                  0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};

  /// A negative time, as of a stamp of another boot, counts as none.
  void add(Nanoseconds took);

  /// Those up to each bound, the smaller ones included.
  std::array<std::uint64_t, kBounds.size()> cumulative() const;

  std::uint64_t count() const { return count_; }

  double sum_s() const { return sum_s_; }

 private:
  std::array<std::uint64_t, kBounds.size()> buckets_{};
  std::uint64_t count_ = 0;
  double sum_s_ = 0;
};

/// Metrics as Prometheus text 0.0.4, family by family. Source: Prometheus, "Exposition formats".
class MetricsText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  enum class Kind : std::uint8_t { counter, gauge, histogram };
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  /// Begins a family; its samples follow. Each family once.
  void family(std::string_view name, Kind kind, std::string_view help);
  /// A sample of the family begun last. Label values are any text; what is not UTF-8 in them is replaced.
  void sample(Labels labels, double value);
  void sample(Labels labels, std::uint64_t value);
  /// @pre the family is a histogram
  void sample(Labels labels, const Histogram& histogram);

  /// A family of one sample without labels.
  void single(std::string_view name, Kind kind, std::string_view help, double value);
  void single(std::string_view name, Kind kind, std::string_view help, std::uint64_t value);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, std::span<const Label> labels, std::string_view value);
  void line(std::string_view suffix, std::span<const Label> labels, Label last, std::string_view value);

  std::string text_;
  std::string family_;
};

}  // namespace perch::edge
