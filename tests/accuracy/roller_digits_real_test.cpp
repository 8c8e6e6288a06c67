// How well the reader of rollers that is shipped reads real meters and rendered ones.
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "learn/dataset.hpp"
#include "learn/wheel_meter.hpp"
#include "seam/digit_answer.hpp"

using namespace perch;

namespace {

constexpr double kLeastReal = 0.94;  // of crops, within a tenth
constexpr double kLeastRendered = 0.98;
constexpr double kMostMiscalibrated = 0.03;

std::shared_ptr<const model::Model> roller_digits() {
  Registry registry;
  describe_all(registry);
  return accuracy::must(model::Model::load(std::string(PERCH_SOURCE_DIR) + "/models/roller-digits.onnx", registry, {}));
}

int tenths_apart(const DigitAnswer& answer, double truth) {
  return learn::places_apart(static_cast<int>(answer.place), learn::wheel_place(truth));
}

}  // namespace

TEST_CASE("roller-digits, which has seen rendered wheels alone, reads the rollers of real meters") {
  PERCH_NEEDS_REAL_DATA("digits/rollers");
  model::Predictor predictor(roller_digits());
  int count = 0, right = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::real_data() / "digits/rollers")) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".jpg" || path.parent_path().filename().string().find("lcd") != std::string::npos) continue;
    const Findings findings = accuracy::look(predictor, path);
    REQUIRE(findings.digits.size() == 1);
    ++count;
    right +=
        tenths_apart(digit_answer(findings.digits[0].p), std::strtod(path.filename().c_str(), nullptr)) <= 1 ? 1 : 0;
  }
  const double share = static_cast<double>(right) / count;
  fmt::print("roller-digits on {} real roller crops: {:.4f} within a tenth\n", count, share);
  CHECK(count == 799);
  CHECK(share >= kLeastReal);
}

TEST_CASE("on meters that it never saw, roller-digits is as often right as it says") {
  model::Predictor predictor(roller_digits());
  const auto meters = accuracy::must(learn::Dataset::load(PERCH_TEST_PICTURES "/meters"));
  int count = 0, right = 0;
  double sure = 0;
  for (const learn::Sample& meter : meters.samples()) {
    std::vector<Region> regions;
    for (const learn::Label& wheel : meter.labels) {
      REQUIRE(wheel.corners_px);
      regions.push_back({static_cast<int>(regions.size()), *wheel.corners_px, {}});
    }
    Findings findings;
    model::Timing timing;
    accuracy::must(predictor.predict(accuracy::must(read_file(meter.path)), regions, findings, timing));
    REQUIRE(findings.digits.size() == regions.size());
    for (std::size_t i = 0; i < regions.size(); ++i) {
      const double* position = learn::find_attribute<double>(meter.labels[i].attributes, "position");
      REQUIRE(position);
      const DigitAnswer answer = digit_answer(findings.digits[i].p);
      ++count;
      right += tenths_apart(answer, *position) <= 1 ? 1 : 0;
      sure += static_cast<double>(answer.confidence);
    }
  }
  const double share = static_cast<double>(right) / count;
  fmt::print("roller-digits on {} wheels of unseen meters: {:.4f} within a tenth, sure of {:.4f}\n", count, share,
             sure / count);
  CHECK(share >= kLeastRendered);
  CHECK(std::abs(share - sure / count) <= kMostMiscalibrated);
}
