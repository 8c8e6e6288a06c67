#include "analysis/meter.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "seam/registry.hpp"
#include "vision/meter_reading.hpp"

namespace perch::analysis::meter {

namespace {

using namespace std::chrono_literals;

constexpr int kMostDecimals = 6;
constexpr int kRateDecimals = 3;

constexpr auto kFields = config::fields<Config>(
    config::field("unit", &Config::unit).help("what it counts, as printed: \"kWh\", \"m³\""),
    config::field("decimals", &Config::decimals)
        .range(0, kMostDecimals)
        .help("how many of the wheels stand behind the decimal point"),
    config::field("max_rate", &Config::max_rate)
        .range(1e-6, 1e9)
        .help("the most that can flow in an hour, in units; default: 60 kWh, 5 m³, else 600 steps of the last wheel"),
    config::field("initial", &Config::initial)
        .at_least(0.0)
        .help("where it stood at the beginning; without it the first looks have to agree on it"),
    config::field("backwards", &Config::backwards).help("it can run backwards, like a meter without a ratchet"),
    config::field("agree", &Config::agree)
        .range(2, 20)
        .help("so many looks must agree before a first value counts, or before one that they contradict is given up"),
    config::field("rate_over", &Config::rate_over)
        .range(1s, 24h)
        .help("the time over which the rate is measured, at least"));

std::optional<double> usual_max_rate(std::string_view unit) {
  if (unit == "kWh") return 60;
  if (unit == "m³") return 5;
  return std::nullopt;
}

/// An hour's flow: kWh in an hour are kW.
std::string rate_unit(const std::string& unit) {
  if (unit == "kWh") return "kW";
  if (unit == "Wh") return "W";
  return unit.empty() ? "1/h" : unit + "/h";
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

class Meter final : public Analysis {
 public:
  Meter(const Config& config, std::size_t wheels, const vision::MeterConfig& reader)
      : outputs_{Output{"value", config.unit, OutputKind::counter, config.decimals},
                 Output{"rate", rate_unit(config.unit), OutputKind::gauge, kRateDecimals}},
        decimals_(config.decimals),
        wheels_(wheels),
        per_unit_(std::pow(10.0, config.decimals)),
        reader_(reader) {}

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame& frame, const Findings& findings) override {
    Observation seen;
    seen.status = Status::unknown;
    if (findings.digits.size() != wheels_) {
      seen.reason = fmt::format("{} of {} wheels were read", findings.digits.size(), wheels_);
    } else if (is_repeated(findings.digits)) {
      seen = last_;  // the same picture again is no second opinion
    } else {
      std::vector<Digit> wheels = findings.digits;
      std::ranges::sort(wheels, {}, &Digit::region);
      PERCH_TRY(const vision::WheelEvidence evidence, vision::WheelEvidence::create(wheels));
      seen = answer(reader_.look(evidence, frame.elapsed()), evidence);
      last_digits_ = findings.digits;
      last_ = seen;
    }
    seen.findings.digits = findings.digits;
    seen.stamp = frame.stamp;
    return seen;
  }

 private:
  bool is_repeated(const std::vector<Digit>& digits) const {
    const auto same = [](const Digit& a, const Digit& b) { return a.region == b.region && a.p == b.p; };
    return std::ranges::equal(digits, last_digits_, same);
  }

  double units(vision::Tenths reading) const { return static_cast<double>(reading / 10) / per_unit_; }

  std::string text(vision::Tenths reading) const { return fmt::format("{:.{}f}", units(reading), decimals_); }

  Observation answer(const vision::MeterReading& reading, const vision::WheelEvidence& evidence) {
    using vision::MeterVerdict;
    Observation seen;
    seen.status = Status::unknown;
    seen.confidence = reading.confidence;
    switch (reading.verdict) {
      case MeterVerdict::unread:
        seen.reason = fmt::format("only {} of {} wheels can be read", evidence.clear_wheels(), evidence.wheels());
        seen.confidence = 0;
        break;
      case MeterVerdict::waiting:
        seen.reason = fmt::format("it seems to show {}, and waits for other looks to agree", text(reading.seen));
        break;
      case MeterVerdict::doubted:
        seen.reason = given_ ? fmt::format("it seems to show {}, which does not follow from {}", text(reading.seen),
                                           text(*given_))
                             : fmt::format("it seems to show {}, and looks do not agree", text(reading.seen));
        break;
      case MeterVerdict::uncertain:
        seen.status = Status::uncertain;
        seen.reason = "the last digits are not clear";
        break;
      case MeterVerdict::value:
        seen.status = Status::ok;
        if (reading.withdrawn && given_)
          seen.reason = fmt::format("{} was wrong: later looks contradict it", text(*given_));
        break;
    }
    if (seen.status == Status::unknown) return seen;
    given_ = reading.value;
    seen.values.push_back({"value", units(reading.value)});
    if (reading.has_rate) seen.values.push_back({"rate", rounded(reading.per_hour / per_unit_, kRateDecimals)});
    return seen;
  }

  std::array<Output, 2> outputs_;
  int decimals_;
  std::size_t wheels_;
  double per_unit_;  ///< turns of the last wheel
  vision::MeterReader reader_;
  std::optional<vision::Tenths> given_;
  std::vector<Digit> last_digits_;
  Observation last_;
};

}  // namespace

Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context) {
  const std::size_t wheels = context.regions.size();
  if (wheels == 0)
    return fail(Errc::invalid, "the task has no regions, so nobody knows where the wheels are", "regions",
                "list the window of each wheel, most significant first");
  if (wheels > vision::WheelEvidence::kMostWheels)
    return fail(Errc::invalid,
                fmt::format("{} regions; a counter has at most {} wheels", wheels, vision::WheelEvidence::kMostWheels),
                "regions", "list the window of each wheel, and nothing else");
  if (static_cast<std::size_t>(config.decimals) >= wheels)
    return fail(Errc::invalid, fmt::format("{} decimals of {} wheels", config.decimals, wheels), "decimals",
                "at least one wheel stands before the decimal point");
  const double per_unit = std::pow(10.0, config.decimals);
  const double round = std::pow(10.0, static_cast<double>(wheels)) / per_unit;
  if (config.initial && *config.initial >= round)
    return fail(Errc::invalid, fmt::format("{} wheels cannot show {}", wheels, *config.initial), "initial",
                fmt::format("it must be below {}", round));
  vision::MeterConfig reader;
  const std::optional<double> most = config.max_rate ? config.max_rate : usual_max_rate(config.unit);
  if (most) reader.max_per_hour = *most * per_unit;
  reader.backwards = config.backwards;
  if (config.initial) reader.initial = *config.initial * per_unit;
  reader.agree = config.agree;
  reader.rate_over = config.rate_over;
  return std::make_unique<Meter>(config, wheels, reader);
}

void describe(Registry& registry) {
  registry.analysis("meter", "the value of a meter with rollers, and what flows", FindingKind::digits, kFields,
                    &create);
}

}  // namespace perch::analysis::meter
