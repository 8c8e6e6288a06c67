#include "classify/classify.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "classify/features.hpp"
#include "core/publish.hpp"
#include "image/codec.hpp"
#include "learn/dataset_writer.hpp"
#include "model/predictor.hpp"
#include "scenes/core/random.hpp"
#include "seam/registry.hpp"
#include "support/full_disk.hpp"
#include "support/training_rig.hpp"

namespace perch::trainer {

namespace {

namespace fs = std::filesystem;

constexpr int kSide = 48;
const std::vector<std::string> kShapes{"bare", "square", "stripes"};

/// A noisy grey picture of a class: nothing, a dark square somewhere, or stripes.
image::Picture paint(std::size_t shape, std::uint64_t seed) {
  scenes::Random random(seed);
  image::Picture picture(kSide, kSide);
  const int side = random.integer(14, 24), left = random.integer(0, kSide - side),
            top = random.integer(0, kSide - side);
  const int wide = random.integer(3, 5), light = random.integer(100, 180);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const bool square = x >= left && x < left + side && y >= top && y < top + side;
      const bool dark = shape == 1 ? square : shape == 2 && x / wide % 2 == 0;
      const int grey = light - (dark ? 70 : 0) + random.integer(-20, 20);
      for (int c = 0; c < 3; ++c) picture.at(x, y)[c] = static_cast<std::uint8_t>(grey);
    }
  return picture;
}

Bytes jpeg_of(std::size_t shape, std::uint64_t seed) {
  return image::encode_jpeg(paint(shape, seed).view(), 92).value();
}

std::string split_of(int i) {
  const int turn = i % 5;
  return turn == 4 ? "test" : turn == 3 ? "validation" : "train";
}

learn::DatasetWriter writer_of(const fs::path& folder, const std::vector<std::string>& labels) {
  auto writer = learn::DatasetWriter::create(folder, {"shapes", "classify", labels, {}, "painted by a test"});
  REQUIRE(writer);
  return std::move(*writer);
}

void write_shapes(const fs::path& folder, int each, const std::vector<std::string>& labels = kShapes) {
  learn::DatasetWriter writer = writer_of(folder, labels);
  for (int i = 0; i < each; ++i)
    for (std::size_t shape = 0; shape < kShapes.size(); ++shape) {
      const std::string name = kShapes[shape] + std::to_string(i) + ".jpg";
      const learn::Label whole{kShapes[shape], {0, 0, kSide, kSide}, std::nullopt, {}, {}};
      REQUIRE(writer.add(name, jpeg_of(shape, static_cast<std::uint64_t>(i) * 3 + shape + 1), kSide, kSide, {whole},
                         {{"split", split_of(i)}}));
    }
  if (labels.size() > kShapes.size())
    REQUIRE(writer.add("rare.jpg", jpeg_of(1, 999), kSide, kSide,
                       {{labels.back(), {0, 0, kSide, kSide}, std::nullopt, {}, {}}},
                       {{"split", std::string("train")}}));
  REQUIRE(writer.finish());
}

/// Grids of 12 × 16 cells whose middle is warm or cold, with renderings of another size beside them.
void write_grids(const fs::path& folder, int each) {
  learn::DatasetWriter writer = writer_of(folder, {"cold", "warm"});
  for (int i = 0; i < 2 * each; ++i) {
    scenes::Random random(static_cast<std::uint64_t>(i) + 1);
    std::vector<float> cells(std::size_t{12} * 16);
    for (float& cell : cells) cell = 20 + random.normal() * 0.2F;
    const float middle = i % 2 == 0 ? random.between(22, 29) : random.between(31, 38);
    for (std::size_t row = 4; row < 8; ++row)
      for (std::size_t col = 6; col < 10; ++col) cells[row * 16 + col] = middle;
    const std::string name = "g" + std::to_string(i);
    REQUIRE(writer.add(name + ".jpg", image::encode_jpeg(image::Picture(64, 48).view()).value(), 64, 48,
                       {{i % 2 == 0 ? "cold" : "warm", {0, 0, 64, 48}, std::nullopt, {}, {}}},
                       {{"split", split_of(i / 2)}}));
    REQUIRE(write_file(folder / "pictures" / (name + ".raw"),
                       {reinterpret_cast<const std::uint8_t*>(cells.data()), cells.size() * sizeof(float)}));
  }
  REQUIRE(writer.finish());
}

struct Rig : test::TrainingRig {
  explicit Rig(int epochs) : TrainingRig("classify", "shapes", epochs) {
    settings.classify.width = 32;
    settings.classify.height = 32;
    settings.classify.channels = 6;
    settings.classify.halvings = 3;
  }

  std::string report() const { return std::string(as_text(read_file(fs::path(settings.out) / "shapes.json").value())); }

  /// Of `each` pictures a class that nobody has learned from, how many the published model calls rightly.
  int right_of_unseen(std::uint64_t each) const {
    Registry registry;
    describe_all(registry);
    const auto model = model::Model::load(model_path(settings), registry);
    REQUIRE_MESSAGE(model, model.error().message());
    model::Predictor predictor(*model);
    int right = 0;
    for (std::uint64_t i = 0; i < each * kShapes.size(); ++i) {
      Findings findings;
      model::Timing timing;
      REQUIRE(predictor.predict(jpeg_of(i % kShapes.size(), 5000 + i), {}, findings, timing));
      const std::vector<float>& p = findings.scores.at(0).p;
      right += static_cast<std::size_t>(std::ranges::max_element(p) - p.begin()) == i % kShapes.size() ? 1 : 0;
    }
    return right;
  }
};

}  // namespace

TEST_CASE("a classifier learns shapes, and the edge tells them apart with what is published") {
  Rig rig(15);
  write_shapes(rig.folder / "data", 40);
  const auto outcome = rig.run();
  REQUIRE_MESSAGE(outcome, outcome.error().message());
  const auto done = std::get<learn::TrainDone>(rig.said.back());
  MESSAGE("accuracy ", done.metric, " after ", done.seconds, " s");
  CHECK(done.metric >= 0.9);
  CHECK(rig.right_of_unseen(10) >= 27);
  const std::string report = rig.report();
  for (const char* part : {"test, by the published model", "confusion", "export difference", "recall"})
    CHECK(report.find(part) != std::string::npos);
}

TEST_CASE("a layer on a frozen model's features learns from six pictures a class") {
  Rig rig(20);
  write_shapes(rig.folder / "data", 6);
  rig.settings.classify.backbone = PERCH_SOURCE_DIR "/models/room-people.onnx";
  const auto outcome = rig.run();
  REQUIRE_MESSAGE(outcome, outcome.error().message());
  MESSAGE("accuracy by parts ", std::get<learn::TrainDone>(rig.said.back()).metric);
  CHECK(rig.right_of_unseen(10) >= 20);  // of 30, by a detector of people; by chance 10
  CHECK(rig.report().find("by a head that learned from 4 of 5 parts") != std::string::npos);
  const auto card = model::load_card(rig.folder / "out/shapes.toml");
  REQUIRE(card);
  CHECK(card->labels == kShapes);
  CHECK(card->input.fit == model::Fit::letterbox);  // as the backbone sees
}

TEST_CASE("a classifier's training that was stopped goes on to the very same figures") {
  Rig whole(4);
  write_shapes(whole.folder / "data", 10);
  REQUIRE(whole.run());
  Rig rig(4);
  write_shapes(rig.folder / "data", 10);
  rig.stop_after = 2;
  const auto stopped = rig.run();
  REQUIRE_MESSAGE(stopped, stopped.error().message());
  CHECK(stopped->stopped);
  CHECK(fs::exists(rig.folder / "out/shapes.onnx"));  // the best so far is published
  rig.stop = false;
  rig.stop_after = 0;
  REQUIRE(rig.run(true));
  CHECK(rig.history() == whole.history());
}

TEST_CASE("temperatures are learned from at the grid's own size, whatever the size of their rendering") {
  Rig rig(25);
  write_grids(rig.folder / "data", 40);
  const auto outcome = rig.run();
  REQUIRE_MESSAGE(outcome, outcome.error().message());
  CHECK(std::get<learn::TrainDone>(rig.said.back()).metric >= 0.9);
  const auto card = model::load_card(rig.folder / "out/shapes.toml");
  REQUIRE(card);
  CHECK(card->input.thermal());
  CHECK(card->input.width == 16);
  CHECK(card->input.height == 12);
}

TEST_CASE("a corrupt picture, a missing one and a grid cut short are named, and the rest is learned from") {
  Rig rig(1);
  write_grids(rig.folder / "data", 20);
  const fs::path pictures = rig.folder / "data/pictures";
  REQUIRE(write_file(pictures / "g1.jpg", as_bytes(std::string("no picture"))));
  fs::remove(pictures / "g2.jpg");
  REQUIRE(write_file(pictures / "g3.raw", as_bytes(std::string(402, 'x'))));
  const auto outcome = rig.run();
  REQUIRE_MESSAGE(outcome, outcome.error().message());
  for (const char* name : {"g1.jpg", "g2.jpg", "g3.raw"}) CHECK_MESSAGE(rig.said_problem(name), name);
  CHECK(fs::exists(rig.folder / "out/shapes.onnx"));
}

TEST_CASE("a full disk is said, the model that was there stays as it was, and training goes on from its checkpoint") {
  Rig rig(2);
  write_shapes(rig.folder / "data", 10);
  REQUIRE(rig.run());
  const Bytes model = read_file(model_path(rig.settings)).value(),
              report = read_file(report_path(rig.settings)).value();
  rig.settings.epochs = 3;
  {
    const test::FullDisk full(64);
    const auto outcome = rig.run(true);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Errc::full);
    CHECK(outcome.error().where.find(rig.settings.out) == 0);
  }
  CHECK(rig.said_problem("no checkpoint of epoch 3, the one before stays"));
  CHECK(read_file(model_path(rig.settings)).value() == model);
  CHECK(read_file(report_path(rig.settings)).value() == report);
  rig.said.clear();
  REQUIRE(rig.run(true));  // there is room again
  CHECK(rig.history().size() == 1);
  CHECK(rig.report().find("\"epochs\": 3") != std::string::npos);
}

TEST_CASE("a class with one picture, and a single class, are said before anything is lost to them") {
  Rig rig(1);
  std::vector<std::string> labels = kShapes;
  labels.emplace_back("rare");
  write_shapes(rig.folder / "data", 5, labels);
  const auto outcome = rig.run();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message().find("'rare' has only one picture to learn from") != std::string::npos);
  CHECK_FALSE(fs::exists(rig.folder / "out/shapes.onnx"));

  Rig alone(1);
  learn::DatasetWriter writer = writer_of(alone.folder / "data", {"bare"});
  REQUIRE(writer.add("a.jpg", jpeg_of(0, 1), kSide, kSide, {{"bare", {0, 0, kSide, kSide}, {}, {}, {}}}, {}));
  REQUIRE(writer.finish());
  CHECK(alone.run().error().message().find("every labelled picture shows 'bare'") != std::string::npos);
}

TEST_CASE("a backbone that is not there, or has no such tensor, is said with what there is") {
  Rig rig(1);
  write_shapes(rig.folder / "data", 6);
  rig.settings.classify.backbone = rig.folder / "none.onnx";
  CHECK(rig.run().error().code == Errc::not_found);
  rig.settings.classify.backbone = PERCH_SOURCE_DIR "/models/room-people.onnx";
  rig.settings.classify.features = "nowhere";
  CHECK(rig.run().error().message().find("has no tensor 'nowhere'") != std::string::npos);
}

TEST_CASE("pictures of a group and near duplicates fall to one part, those of a class to all of them") {
  std::vector<learn::Sample> samples(12);
  std::vector<Example> examples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].look = learn::look_of(paint(2, i + 1).view());
    if (i == 3 || i == 7) samples[i].group = "monday";
    if (i == 9) samples[i].look = samples[0].look;
    examples.push_back({{}, i % 2, &samples[i]});
  }
  const std::vector<int> folds = folds_of(examples);
  CHECK(folds[3] == folds[7]);
  CHECK(folds[0] == folds[9]);
  CHECK(std::vector<int>{folds[0], folds[2], folds[4], folds[6], folds[8]} == std::vector<int>{0, 1, 2, 3, 4});
}

}  // namespace perch::trainer
