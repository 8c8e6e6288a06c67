#include "learn/wheel_meter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "model/predictor.hpp"
#include "seam/digit_answer.hpp"

namespace perch::learn {

namespace {

constexpr std::size_t kDigits = 10;
constexpr int kTenths = kWheelPlaces / static_cast<int>(kDigits);

std::string shown(int place) {
  return fmt::format("{}.{}", place / kTenths, place % kTenths);
}

}  // namespace

int wheel_place(double position) {
  return static_cast<int>(std::lround(position * kTenths) % kWheelPlaces);
}

int places_apart(int a, int b) {
  const int apart = std::abs(a - b) % kWheelPlaces;
  return std::min(apart, kWheelPlaces - apart);
}

void WheelMeter::add(const std::string& picture, const std::string& meter, double position, std::span<const float> p) {
  PERCH_ASSERT(p.size() == kWheelPlaces || p.size() == kDigits);
  const DigitAnswer read = digit_answer(p);
  const int answer = static_cast<int>(read.place) * kWheelPlaces / static_cast<int>(p.size()),
            truth = wheel_place(position);
  const int apart = places_apart(answer, truth);
  const auto sure = static_cast<double>(read.confidence);
  const auto count = [&](Share& share, bool right) {
    ++share.count;
    share.right += right ? 1 : 0;
  };
  count(right_, apart <= 1);
  count(exact_, apart == 0);
  if (!meter.empty()) count(by_meter_[meter], apart <= 1);
  certain_ += sure;
  ++confused_[{static_cast<std::size_t>(truth / kTenths), static_cast<std::size_t>(answer / kTenths)}];
  answers_.push_back({static_cast<float>(sure), apart <= 1});
  if (apart > 1)
    mistakes_.push_back({picture, fmt::format("read as {}, is {}", shown(answer), shown(truth)), sure, {}});
}

double WheelMeter::within_a_tenth() const {
  return right_.value();
}

void WheelMeter::write(TrainReport& report) const {
  report.metrics.push_back({"within a tenth", right_.value(), "", right_.count});
  for (const auto& [meter, share] : by_meter_)
    report.metrics.push_back({"within a tenth", share.value(), "meter=" + meter, share.count});
  report.metrics.push_back({"exact", exact_.value(), "", exact_.count});
  const double count = std::max(1.0, static_cast<double>(answers_.size()));
  report.metrics.push_back({"mean certainty", certain_ / count, "", right_.count});
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kDigits; ++i) names.push_back(std::to_string(i));
  report.confusion = Confusion(names);
  for (const auto& [pair, times] : confused_) report.confusion.at(pair.first, pair.second) = times;
  Curve curve{"", precision_recall(answers_, answers_.size()), {}};
  curve.chosen = best_f1(curve.points);
  report.curves.push_back(std::move(curve));
  report.mistakes.insert(report.mistakes.end(), mistakes_.begin(), mistakes_.end());
  report.keep_worst();
}

Result<WheelMeter> measure_wheels(const std::shared_ptr<const model::Model>& model, const Dataset& data,
                                  std::span<const Split> splits, const std::function<void(Error)>& left_out,
                                  const std::function<void()>& progress) {
  if (model->card().task != model::Task::digits)
    return fail(Errc::mismatch, "the model reads no digits", model->card().name);
  if (data.info().task != "digits")
    return fail(Errc::mismatch, fmt::format("its labels are for '{}', and not for digits", data.info().task),
                data.folder().string());
  WheelMeter meter;
  model::Predictor predictor(model);
  Findings findings;
  model::Timing timing;
  std::vector<Region> regions;
  std::vector<double> positions;
  for (const Sample& sample : data.samples()) {
    if (std::ranges::find(splits, sample.split) == splits.end()) continue;
    regions.clear();
    positions.clear();
    findings.clear();
    for (const Label& label : sample.labels) {
      const double* position = find_attribute<double>(label.attributes, "position");
      if (position == nullptr) continue;
      regions.push_back(
          {static_cast<int>(regions.size()), label.corners_px.value_or(Quad::from_box(label.box_px)), {}});
      positions.push_back(*position);
    }
    if (progress) progress();
    if (regions.empty()) continue;
    const auto bytes = read_file(sample.path);
    const auto seen = bytes ? predictor.predict(*bytes, regions, findings, timing).transform([](auto&&) {})
                            : Result<void>(tl::unexpected<Error>(bytes.error()));
    if (!seen || findings.digits.size() != regions.size()) {
      if (left_out)
        left_out(seen ? Error{Errc::internal, "not every wheel was looked at", sample.name, {}}
                      : Error(seen.error()).at(sample.name));
      continue;
    }
    for (std::size_t i = 0; i < positions.size(); ++i)
      meter.add(sample.name, sample.group, positions[i], findings.digits[i].p);
  }
  return meter;
}

}  // namespace perch::learn
