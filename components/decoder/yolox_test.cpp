#include "decoder/yolox.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "config/node.hpp"
#include "seam/registry.hpp"
#include "support/tensors.hpp"

using namespace perch;
using decoder::yolox::Config;
using test::HandMadeTensors;
using test::placed;

namespace {

// An input of 64×64 px has 8·8 cells of 8 px, then 4·4 of 16 px, then 2·2 of 32 px; with two classes a cell has 7
// values.
constexpr std::int64_t kCells = 64 + 16 + 4;
constexpr std::int64_t kFirstOf16 = 64;
constexpr std::int64_t kFirstOf32 = 64 + 16;
const Box kWhole{0, 0, 64, 64};

HandMadeTensors empty_output(std::int64_t batch = 1) {
  HandMadeTensors tensors;
  tensors.add("output", {batch, kCells, 7});
  return tensors;
}

void set_cell(HandMadeTensors& tensors, std::int64_t element, std::int64_t cell, const std::array<float, 7>& values) {
  for (std::int64_t i = 0; i < 7; ++i) tensors.at(0, {element, cell, i}) = values[static_cast<std::size_t>(i)];
}

ModelShape shape_of(const HandMadeTensors& tensors) {
  return {{64, 64}, tensors.infos(), {"cat", "dog"}};
}

std::vector<Detection> decode(const HandMadeTensors& tensors, const std::vector<Placement>& placements,
                              const Config& config = {}) {
  const auto made = decoder::yolox::create(config, shape_of(tensors));
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), placements, findings));
  return findings.detections;
}

void check_box(const Box& got, const Box& wanted) {
  CHECK(got.x == doctest::Approx(wanted.x));
  CHECK(got.y == doctest::Approx(wanted.y));
  CHECK(got.width == doctest::Approx(wanted.width));
  CHECK(got.height == doctest::Approx(wanted.height));
}

}  // namespace

TEST_CASE("a yolox cell becomes a box by its place, its stride and its exponents") {
  HandMadeTensors tensors = empty_output();
  // Column 2, row 1 of the 16 px cells: centre ((2 + 0.25)·16, (1 + 0.5)·16) = (36, 24), size (1.5·16, 0.5·16) = (24,
  // 8).
  set_cell(tensors, 0, kFirstOf16 + 1 * 4 + 2, {0.25F, 0.5F, std::log(1.5F), std::log(0.5F), 0.9F, 0.1F, 0.8F});
  const auto found = decode(tensors, {placed(kWhole, kWhole)});
  REQUIRE(found.size() == 1);
  check_box(found[0].box_px, {24, 20, 24, 8});
  CHECK(found[0].label.value == 1);
  CHECK(found[0].score == doctest::Approx(0.9 * 0.8));
}

TEST_CASE("yolox boxes are taken out of the letterbox and cut at the region's edge") {
  HandMadeTensors tensors = empty_output();
  // Cell (1, 0) of 32 px: centre (48, 16), size 32: 32..64 × 0..32 of the input.
  set_cell(tensors, 0, kFirstOf32 + 1, {0.5F, 0.5F, 0, 0, 1, 1, 0});
  // The region 100..228 × 50..114 of the frame is shown in the upper half of the input, at half its size.
  const auto found = decode(tensors, {placed({0, 0, 64, 32}, {100, 50, 128, 64}, 7)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].region == 7);
  check_box(found[0].box_px, {164, 50, 64, 64});

  SUBCASE("a box in the letterbox is nothing") {
    HandMadeTensors outside = empty_output();
    set_cell(outside, 0, kFirstOf32 + 2, {0.5F, 0.5F, std::log(0.5F), std::log(0.5F), 1, 1, 0});  // y 40..56
    CHECK(decode(outside, {placed({0, 0, 64, 32}, {100, 50, 128, 64})}).empty());
  }
}

TEST_CASE("yolox keeps the best of overlapping boxes of a class, and boxes of other classes") {
  HandMadeTensors tensors = empty_output();
  const std::int64_t a = kFirstOf32, b = kFirstOf32 + 1;
  set_cell(tensors, 0, a, {0.5F, 0.5F, 0, 0, 0.8F, 1, 0});     // 0..32
  set_cell(tensors, 0, b, {-0.375F, 0.5F, 0, 0, 0.9F, 1, 0});  // centre (0.625·32) = 20: 4..36, IoU 28/36 = 0.78
  auto found = decode(tensors, {placed(kWhole, kWhole)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].score == doctest::Approx(0.9));
  CHECK(decode(tensors, {placed(kWhole, kWhole)}, {.nms_iou = 0.8F}).size() == 2);

  set_cell(tensors, 0, a, {0.5F, 0.5F, 0, 0, 0.8F, 0, 1});
  CHECK(decode(tensors, {placed(kWhole, kWhole)}).size() == 2);
  found = decode(tensors, {placed(kWhole, kWhole)}, {.max_detections = 1});
  REQUIRE(found.size() == 1);
  CHECK(found[0].label.value == 0);
}

TEST_CASE("each element of a yolox batch has its own boxes and region") {
  HandMadeTensors tensors = empty_output(2);
  set_cell(tensors, 0, kFirstOf32, {0.5F, 0.5F, 0, 0, 0.8F, 1, 0});
  set_cell(tensors, 1, kFirstOf32, {0.5F, 0.5F, 0, 0, 0.9F, 0, 1});
  const auto found = decode(tensors, {placed(kWhole, kWhole, 0), placed(kWhole, {1000, 0, 64, 64}, 1)});
  REQUIRE(found.size() == 2);
  CHECK(found[0].label.value == 0);
  CHECK(found[1].label.value == 1);
  CHECK(found[1].region == 1);
  check_box(found[1].box_px, {1000, 0, 32, 32});
}

TEST_CASE("yolox passes no number on that is not finite") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();
  for (const float bad : {kNan, kInf, -kInf}) {
    for (std::int64_t i = 0; i < 7; ++i) {
      HandMadeTensors tensors = empty_output();
      set_cell(tensors, 0, kFirstOf32, {0.5F, 0.5F, 0, 0, 0.8F, 0.7F, 0.6F});
      tensors.at(0, {0, kFirstOf32, i}) = bad;
      for (const Detection& d : decode(tensors, {placed(kWhole, kWhole)})) {
        CHECK(std::isfinite(d.score));
        CHECK(std::isfinite(d.box_px.area()));
        CHECK(d.score <= 1);
      }
    }
  }
  HandMadeTensors all_nan = empty_output();
  for (float& v : all_nan.values(0)) v = kNan;
  Findings nothing;
  const auto refused = decoder::yolox::create({}, shape_of(all_nan))
                           .value()
                           ->decode(all_nan.view(), std::vector{placed(kWhole, kWhole)}, nothing);
  REQUIRE_FALSE(refused);  // no answer is not the answer that nothing is there
  CHECK(refused.error().what == "the output 'output' holds no number, only NaN");
  CHECK(decode(empty_output(), {placed(kWhole, kWhole)}).empty());
}

TEST_CASE("a model that yolox cannot read is refused when the decoder is made") {
  HandMadeTensors tensors = empty_output();
  ModelShape model = shape_of(tensors);

  model.labels = {"cat", "dog", "bird"};
  auto made = decoder::yolox::create({}, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::mismatch);
  CHECK(made.error().what == "the model has 2 classes, but its card 3 labels");

  model = shape_of(tensors);
  model.input = {96, 96};  // 144 + 36 + 9 cells
  made = decoder::yolox::create({}, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::mismatch);
  CHECK(made.error().what.find("189") != std::string::npos);
  CHECK(made.error().what.find("[1, 84, 7]") != std::string::npos);

  model = shape_of(tensors);
  model.outputs[0].shape = {1, kCells, 5};
  CHECK_FALSE(decoder::yolox::create({}, model));
  model.outputs.clear();
  CHECK_FALSE(decoder::yolox::create({}, model));
  CHECK_FALSE(decoder::yolox::create({.strides = {8, 0}}, shape_of(tensors)));
}

TEST_CASE("dimensions that a yolox model leaves open are checked when it runs") {
  ModelShape model = shape_of(empty_output());
  model.outputs[0].shape = {-1, -1, -1};
  const auto made = decoder::yolox::create({}, model);
  REQUIRE(made);
  Findings findings;
  const std::vector<Placement> one{placed(kWhole, kWhole)}, two{one[0], one[0]};
  CHECK((*made)->decode(empty_output().view(), one, findings));
  CHECK((*made)->decode(empty_output().view(), two, findings).error().code == Errc::mismatch);

  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{1, kCells, 8}, {1, kCells - 1, 7}, {1, kCells * 7}, {0, kCells, 7}}) {
    HandMadeTensors other;
    other.add("output", shape);
    const auto decoded = (*made)->decode(other.view(), one, findings);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == Errc::mismatch);
  }
  CHECK_FALSE((*made)->decode(Tensors{}, one, findings));
  CHECK(findings.detections.empty());
}

TEST_CASE("yolox is configured by its table") {
  Registry registry;
  decoder::yolox::describe(registry);
  config::Diagnostics diagnostics;
  const config::Node table = config::parse_toml("kind = \"yolox\"\nmin_score = 1.5\nnms = 0.4\nstrides = [8, 16, 32]",
                                                "card.toml", diagnostics);
  REQUIRE(diagnostics.ok());
  const auto made = registry.make_decoder({table}, shape_of(empty_output()));
  REQUIRE_FALSE(made);
  CHECK(made.error().what.find("must be between 0 and 1") != std::string::npos);
  CHECK(made.error().what.find("nms_iou") != std::string::npos);
}
