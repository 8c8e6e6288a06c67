#include "model/model.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "model/predictor.hpp"
#include "support/looks.hpp"
#include "support/program.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::model;
using test::OnnxType;
using test::TempFolder;

namespace {

/// Passes the first output on as scores; refuses labels that are not as many as its values.
struct EchoConfig {
  float min_score = 0.5F;
};

class Echo : public Decoder {
 public:
  explicit Echo(float min_score) : min_score_(min_score) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    if (tensors.outputs[0].dim(0) != static_cast<std::int64_t>(placements.size()))
      return fail(Errc::mismatch, "not one row a placement");
    for (std::size_t i = 0; i < placements.size(); ++i) {
      const auto row = tensors.outputs[0].of_batch(static_cast<std::int64_t>(i));
      out.scores.push_back({placements[i].region, {row.begin(), row.end()}});
    }
    out.numbers.push_back({0, "min_score", min_score_});
    return {};
  }

 private:
  float min_score_;
};

constexpr auto kEchoFields =
    config::fields<EchoConfig>(config::field("min_score", &EchoConfig::min_score).range(0.0, 1.0));

Result<std::unique_ptr<Decoder>> make_echo(const EchoConfig& config, const ModelShape& shape) {
  if (!shape.labels.empty() && static_cast<std::int64_t>(shape.labels.size()) != shape.outputs[0].shape[1])
    return fail(Errc::mismatch, fmt::format("{} labels for {} values", shape.labels.size(), shape.outputs[0].shape[1]));
  return std::make_unique<Echo>(config.min_score);
}

struct PlainConfig {};

constexpr auto kPlainFields = config::fields<PlainConfig>();

Result<std::unique_ptr<Decoder>> make_plain(const PlainConfig&, const ModelShape&) {
  return std::make_unique<Echo>(0.0F);
}

Registry registry() {
  Registry registry;
  registry.decoder("echo", "for tests", kEchoFields, &make_echo);
  registry.decoder("plain", "for tests", kPlainFields, &make_plain);
  return registry;
}

constexpr std::string_view kCard = "name = \"m\"\ntask = \"classify\"\n[decoder]\nkind = \"echo\"\n";

/// A folder with m.onnx and m.toml.
struct ModelFolder {
  ModelFolder(const Bytes& onnx, const std::string& card) {
    test::write_test_file(folder / "m.onnx", as_text(onnx));
    if (!card.empty()) test::write_test_file(folder / "m.toml", card);
  }

  Result<std::shared_ptr<const Model>> load(LoadOptions options = {}) const {
    return Model::load((folder / "m.onnx").string(), registry(), options);
  }

  std::string error(LoadOptions options = {}) const {
    const auto model = load(std::move(options));
    return model ? std::string() : model.error().message();
  }

  TempFolder folder;
};

image::Picture plain_picture(int width, int height, std::uint8_t red) {
  image::Picture picture(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) picture.at(x, y)[0] = red;
  return picture;
}

}  // namespace

TEST_CASE("a card beside its model is used") {
  const ModelFolder files(test::mean_onnx(1, 8, 16), std::string(kCard));
  const auto model = files.load();
  REQUIRE_MESSAGE(model, files.error());
  CHECK((*model)->card_source() == CardSource::file);
  CHECK((*model)->shape().input == image::Size{16, 8});
  CHECK((*model)->card().input.name == "pictures");
  CHECK((*model)->id() == "m@" + (*model)->sha256().substr(0, 8));
  CHECK((*model)->notes().empty());
}

TEST_CASE("a model is found by its name in a folder") {
  const ModelFolder files(test::mean_onnx(1, 8, 8), std::string(kCard));
  LoadOptions options;
  options.folders = {files.folder.path()};
  CHECK(Model::load("m", registry(), options));
}

TEST_CASE("a link to a model has the card of the model, unless it has one of its own") {
  const ModelFolder files(test::mean_onnx(1, 8, 8), std::string(kCard));
  const test::TempFolder links;
  std::filesystem::create_symlink(files.folder / "m.onnx", links / "current.onnx");
  const auto linked = Model::load((links / "current.onnx").string(), registry());
  REQUIRE(linked);
  CHECK((*linked)->card_source() == CardSource::file);
  CHECK((*linked)->card().name == "m");
  test::write_test_file(links / "current.toml", "name = \"own\"\n" + std::string(kCard).substr(kCard.find('\n') + 1));
  CHECK(Model::load((links / "current.onnx").string(), registry()).value()->card().name == "own");
  std::filesystem::remove(links / "current.toml");
  std::filesystem::create_symlink(links / "nowhere", links / "current.toml");
  CHECK(Model::load((links / "current.onnx").string(), registry()).error().code == Errc::not_found);
}

TEST_CASE("a card that does not match its model is an error that names both") {
  const Bytes onnx = test::mean_onnx(1, 8, 8);
  const std::string card(kCard);
  CHECK(test::says(ModelFolder(onnx, card + "[input]\nname = \"image\"\n").error(),
                   "the card's input is 'image', the model's is 'pictures'"));
  CHECK(test::says(ModelFolder(onnx, card + "[input]\nwidth = 9\n").error(),
                   "the card's input.width is 9, the model's is 8"));
  CHECK(test::says(ModelFolder(onnx, card + "[input]\nlayout = \"nhwc\"\n").error(), "[1, 3, 8, 8]"));
  CHECK(test::says(ModelFolder(onnx, card + "[input]\ncolour = \"grey\"\n").error(), "1 channels"));
  CHECK(test::says(ModelFolder(onnx, "labels = [\"a\", \"b\"]\n" + card).error(), "2 labels for 3 values"));
  const std::string other_hash = "sha256 = \"" + std::string(64, 'a') + "\"\n";
  const auto mismatched = ModelFolder(onnx, other_hash + card).load();
  REQUIRE_FALSE(mismatched);
  CHECK(mismatched.error().code == Errc::mismatch);
  CHECK(test::says(mismatched.error().message(), "m.toml"));
  CHECK(test::says(mismatched.error().message(), "aaaaaaaa"));
  CHECK_FALSE(mismatched.error().remedy.empty());
}

TEST_CASE("the hash that a card states is checked and may be right") {
  const Bytes onnx = test::mean_onnx(1, 8, 8);
  CHECK(ModelFolder(onnx, "sha256 = \"" + sha256_hex(onnx) + "\"\n" + std::string(kCard)).load());
}

TEST_CASE("an unknown decoder is an error with the nearest and the card's place") {
  const std::string error =
      ModelFolder(test::mean_onnx(1, 8, 8), "name = \"m\"\ntask = \"pose\"\ndecoder = { kind = \"ecko\" }\n").error();
  CHECK(test::says(error, "no decoder of the kind 'ecko'"));
  CHECK(test::says(error, "did you mean 'echo'?"));
  CHECK(test::says(error, "m.toml"));
}

TEST_CASE("a threshold that is given replaces the card's") {
  const ModelFolder files(test::mean_onnx(1, 8, 8), std::string(kCard) + "min_score = 0.2\n");
  LoadOptions options;
  options.min_score = 0.75F;
  const auto model = files.load(options);
  REQUIRE(model);
  Predictor predictor(*model);
  Findings found;
  Timing timing;
  REQUIRE(predictor.predict(plain_picture(8, 8, 9).view(), {8, 8}, {}, found, timing));
  CHECK(found.numbers.front().value == doctest::Approx(0.75));
  options.min_score = 3.0F;
  CHECK(test::says(files.error(options), "between 0 and 1"));
}

TEST_CASE("a threshold for a decoder that has none is an error that says so") {
  const ModelFolder files(test::mean_onnx(1, 8, 8),
                          "name = \"m\"\ntask = \"classify\"\ndecoder = { kind = \"plain\" }\n");
  LoadOptions options;
  options.nms_iou = 0.5F;
  CHECK(test::says(files.error(options), "the decoder 'plain' has no such field"));
  CHECK(files.load());
}

TEST_CASE("a model without a card whose outputs say nothing is an error that tells how to start") {
  const std::string error = ModelFolder(test::identity_onnx({"x", OnnxType::f32, {1, 3, 8, 8}}), "").error();
  CHECK(test::says(error, "x_out"));
  CHECK(test::says(error, "m.toml"));
}

TEST_CASE("a file that is no model, an empty one and a missing one are errors") {
  CHECK(test::says(ModelFolder(Bytes{'h', 'i'}, "").error(), "68 69"));
  CHECK(test::says(ModelFolder(Bytes{}, "").error(), "empty"));
  CHECK(Model::load("/nowhere/m.onnx", registry(), {}).error().code == Errc::not_found);
}

TEST_CASE("a card that leaves the size of an open input open is an error") {
  const ModelFolder files(test::mean_onnx("n", "h", "w"), std::string(kCard));
  CHECK(test::says(files.error(), "set input.width"));
  CHECK(ModelFolder(test::mean_onnx("n", "h", "w"), std::string(kCard) + "[input]\nwidth = 8\nheight = 4\n").load());
}

TEST_CASE("where a proposed card is not enough, the card to write is named") {
  const std::string error = ModelFolder(test::mean_onnx("n", "h", "w"), "").error();
  CHECK(test::says(error, "set input.width in the card; write m.toml"));
}

TEST_CASE("regions go through a free batch and through a batch of one with the same result") {
  image::Picture picture(100, 10);
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 100; ++x) picture.at(x, y)[0] = static_cast<std::uint8_t>(x);
  std::vector<Region> regions;
  for (int i = 0; i < 100; ++i) regions.push_back({i, Quad::from_box({static_cast<float>(i), 0, 1, 10}), {}});
  for (const test::OnnxDim& batch : {test::OnnxDim("n"), test::OnnxDim(1), test::OnnxDim(7)}) {
    const ModelFolder files(test::mean_onnx(batch, 4, 4), std::string(kCard));
    const auto model = files.load();
    REQUIRE(model);
    Predictor predictor(*model);
    Findings found;
    Timing timing;
    REQUIRE(predictor.predict(picture.view(), picture.size(), regions, found, timing));
    REQUIRE(found.scores.size() == 100);
    for (int i = 0; i < 100; ++i) {
      CHECK(found.scores[static_cast<std::size_t>(i)].region == i);
      CHECK(found.scores[static_cast<std::size_t>(i)].p[0] == doctest::Approx(i));
    }
  }
}

TEST_CASE("from bytes a picture is decoded reduced, and its full size is returned") {
  const ModelFolder files(test::mean_onnx(1, 8, 8), std::string(kCard));
  const auto model = files.load();
  REQUIRE(model);
  Predictor predictor(*model);
  const Bytes jpeg = image::encode_jpeg(plain_picture(160, 120, 200).view(), 95).value();
  Findings found;
  Timing timing;
  const auto full = predictor.predict(jpeg, {}, found, timing);
  REQUIRE(full);
  CHECK(*full == image::Size{160, 120});
  CHECK(predictor.picture().size() == image::Size{20, 15});
  CHECK(found.scores.front().p[0] == doctest::Approx(200).epsilon(0.02));
  CHECK(timing.decode.count() > 0);
  CHECK(timing.infer.count() > 0);
  CHECK(predictor.predict(as_bytes("GIF89a"), {}, found, timing).error().code == Errc::invalid);
}

TEST_CASE("a model that takes whole numbers is given bytes") {
  for (const OnnxType type : {OnnxType::u8, OnnxType::i32, OnnxType::i64}) {
    const test::OnnxTensor x{"x", type, {1, 4, 4, 3}}, y{"y", type, {1, 4, 4, 3}};
    const ModelFolder files(test::to_onnx({{x}, {y}, {}, {{"Identity", {"x"}, {"y"}, {}, {}}}}),
                            std::string(kCard) + "[input]\nlayout = \"nhwc\"\n");
    const auto model = files.load();
    REQUIRE_MESSAGE(model, files.error());
    CHECK((*model)->format().element == image::Element::u8);
    Predictor predictor(*model);
    Findings found;
    Timing timing;
    REQUIRE(predictor.predict(plain_picture(4, 4, 77).view(), {4, 4}, {}, found, timing));
    CHECK(found.scores.front().p[0] == 77);
    CHECK(found.scores.front().p[1] == 0);
  }
}

TEST_CASE("a region outside the picture is an error that names it") {
  const ModelFolder files(test::mean_onnx(1, 8, 8), std::string(kCard));
  Predictor predictor(files.load().value());
  Findings found;
  Timing timing;
  const std::vector<Region> regions{{0, Quad::from_box({0, 0, 4, 4}), {}}, {1, Quad::from_box({50, 0, 4, 4}), {}}};
  const auto looked = predictor.predict(plain_picture(8, 8, 1).view(), {8, 8}, regions, found, timing);
  REQUIRE_FALSE(looked);
  CHECK(test::says(looked.error().message(), "region 2"));
}

TEST_CASE("a model in °C looks at grids, and says so when it is given a picture") {
  const Bytes onnx = test::identity_onnx({"field", OnnxType::f32, {"batch", 1, 2, 2}});
  const ModelFolder files(onnx, std::string(kCard) + "[input]\ncolour = \"celsius\"\nmean = [20]\n");
  const auto model = files.load();
  REQUIRE_MESSAGE(model, files.error());
  Predictor predictor(*model);
  Findings findings;
  Timing timing;
  REQUIRE(predictor.predict(ThermalGrid{2, 2, {20, 21.5F, 64, -5}}, {}, findings, timing));
  REQUIRE(findings.scores.size() == 1);
  CHECK(findings.scores[0].p == std::vector{0.0F, 1.5F, 44.0F, -25.0F});

  const auto wrong = predictor.predict(plain_picture(8, 8, 0).view(), {8, 8}, {}, findings, timing);
  REQUIRE_FALSE(wrong);
  CHECK(test::says(wrong.error().message(), "the model m looks at temperatures, but the frame is a picture"));
  CHECK(predictor.predict(ThermalGrid{2, 2, {1, 2, 3}}, {}, findings, timing).error().code == Errc::invalid);
  CHECK(predictor.predict(ThermalGrid{1, 1, {NAN}}, {}, findings, timing).error().what ==
        "the grid has no temperature");
}

TEST_CASE("a model of pictures says so when it is given a grid") {
  const ModelFolder files(test::mean_onnx(1, 8, 16), std::string(kCard));
  Predictor predictor(files.load().value());
  Findings findings;
  Timing timing;
  const auto wrong = predictor.predict(ThermalGrid{1, 2, {20, 21}}, {}, findings, timing);
  REQUIRE_FALSE(wrong);
  CHECK(test::says(wrong.error().message(), "the model m looks at pictures, but the frame is a thermal grid"));
}

TEST_CASE("a model in °C has one channel of floats") {
  const std::string card = std::string(kCard) + "[input]\ncolour = \"celsius\"\n";
  CHECK(test::says(ModelFolder(test::mean_onnx(1, 8, 8), card).error(), "1 channels"));
  CHECK(test::says(ModelFolder(test::identity_onnx({"field", OnnxType::u8, {1, 1, 2, 2}}), card).error(),
                   "temperatures are given as floats"));
}
