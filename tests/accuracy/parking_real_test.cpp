#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "accuracy/truth.hpp"
#include "vision/nms.hpp"

using namespace perch;

namespace {

const std::filesystem::path kTruth = "parking/pklot.json";
constexpr float kWidth = 1280, kHeight = 720;

/// The picture in cols × rows overlapping parts; 1 × 1 is the whole.
std::vector<Region> tiles(int cols, int rows) {
  constexpr float kOverlap = 0.2F;  // of a tile
  const float w = kWidth / (static_cast<float>(cols) - static_cast<float>(cols - 1) * kOverlap);
  const float h = kHeight / (static_cast<float>(rows) - static_cast<float>(rows - 1) * kOverlap);
  std::vector<Region> regions;
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x)
      regions.push_back({static_cast<int>(regions.size()),
                         Quad::from_box({static_cast<float>(x) * w * (1 - kOverlap),
                                         static_cast<float>(y) * h * (1 - kOverlap), w, h}),
                         {}});
  return regions;
}

struct Tally {
  int slots = 0, missed = 0, invented = 0;

  double right() const { return 1 - static_cast<double>(missed + invented) / slots; }
};

/// Slots by the centres of vehicles, with the thresholds of the model's card.
Tally judge(model::Predictor& yolox, const std::vector<accuracy::ParkingPicture>& pictures,
            const std::vector<Region>& regions) {
  const std::vector<std::string>& labels = yolox.model().card().labels;
  Tally tally;
  for (const accuracy::ParkingPicture& picture : pictures) {
    Findings findings = accuracy::look(yolox, std::filesystem::path("parking/pklot") / picture.file, regions);
    std::erase_if(findings.detections, [&](const Detection& d) {
      constexpr std::array<std::string_view, 3> kVehicles{"car", "truck", "bus"};
      return std::ranges::find(kVehicles, labels[static_cast<std::size_t>(d.label.value)]) == kVehicles.end();
    });
    vision::merge_regions(findings.detections, 0.5F);
    for (const accuracy::ParkingSlot& slot : picture.slots) {
      const bool found = std::ranges::any_of(findings.detections, [&](const Detection& d) {
        return vision::contains(slot.contour_px, d.box_px.center());
      });
      ++tally.slots;
      tally.missed += slot.occupied && !found ? 1 : 0;
      tally.invented += !slot.occupied && found ? 1 : 0;
    }
  }
  return tally;
}

}  // namespace

TEST_CASE("parking slots are told occupied from free by the centres of yolox-nano's vehicles") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  model::Predictor yolox(accuracy::load_model("yolox-nano.onnx"));
  const auto pictures = accuracy::must(accuracy::read_parking(test::real_data() / kTruth));
  for (const auto& [cols, rows] : {std::pair{1, 1}, {2, 2}}) {
    const Tally tally = judge(yolox, pictures, tiles(cols, rows));
    fmt::print("yolox-nano on {} slots, {} region(s) a picture: {:.4f} right, {} occupied ones missed, {} invented\n",
               tally.slots, cols * rows, tally.right(), tally.missed, tally.invented);
    CHECK(tally.slots == 600);
    CHECK(tally.right() >= 0.95);
    CHECK(tally.missed <= 5);  // of 49: an all-free answer would be right for 0.918 of the slots
  }
}
