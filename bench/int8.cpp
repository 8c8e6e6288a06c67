// int8 DATA: what `perch model quantise` makes of each detector there, as a table: each quantised twice, with one half
// of the photos, and measured on the other half. The status is 1 where one loses more than it may.
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "accuracy/eight_bits.hpp"
#include "seam/registry.hpp"

using namespace perch;

namespace {

constexpr int kSpeedRounds = 20;

/// A model with the thresholds of its reference, and the AP it may lose: what was measured, with room for other
/// processors.
struct Detector {
  const char* name;
  float min_score, nms_iou;
  double may_lose;
};

constexpr Detector kDetectors[] = {
    {"yolox-nano", 0.01F, 0.65F, 0.02}, {"nanodet-m-320", 0.02F, 0.6F, 0.03}, {"fastestdet", 0.05F, 0.45F, 0.01}};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: int8 DATA   (DATA: the folder of the models and pictures that tests look at)\n", stderr);
    return 2;
  }
  const std::filesystem::path data = arguments[1];
  Registry registry;
  describe_all(registry);
  std::string table = "| model | speed against float | size | AP in float | AP in 8 bits |\n|---|---|---|---|---|\n";
  bool kept = true;
  for (const Detector& detector : kDetectors) {
    fmt::print("{}\n", detector.name);
    model::LoadOptions options;
    options.min_score = detector.min_score;
    options.nms_iou = detector.nms_iou;
    const auto made =
        accuracy::in_eight_bits(data / "models" / fmt::format("{}.onnx", detector.name), data, options, {}, registry,
                                kSpeedRounds, [](const std::string& line) { fmt::print("  {}\n", line); });
    if (!made) {
      fmt::print(stderr, "int8: {}\n", made.error().message());
      return 2;
    }
    fmt::print("  {}\n", made->how);
    table += fmt::format("| {} | {:.2f} | {:.2f} | {:.4f} | {:.4f} |\n", detector.name, made->speed, made->size,
                         made->ap_in_float, made->ap_in_int8);
    if (made->ap_in_float - made->ap_in_int8 <= detector.may_lose) continue;
    fmt::print("  loses more than {}\n", detector.may_lose);
    kept = false;
  }
  fmt::print("\n{}", table);
  return kept ? 0 : 1;
}
