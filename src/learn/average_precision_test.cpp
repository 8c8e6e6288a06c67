#include "learn/average_precision.hpp"

#include <doctest/doctest.h>

using namespace perch;
using learn::average_precision;
using learn::Judged;
using learn::TrueBox;

namespace {

Detection found(const Box& box, float score, int label = 0) {
  return {0, {label}, score, box, std::nullopt};
}

const Box kBox{0, 0, 10, 10};
const Box kElsewhere{500, 500, 10, 10};

}  // namespace

TEST_CASE("finding everything exactly is 1, finding nothing is 0, and no truth is no measure") {
  CHECK(average_precision({{{{0, kBox, false}}, {found(kBox, 0.3F)}}}).ap == doctest::Approx(1));
  CHECK(average_precision({{{{0, kBox, false}}, {}}}).ap == 0);
  CHECK(average_precision({{{}, {found(kBox, 0.9F)}}}).ap == -1);
}

TEST_CASE("a box counts at the thresholds that its overlap reaches") {
  // Shifted by 2 of 10 px: IoU 8/12 = 0.667, enough for 0.50, 0.55, 0.60 and 0.65.
  const auto result = average_precision({{{{0, kBox, false}}, {found({2, 0, 10, 10}, 0.9F)}}});
  CHECK(result.ap == doctest::Approx(0.4));
  CHECK(result.ap50 == doctest::Approx(1));
}

TEST_CASE("precision is interpolated at 101 recalls") {
  // By score: right, wrong, right, of 4 objects. Recall 1/4 at precision 1, 2/4 at 2/3; recalls 0 … 0.25 (26 of them)
  // have 1, 0.26 … 0.50 (25) have 2/3, the other 50 have 0.
  const Judged picture{{{0, {0, 0, 10, 10}, false},
                        {0, {20, 0, 10, 10}, false},
                        {0, {40, 0, 10, 10}, false},
                        {0, {60, 0, 10, 10}, false}},
                       {found({0, 0, 10, 10}, 0.9F), found(kElsewhere, 0.8F), found({20, 0, 10, 10}, 0.7F)}};
  CHECK(average_precision({picture}).ap == doctest::Approx((26 + 25 * 2.0 / 3) / 101));
}

TEST_CASE("a wrong detection with a low score after the last object costs nothing") {
  CHECK(average_precision({{{{0, kBox, false}}, {found(kBox, 0.9F), found(kElsewhere, 0.1F)}}}).ap ==
        doctest::Approx(1));
}

TEST_CASE("an object is found once: the second box on it is wrong") {
  // Right, wrong, right of 2: recalls 0 … 0.5 (51) at 1, the others (50) at 2/3.
  const Judged picture{{{0, kBox, false}, {0, kElsewhere, false}},
                       {found(kBox, 0.9F), found(kBox, 0.8F), found(kElsewhere, 0.7F)}};
  CHECK(average_precision({picture}).ap == doctest::Approx((51 + 50 * 2.0 / 3) / 101));
}

TEST_CASE("detections inside a crowd count neither way, by the part of them inside it") {
  const TrueBox crowd{0, {100, 100, 300, 300}, true};
  const Judged picture{{{0, kBox, false}, crowd},
                       {found({120, 120, 10, 10}, 0.95F), found({200, 200, 10, 10}, 0.92F), found(kBox, 0.9F)}};
  CHECK(average_precision({picture}).ap == doctest::Approx(1));
  CHECK(average_precision({{{crowd}, {}}}).ap == -1);
}

TEST_CASE("labels weigh the same, whatever their number of objects") {
  const Judged picture{{{0, kBox, false}, {0, kElsewhere, false}, {3, kBox, false}},
                       {found(kBox, 0.9F, 0), found(kElsewhere, 0.9F, 0), found(kBox, 0.9F, 5)}};
  CHECK(average_precision({picture}).ap == doctest::Approx(0.5));
}

TEST_CASE("detections of all pictures are ranked together, by label at most 100 a picture") {
  const Judged right{{{0, kBox, false}}, {found(kBox, 0.5F)}}, wrong{{{0, kBox, false}}, {found(kElsewhere, 0.9F)}};
  // Wrong, right of 2: recalls 0 … 0.5 (51 of them) at 1/2.
  CHECK(average_precision({right, wrong}).ap == doctest::Approx(51 * 0.5 / 101));
  Judged many{{{0, kBox, false}}, {}};
  for (int i = 0; i < 100; ++i) many.found.push_back(found(kElsewhere, 0.9F));
  many.found.push_back(found(kBox, 0.8F));
  CHECK(average_precision({many}).ap == 0);
}
