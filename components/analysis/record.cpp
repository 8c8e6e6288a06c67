#include "analysis/record.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "seam/registry.hpp"

template <>
struct perch::config::EnumNames<perch::OutputKind> {
  static constexpr std::array<std::string_view, 4> names{"gauge", "counter", "state", "flag"};
};

namespace perch::analysis::record {

namespace {

constexpr int kMostDecimals = 9;

constexpr auto kSignalFields = config::fields<Signal>(
    config::field("name", &Signal::name).required().help("of the signal, as the records have it"),
    config::field("output", &Signal::output).help("what the value is called; default: as the signal"),
    config::field("unit", &Signal::unit).help("as printed"),
    config::field("kind", &Signal::kind)
        .help("'gauge', a number; 'counter', one that only grows; 'state', a name; 'flag', yes or no"),
    config::field("decimals", &Signal::decimals).range(0, kMostDecimals).help("that numbers are rounded to"));

constexpr auto kFields = config::fields<Config>(
    config::field("signals", &Config::signals, kSignalFields).help("which signals; default: all, as they come"));

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  const double scaled = std::round(value * scale) / scale;
  return std::isfinite(scaled) ? scaled : value;
}

std::optional<double> number_of(const Scalar& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return std::nullopt;
}

std::string text_of(const Scalar& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  return fmt::format("{}", std::get<double>(value));
}

/// The value of an output of this kind; nothing when the signal cannot be one.
std::optional<Value> value_of(const Scalar& signal, const Output& output) {
  if (output.kind == OutputKind::state) return Value{output.name, text_of(signal)};
  const std::optional<double> number = number_of(signal);
  if (!number) return std::nullopt;
  if (output.kind == OutputKind::flag) return Value{output.name, *number != 0};
  if (const auto* whole = std::get_if<std::int64_t>(&signal)) return Value{output.name, *whole};
  return Value{output.name, rounded(*number, output.decimals)};
}

Value as_it_came(const std::pair<std::string, Scalar>& field) {
  return std::visit([&](const auto& value) { return Value{field.first, value}; }, field.second);
}

class Passed final : public Analysis {
 public:
  Passed(std::vector<std::string> names, std::vector<Output> outputs)
      : names_(std::move(names)),
        outputs_(std::move(outputs)) {}

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings&) override {
    Observation seen;
    seen.stamp = frame.stamp;
    const auto* record = std::get_if<Record>(&frame.payload);
    if (record == nullptr) {
      seen.status = Status::unknown;
      seen.reason = "the frame is no record of signals";
      return seen;
    }
    seen.confidence = 1;
    std::vector<std::string> missing;
    if (names_.empty()) std::ranges::transform(record->fields, std::back_inserter(seen.values), as_it_came);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto field = std::ranges::find(record->fields, names_[i], &std::pair<std::string, Scalar>::first);
      std::optional<Value> value;
      if (field != record->fields.end()) value = value_of(field->second, outputs_[i]);
      if (value)
        seen.values.push_back(std::move(*value));
      else
        missing.push_back(printable(names_[i], 40));
    }
    if (seen.values.empty())
      seen.status = Status::unknown;
    else if (!missing.empty())
      seen.status = Status::uncertain;
    if (!missing.empty())
      seen.reason = "the record has no " + join(missing, ", ");
    else if (seen.values.empty())
      seen.reason = "the record is empty";
    return seen;
  }

 private:
  std::vector<std::string> names_;  ///< of the signals, beside their outputs
  std::vector<Output> outputs_;
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext&) {
  std::vector<std::string> names;
  std::vector<Output> outputs;
  for (const Signal& signal : config.signals) {
    const std::string& name = signal.output.empty() ? signal.name : signal.output;
    if (std::ranges::find(outputs, name, &Output::name) != outputs.end())
      return fail(Errc::invalid, fmt::format("two signals are called '{}'", printable(name, 60)), "signals",
                  "give one of them another output");
    names.push_back(signal.name);
    outputs.push_back({name, signal.unit, signal.kind, signal.decimals});
  }
  return std::make_unique<Passed>(std::move(names), std::move(outputs));
}

void describe(Registry& registry) {
  registry.analysis("record", "passes signals of telemetry on as values", FindingKind::none, kFields, &create);
}

}  // namespace perch::analysis::record
