#include "decoder/fastestdet.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "support/tensors.hpp"

using namespace perch;
using test::HandMadeTensors;
using test::placed;

namespace {

// An input of 80×40 px with 2 rows and 4 columns of cells and two classes.
const Box kWhole{0, 0, 80, 40};

HandMadeTensors empty_output(std::int64_t batch = 1) {
  HandMadeTensors tensors;
  tensors.add("758", {batch, 7, 2, 4});
  return tensors;
}

void set_cell(HandMadeTensors& tensors, std::int64_t row, std::int64_t col, const std::array<float, 7>& values) {
  for (std::int64_t c = 0; c < 7; ++c) tensors.at(0, {0, c, row, col}) = values[static_cast<std::size_t>(c)];
}

ModelShape shape_of(const HandMadeTensors& tensors) {
  return {{80, 40}, tensors.infos(), {"cat", "dog"}};
}

std::vector<Detection> decode(const HandMadeTensors& tensors, const Placement& placement = placed(kWhole, kWhole)) {
  const auto made = decoder::fastestdet::create({}, shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), std::vector{placement}, findings));
  return findings.detections;
}

}  // namespace

TEST_CASE("a fastestdet cell becomes a box as parts of the input") {
  HandMadeTensors tensors = empty_output();
  // Row 1, column 2: centre ((2 + ½) / 4 · 80, (1 − ½) / 2 · 40) = (50, 10), size (¼ · 80, ½ · 40) = (20, 20).
  set_cell(tensors, 1, 2, {0.81F, std::atanh(0.5F), std::atanh(-0.5F), -std::log(3.0F), 0, 0.2F, 0.64F});
  auto found = decode(tensors);
  REQUIRE(found.size() == 1);
  CHECK(found[0].label.value == 1);
  CHECK(found[0].score == doctest::Approx(std::pow(0.81, 0.6) * std::pow(0.64, 0.4)));
  CHECK(found[0].box_px.x == doctest::Approx(40));
  CHECK(found[0].box_px.y == doctest::Approx(0));
  CHECK(found[0].box_px.width == doctest::Approx(20));
  CHECK(found[0].box_px.height == doctest::Approx(20));

  // Stretched from a region of 160×160 px at (10, 20).
  found = decode(tensors, placed(kWhole, {10, 20, 160, 160}, 3));
  REQUIRE(found.size() == 1);
  CHECK(found[0].region == 3);
  CHECK(found[0].box_px.x == doctest::Approx(90));
  CHECK(found[0].box_px.y == doctest::Approx(20));
  CHECK(found[0].box_px.width == doctest::Approx(40));
  CHECK(found[0].box_px.height == doctest::Approx(80));
}

TEST_CASE("boxes that reach beyond the picture are cut at its edge unless the card wants them whole") {
  HandMadeTensors tensors = empty_output();
  // Row 0, column 0: centre (0, 0), size (20, 20).
  set_cell(tensors, 0, 0, {1, 0, 0, -std::log(3.0F), 0, 1, 0});
  CHECK(decode(tensors).at(0).box_px == Box{0, 0, 10, 10});
  decoder::fastestdet::Config config;
  config.clip = false;
  const auto made = decoder::fastestdet::create(config, shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), std::vector{placed(kWhole, {100, 100, 160, 80})}, findings));
  REQUIRE(findings.detections.size() == 1);
  CHECK(findings.detections[0].box_px.x == doctest::Approx(80));
  CHECK(findings.detections[0].box_px.y == doctest::Approx(80));
  CHECK(findings.detections[0].box_px.width == doctest::Approx(40));
}

TEST_CASE("fastestdet passes no number on that is not finite") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();
  for (const float bad : {kNan, kInf, -kInf, -1.0F}) {
    for (std::size_t c = 0; c < 7; ++c) {
      HandMadeTensors tensors = empty_output();
      std::array<float, 7> cell{0.9F, 0, 0, 0, 0, 0.9F, 0.1F};
      cell[c] = bad;
      set_cell(tensors, 0, 1, cell);
      for (const Detection& d : decode(tensors)) {
        CHECK(std::isfinite(d.score));
        CHECK(std::isfinite(d.box_px.area()));
      }
    }
  }
  CHECK(decode(empty_output()).empty());
}

TEST_CASE("a model that fastestdet cannot read is refused, when it is made or when it runs") {
  ModelShape model = shape_of(empty_output());
  model.labels = {"cat", "dog", "bird"};
  auto made = decoder::fastestdet::create({}, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().what == "the model has 2 classes, but its card 3 labels");

  model = shape_of(empty_output());
  model.outputs[0].shape = {1, 5, 2, 4};
  CHECK(decoder::fastestdet::create({}, model).error().code == Errc::mismatch);
  model.outputs[0].shape = {1, 7, 8};
  CHECK(decoder::fastestdet::create({}, model).error().code == Errc::mismatch);

  model.outputs[0].shape = {-1, -1, -1, -1};
  made = decoder::fastestdet::create({}, model);
  REQUIRE(made);
  Findings findings;
  const std::vector<Placement> one{placed(kWhole, kWhole)};
  CHECK((*made)->decode(empty_output().view(), one, findings));
  HandMadeTensors other;
  other.add("758", {1, 8, 2, 4});
  CHECK((*made)->decode(other.view(), one, findings).error().code == Errc::mismatch);
}
