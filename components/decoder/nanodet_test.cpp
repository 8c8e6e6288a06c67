#include "decoder/nanodet.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "support/tensors.hpp"

using namespace perch;
using decoder::nanodet::Config;
using test::HandMadeTensors;
using test::placed;

namespace {

// One stride: an input of 64×64 px has 2·2 cells of 32 px. Two classes, distances 0, 1, 2, 3 in strides.
constexpr std::int64_t kBins = 4;
constexpr std::size_t kScores = 0;
constexpr std::size_t kDistances = 1;
const Box kWhole{0, 0, 64, 64};

Config one_stride() {
  Config config;
  config.bins = kBins;
  config.strides = {32};
  return config;
}

HandMadeTensors empty_outputs(std::int64_t batch = 1) {
  HandMadeTensors tensors;
  tensors.add("cls_pred_stride_32", {batch, 4, 2});
  tensors.add("dis_pred_stride_32", {batch, 4, 4 * kBins});
  return tensors;
}

/// Puts all of a side's distribution on one bin, or half on each of two neighbours.
void set_side(HandMadeTensors& tensors, std::int64_t cell, std::int64_t side, std::int64_t bin,
              bool half_next = false) {
  constexpr float kCertain = 40;
  tensors.at(kDistances, {0, cell, side * kBins + bin}) = kCertain;
  if (half_next) tensors.at(kDistances, {0, cell, side * kBins + bin + 1}) = kCertain;
}

ModelShape shape_of(const HandMadeTensors& tensors) {
  return {{64, 64}, tensors.infos(), {"cat", "dog"}};
}

std::vector<Detection> decode(const HandMadeTensors& tensors, const Placement& placement = placed(kWhole, kWhole)) {
  const auto made = decoder::nanodet::create(one_stride(), shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), std::vector{placement}, findings));
  return findings.detections;
}

}  // namespace

TEST_CASE("a nanodet box spans the mean distances from the centre of its cell") {
  HandMadeTensors tensors = empty_outputs();
  const std::int64_t cell = 1;  // column 1, row 0: centre (48, 16)
  tensors.at(kScores, {0, cell, 1}) = 0.8F;
  set_side(tensors, cell, 0, 1);        // left: 32
  set_side(tensors, cell, 1, 0, true);  // top: half way between 0 and 1: 16
  set_side(tensors, cell, 2, 0);        // right: 0
  set_side(tensors, cell, 3, 1, true);  // bottom: 1.5 · 32 = 48
  const auto found = decode(tensors);
  REQUIRE(found.size() == 1);
  CHECK(found[0].label.value == 1);
  CHECK(found[0].score == doctest::Approx(0.8));
  CHECK(found[0].box_px.x == doctest::Approx(16));
  CHECK(found[0].box_px.y == doctest::Approx(0));
  CHECK(found[0].box_px.right() == doctest::Approx(48));
  CHECK(found[0].box_px.bottom() == doctest::Approx(64));

  SUBCASE("and goes back to the frame through a centred letterbox") {
    // The input's middle rows 16..48 show a frame of 128×64.
    const auto in_frame = decode(tensors, placed({0, 16, 64, 32}, {0, 0, 128, 64}));
    REQUIRE(in_frame.size() == 1);
    CHECK(in_frame[0].box_px.x == doctest::Approx(32));
    CHECK(in_frame[0].box_px.y == doctest::Approx(0));
    CHECK(in_frame[0].box_px.right() == doctest::Approx(96));
    CHECK(in_frame[0].box_px.bottom() == doctest::Approx(64));
  }
}

TEST_CASE("a nanodet distribution without preference has its mean in the middle") {
  HandMadeTensors tensors = empty_outputs();
  tensors.at(kScores, {0, 3, 0}) = 0.9F;  // centre (48, 48); every side 1.5 · 32 = 48, cut at the frame's edge
  const auto found = decode(tensors);
  REQUIRE(found.size() == 1);
  CHECK(found[0].box_px.x == doctest::Approx(0));
  CHECK(found[0].box_px.y == doctest::Approx(0));
  CHECK(found[0].box_px.right() == doctest::Approx(64));
}

TEST_CASE("a nanodet cell's centre may be taken half a pixel less") {
  HandMadeTensors tensors = empty_outputs();
  tensors.at(kScores, {0, 1, 1}) = 0.8F;
  for (const std::int64_t side : {0, 1, 2, 3}) set_side(tensors, 1, side, 0, true);
  CHECK(decode(tensors).at(0).box_px.x == doctest::Approx(32));
  Config index = one_stride();
  index.centre = decoder::nanodet::Centre::index;
  const auto made = decoder::nanodet::create(index, shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), std::vector{placed(kWhole, kWhole)}, findings));
  CHECK(findings.detections.at(0).box_px.x == doctest::Approx(31.5));
}

TEST_CASE("nanodet passes no number on that is not finite") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();
  for (const float bad : {kNan, kInf, -kInf}) {
    for (const std::size_t output : {kScores, kDistances}) {
      HandMadeTensors tensors = empty_outputs();
      tensors.at(kScores, {0, 0, 0}) = 0.9F;
      tensors.at(output, {0, 0, 0}) = bad;
      for (const Detection& d : decode(tensors)) {
        CHECK(std::isfinite(d.score));
        CHECK(std::isfinite(d.box_px.area()));
      }
      for (float& v : tensors.values(output)) v = bad;
      if (!std::isnan(bad) || output != kScores) CHECK(decode(tensors).empty());
    }
  }
}

TEST_CASE("a nanodet that only gives NaN has no answer, which is an error") {
  HandMadeTensors tensors = empty_outputs();
  for (float& v : tensors.values(kScores)) v = std::numeric_limits<float>::quiet_NaN();
  const auto made = decoder::nanodet::create(one_stride(), shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  CHECK((*made)->decode(tensors.view(), std::vector{placed(kWhole, kWhole)}, findings).error().code == Errc::internal);
}

TEST_CASE("a model that nanodet cannot read is refused when the decoder is made") {
  const HandMadeTensors tensors = empty_outputs();
  ModelShape model = shape_of(tensors);
  model.labels = {"cat"};
  auto made = decoder::nanodet::create(one_stride(), model);
  REQUIRE_FALSE(made);
  CHECK(made.error().what == "the model has 2 classes, but its card 1 labels");

  model = shape_of(tensors);
  Config more = one_stride();
  more.bins = 8;
  made = decoder::nanodet::create(more, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::mismatch);
  CHECK(made.error().what.find("[1, 4, 16]") != std::string::npos);
  CHECK(made.error().what.find("32]") != std::string::npos);

  more = one_stride();
  more.strides = {16, 32};
  made = decoder::nanodet::create(more, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().what.find("cls_pred_stride_16") != std::string::npos);

  model.input = {96, 64};
  CHECK(decoder::nanodet::create(one_stride(), model).error().code == Errc::mismatch);
}

TEST_CASE("a nanodet tensor of another shape than announced is an error") {
  ModelShape model = shape_of(empty_outputs());
  for (TensorInfo& output : model.outputs) output.shape = {-1, -1, -1};
  const auto made = decoder::nanodet::create(one_stride(), model);
  REQUIRE(made);
  Findings findings;
  const std::vector<Placement> one{placed(kWhole, kWhole)};
  CHECK((*made)->decode(empty_outputs().view(), one, findings));
  HandMadeTensors other;
  other.add("cls_pred_stride_32", {1, 4, 3});
  other.add("dis_pred_stride_32", {1, 4, 4 * kBins});
  CHECK((*made)->decode(other.view(), one, findings).error().code == Errc::mismatch);
  HandMadeTensors lone;
  lone.add("cls_pred_stride_32", {1, 4, 2});
  CHECK((*made)->decode(lone.view(), one, findings).error().code == Errc::mismatch);
}
