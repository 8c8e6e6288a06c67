#include <algorithm>

#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "accuracy/truth.hpp"
#include "model/regions.hpp"

using namespace perch;

namespace {

const std::filesystem::path kTruth = "photos/coco33.json";
constexpr LabelId kPerson{0};

Detection person(const Box& box) {
  return {0, kPerson, 1, box, std::nullopt};
}

image::Size size_of(const std::filesystem::path& path) {
  const Bytes bytes = accuracy::must(read_file(test::real_data() / path));
  return accuracy::must(image::probe(bytes)).size;
}

/// A mean that grows.
struct Mean {
  double sum = 0;
  int count = 0;

  void add(double value) {
    sum += value;
    ++count;
  }

  double value() const { return count > 0 ? sum / count : 0; }
};

/// The detection of a person that fits a box best, if any overlaps it by half.
const Detection* best_match(const std::vector<Detection>& found, const Box& box) {
  const Detection* best = nullptr;
  float most = 0.5F;
  for (const Detection& d : found) {
    const float overlap = iou(d.box_px, box);
    if (d.label != kPerson || overlap < most) continue;
    most = overlap;
    best = &d;
  }
  return best;
}

/// The similarity of the pose found in a crop around a box, by the crop rule of the model's card.
double similarity(model::Predictor& movenet, const std::filesystem::path& path, const Box& box,
                  const accuracy::TruePerson& truth) {
  const std::vector<Detection> found{person(box)};
  const std::vector<Region> regions = model::regions_from(found, size_of(path), movenet.model().card().regions);
  if (regions.empty()) return 0;
  const Findings findings = accuracy::look(movenet, path, regions);
  REQUIRE(findings.poses.size() == 1);
  return accuracy::keypoint_similarity(findings.poses[0], truth.points, truth.area_px);
}

}  // namespace

// The crop rule is the card's, the same for everybody: the box and a twentieth of it on each side. Truth of a few
// points of a body that is mostly hidden, in a crowd or beyond the picture's edge, asks for something else than a pose:
// what is measured are people of whom at least six keypoints, a third, are labelled; the figure for all is printed
// beside it.
TEST_CASE("movenet finds keypoints in crops around people") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  constexpr int kThird = 6;
  model::Predictor movenet(accuracy::load_model("movenet-lightning-int8.onnx"));
  model::Predictor yolox(accuracy::load_model("yolox-nano.onnx"));
  Mean all, most, all_found, most_found;
  for (const accuracy::CocoPicture& photo : accuracy::must(accuracy::read_coco(test::real_data() / kTruth))) {
    if (photo.people.empty()) continue;
    const std::filesystem::path path = std::filesystem::path("photos/coco33") / photo.file;
    const Findings found = accuracy::look(yolox, path);
    for (const accuracy::TruePerson& truth : photo.people) {
      const auto labelled = std::ranges::count_if(truth.points, [](const auto& p) { return p.visible > 0; });
      const double on_truth = similarity(movenet, path, truth.box_px, truth);
      all.add(on_truth);
      if (labelled >= kThird) most.add(on_truth);
      const Detection* match = best_match(found.detections, truth.box_px);
      if (!match) continue;
      const double on_found = similarity(movenet, path, match->box_px, truth);
      all_found.add(on_found);
      if (labelled >= kThird) most_found.add(on_found);
    }
  }
  const auto show = [&](const char* boxes, const Mean& part, const Mean& whole) {
    fmt::print(
        "movenet-lightning-int8 on {}: mean OKS {:.3f} of {} people with 6 keypoints or more, {:.3f} of all {}\n",
        boxes, part.value(), part.count, whole.value(), whole.count);
  };
  show("true boxes", most, all);
  show("yolox-nano's boxes", most_found, all_found);
  CHECK(most.count == 20);
  CHECK(most.value() >= 0.70);
}
