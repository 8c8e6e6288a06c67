#include <doctest/doctest.h>
#include <fmt/format.h>

#include "accuracy/eight_bits.hpp"
#include "accuracy/looking.hpp"
#include "support/component.hpp"

using namespace perch;

// The quickest of the three to quantise, and no layer is looked for that had better stay in float: that takes longer
// than all the rest. bench/int8 does so, with all three, and looks at their speed.
TEST_CASE("fastestdet in int8 keeps its figure") {
  PERCH_NEEDS_REAL_DATA("photos/coco33.json");
  model::LoadOptions options;
  options.min_score = 0.05F;
  options.nms_iou = 0.45F;
  trainer::QuantiseSettings settings;
  settings.max_loss = 0.03;  // a search begins above half of it
  const auto made = accuracy::must(
      accuracy::in_eight_bits(test::real_data() / "models/fastestdet.onnx", test::real_data(), options, settings,
                              test::all_components(), 0, [](const std::string& line) { fmt::print("  {}\n", line); }));
  fmt::print("fastestdet in int8: AP {:.4f} for {:.4f}, {:.2f} of the size\n", made.ap_in_int8, made.ap_in_float,
             made.size);
  CHECK(made.ap_in_float - made.ap_in_int8 <= 0.01);
  CHECK(made.size < 0.6);
}
