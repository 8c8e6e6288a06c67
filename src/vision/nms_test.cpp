#include "vision/nms.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace perch;
using vision::Candidate;

namespace {

// Boxes of 10×10 px along a line: shifted by d they have IoU (10 − d) / (10 + d).
Candidate at(float x, float score, int label = 0) {
  return {{x, 0, 10, 10}, score, label};
}

std::vector<float> kept(std::vector<Candidate> candidates, const vision::Suppression& how) {
  vision::suppress(candidates, how);
  std::vector<float> lefts;
  for (const Candidate& c : candidates) lefts.push_back(c.box.x);
  return lefts;
}

}  // namespace

TEST_CASE("of boxes that overlap more than allowed the best is kept, in order of score") {
  CHECK(kept({at(0, 0.5F), at(2, 0.9F), at(30, 0.7F)}, {.iou = 0.5F}) == std::vector<float>{2, 30});
  // IoU of neighbours is 8/12 = 0.667.
  CHECK(kept({at(0, 0.5F), at(2, 0.9F)}, {.iou = 0.66F}).size() == 1);
  CHECK(kept({at(0, 0.5F), at(2, 0.9F)}, {.iou = 0.67F}).size() == 2);
}

TEST_CASE("a box that was suppressed suppresses nothing itself") {
  // 0 and 4 overlap (0.43), 4 and 8 overlap, 0 and 8 do not (0.11).
  CHECK(kept({at(0, 0.9F), at(4, 0.8F), at(8, 0.7F)}, {.iou = 0.4F}) == std::vector<float>{0, 8});
}

TEST_CASE("boxes of other labels are rivals only when asked for") {
  CHECK(kept({at(0, 0.9F, 0), at(0, 0.8F, 1)}, {}).size() == 2);
  CHECK(kept({at(0, 0.9F, 0), at(0, 0.8F, 1)}, {.across_labels = true}).size() == 1);
}

TEST_CASE("equal scores stay in their order, and no more than the limit are kept") {
  std::vector<Candidate> many;
  std::vector<float> first;
  for (int i = 0; i < 100; ++i) many.push_back(at(static_cast<float>(i) * 20, 0.5F));
  for (int i = 0; i < 7; ++i) first.push_back(static_cast<float>(i) * 20);
  CHECK(kept(many, {.max_kept = 7}) == first);
  CHECK(kept(many, {.max_kept = 0}).empty());
  CHECK(kept({}, {}).empty());
}

TEST_CASE("candidates that are not finite are dropped and disturb no others") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();
  CHECK(kept({at(0, kNan), at(kNan, 0.9F), at(kInf, 0.9F), at(5, 0.3F), {{0, 0, kInf, 1}, 0.8F, 0}, at(40, kInf)},
             {}) == std::vector<float>{5});
}

TEST_CASE("a detection of a warped region is cut before its perspective is undone") {
  // w = 1 − x/100: points right of 100 px of the input would come back mirrored.
  Placement placement;
  placement.content_px = {0, 0, 50, 50};
  placement.bounds_px = {0, 0, 100, 100};
  placement.to_frame = {1, 0, 0, 0, 1, 0, -0.01, 0, 1};
  std::vector<Candidate> candidates{{{25, 0, 175, 50}, 0.9F, 0}};
  Findings out;
  vision::append_detections(candidates, {}, placement, false, out);
  REQUIRE(out.detections.size() == 1);
  CHECK(out.detections[0].box_px.x == doctest::Approx(25 / 0.75));
  CHECK(out.detections[0].box_px.right() == doctest::Approx(100));
  CHECK(out.detections[0].box_px.bottom() == doctest::Approx(100));
}

TEST_CASE("regions are merged by the share of the smaller box, and only across regions") {
  const auto seen = [](int region, const Box& box, float score) {
    return Detection{region, {0}, score, box, std::nullopt};
  };
  std::vector<Detection> detections{seen(0, {0, 0, 10, 10}, 0.5F), seen(1, {0, 0, 40, 10}, 0.9F),
                                    seen(1, {5, 0, 40, 10}, 0.8F), seen(2, {35, 0, 20, 10}, 0.7F)};
  // The first lies wholly in the second; the last shares 5 of its 20 px with the second, and 10 with the third.
  vision::merge_regions(detections, 0.5F);
  REQUIRE(detections.size() == 3);
  CHECK(detections[0].score == 0.9F);
  CHECK(detections[1].score == 0.8F);
  CHECK(detections[2].score == 0.7F);
}
