#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "accuracy/looking.hpp"

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
    const std::vector<float>& p = findings.digits[0].p;
    REQUIRE(p.size() == 100);
    // The file's name begins with the digit in tenths: 3.7_… is seven tenths of the way from 3 to 4.
    const auto truth = std::lround(std::strtod(path.filename().c_str(), nullptr) * 10);
    const auto apart = std::abs((std::max_element(p.begin(), p.end()) - p.begin()) - truth);
    ++count;
    right += std::min(apart, 100 - apart) <= 1 ? 1 : 0;
  }
  const double share = static_cast<double>(right) / count;
  fmt::print("dig-class100 on {} roller crops: {:.4f} within a tenth\n", count, share);
  CHECK(count == 799);
  CHECK(share >= 0.99);
}
