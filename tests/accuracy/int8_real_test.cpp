#include <doctest/doctest.h>
#include <fmt/format.h>

#include "accuracy/eight_bits.hpp"
#include "accuracy/looking.hpp"
#include "support/component.hpp"

using namespace perch;

// The quickest of the three to quantise; bench/int8 looks at all, with their speed.
TEST_CASE("fastestdet in int8 keeps its figure") {
  PERCH_NEEDS_REAL_DATA("photos/coco33.json");
  model::LoadOptions options;
  options.min_score = 0.05F;
  options.nms_iou = 0.45F;
  const auto made = accuracy::must(
      accuracy::in_eight_bits(test::real_data() / "models/fastestdet.onnx", test::real_data(), options,
                              test::all_components(), 0, [](const std::string& line) { fmt::print("  {}\n", line); }));
  CHECK(made.ap_in_float - made.ap_in_int8 <= 0.01);
  CHECK(made.size < 0.6);
}
