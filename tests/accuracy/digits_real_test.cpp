#include <cstdlib>

#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "learn/wheel_meter.hpp"
#include "seam/digit_answer.hpp"

using namespace perch;

TEST_CASE("dig-class100 reads the rollers of real meters within a tenth") {
  PERCH_NEEDS_REAL_DATA("digits/rollers");
  model::Predictor predictor(accuracy::load_model("dig-class100.onnx"));
  int count = 0, right = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::real_data() / "digits/rollers")) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".jpg" || path.parent_path().filename().string().find("lcd") != std::string::npos) continue;
    const Findings findings = accuracy::look(predictor, path);
    REQUIRE(findings.digits.size() == 1);
    REQUIRE(findings.digits[0].p.size() == learn::kWheelPlaces);
    // The file's name begins with the digit in tenths: 3.7_… is seven tenths of the way from 3 to 4.
    const int truth = learn::wheel_place(std::strtod(path.filename().c_str(), nullptr));
    ++count;
    right += learn::places_apart(static_cast<int>(digit_answer(findings.digits[0].p).place), truth) <= 1 ? 1 : 0;
  }
  const double share = static_cast<double>(right) / count;
  fmt::print("dig-class100 on {} roller crops: {:.4f} within a tenth\n", count, share);
  CHECK(count == 799);
  CHECK(share >= 0.99);
}
