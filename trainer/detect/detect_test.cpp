#include "detect/detect.hpp"

#include <doctest/doctest.h>

#include "core/publish.hpp"
#include "image/codec.hpp"
#include "learn/dataset_writer.hpp"
#include "model/predictor.hpp"
#include "scenes/core/random.hpp"
#include "seam/registry.hpp"
#include "support/training_rig.hpp"

namespace perch::trainer {

namespace {

namespace fs = std::filesystem;

constexpr int kSide = 96;

/// A noisy grey picture with one red square, and where that is.
Box paint(std::uint64_t seed, image::Picture& picture) {
  scenes::Random random(seed);
  picture.reset(kSide, kSide);
  const int side = random.integer(20, 40), left = random.integer(0, kSide - side),
            top = random.integer(0, kSide - side);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const bool red = x >= left && x < left + side && y >= top && y < top + side;
      const auto grey = static_cast<std::uint8_t>(random.integer(60, 120));
      std::uint8_t* p = picture.at(x, y);
      p[0] = red ? 220 : grey;
      p[1] = p[2] = red ? 30 : grey;
    }
  }
  return {static_cast<float>(left), static_cast<float>(top), static_cast<float>(side), static_cast<float>(side)};
}

/// Pictures of squares, four fifths to learn from and the rest to measure with.
/// @param rare  how many of them also have a 'rare' thing
void write_squares(const fs::path& folder, int pictures, int rare) {
  std::vector<std::string> labels{"square"};
  if (rare > 0) labels.emplace_back("rare");
  auto writer = learn::DatasetWriter::create(folder, {"squares", "detect", labels, {}, "painted by a test"});
  REQUIRE(writer);
  for (int i = 0; i < pictures; ++i) {
    image::Picture picture;
    const Box box = paint(static_cast<std::uint64_t>(i) + 1, picture);
    std::vector<learn::Label> things{{"square", box, std::nullopt, {}, {}}};
    if (i < rare) things.push_back({"rare", {0, 0, 12, 12}, std::nullopt, {}, {}});
    REQUIRE(writer->add("p" + std::to_string(i) + ".jpg", image::encode_jpeg(picture.view(), 90).value(), kSide, kSide,
                        things, {{"split", std::string(i < pictures * 4 / 5 ? "train" : "validation")}}));
  }
  REQUIRE(writer->finish());
}

/// A job that takes a second or two.
struct Rig : test::TrainingRig {
  explicit Rig(int epochs, int rare = 0, int pictures = 40) : TrainingRig("detect", "squares", epochs) {
    write_squares(folder / "data", pictures, rare);
    settings.detect.width = kSide;
    settings.detect.height = kSide;
    settings.detect.channels = 8;
    settings.detect.learning_rate = 0.01;
  }
};

}  // namespace

TEST_CASE("a detector learns to find squares, and the edge finds them with what is published") {
  Rig rig(40);
  const auto outcome = rig.run();
  REQUIRE_MESSAGE(outcome, outcome.error().message());
  const auto done = std::get<learn::TrainDone>(rig.said.back());
  MESSAGE("F1 ", done.metric, " after ", done.seconds, " s");
  CHECK(done.metric >= 0.9);

  Registry registry;
  describe_all(registry);
  const auto model = model::Model::load(done.model, registry);
  REQUIRE_MESSAGE(model, model.error().message());
  CHECK((*model)->card_source() == model::CardSource::file);
  CHECK((*model)->card().licence == "Apache-2.0");
  CHECK((*model)->card().sha256 == (*model)->sha256());
  model::Predictor predictor(*model);
  int right = 0;
  for (std::uint64_t seed = 1000; seed < 1010; ++seed) {  // squares that nobody has learned from
    image::Picture picture;
    const Box box = paint(seed, picture);
    Findings findings;
    model::Timing timing;
    REQUIRE(predictor.predict(image::encode_jpeg(picture.view(), 90).value(), {}, findings, timing));
    right += !findings.detections.empty() && iou(findings.detections[0].box_px, box) >= 0.5F ? 1 : 0;
  }
  CHECK(right >= 8);
}

TEST_CASE("a detector's training that was stopped goes on to the very same figures") {
  Rig whole(4);
  REQUIRE(whole.run());
  Rig rig(4);
  rig.stop_after = 2;
  const auto stopped = rig.run();
  REQUIRE_MESSAGE(stopped, stopped.error().message());
  CHECK(stopped->stopped);
  CHECK(std::get<learn::TrainDone>(rig.said.back()).stopped);
  CHECK(fs::exists(rig.folder / "out/squares.onnx"));  // the best so far is published
  rig.stop = false;
  rig.stop_after = 0;
  const auto resumed = rig.run(true);
  REQUIRE_MESSAGE(resumed, resumed.error().message());
  CHECK(rig.history() == whole.history());
}

TEST_CASE("a corrupt picture and a label for a missing one are named, and the rest is learned from") {
  Rig rig(1);
  const fs::path pictures = rig.folder / "data/pictures";
  Bytes cut = read_file(pictures / "p3.jpg").value();
  cut.resize(cut.size() / 2);
  REQUIRE(write_file(pictures / "p3.jpg", cut));
  fs::remove(pictures / "p4.jpg");
  const auto outcome = rig.run();
  REQUIRE_MESSAGE(outcome, outcome.error().message());
  CHECK(rig.said_problem("p3.jpg"));
  CHECK(rig.said_problem("p4.jpg"));
  CHECK(fs::exists(rig.folder / "out/squares.onnx"));
}

TEST_CASE("a class with one example is said before anything is lost to it") {
  Rig rig(1, 1);
  const auto outcome = rig.run();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Errc::invalid);
  CHECK(outcome.error().message().find("'rare' is labelled only once") != std::string::npos);
  CHECK_FALSE(fs::exists(rig.folder / "out/squares.onnx"));
}

TEST_CASE("things that are too small to count are not said to be missing") {
  Rig rig(1);
  rig.settings.detect.least_px = 90;
  const Error error = rig.run().error();
  CHECK(
      error.what.starts_with("'square' is labelled nowhere in the pictures to learn from, but for 32 that are hidden"));
  CHECK(error.remedy.find("detect.least_px") != std::string::npos);
}

TEST_CASE("an input that no grid fits is refused") {
  Rig rig(1);
  rig.settings.detect.width = 100;
  CHECK(rig.run().error().message().find("100 x 96") != std::string::npos);
}

}  // namespace perch::trainer
