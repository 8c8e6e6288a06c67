#include "onnx/quantise_model.hpp"

#include <random>

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "onnx/graph.hpp"
#include "onnx/publish_quantised.hpp"
#include "support/component.hpp"
#include "support/program.hpp"

using namespace perch;

namespace {

constexpr int kSide = 16;

std::vector<float> noise(std::mt19937& random, std::size_t count, float size) {
  std::normal_distribution<float> normal(0, size);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// A small classifier with weights by chance, and its card.
void write_classifier(const std::filesystem::path& folder) {
  std::mt19937 random(5);
  trainer::OnnxGraph graph("tiny");
  const std::string x = graph.input("x", {1, 3, kSide, kSide});
  const std::string a =
      graph.relu(graph.conv(x, {{8, 3, 3, 3}, noise(random, 216, 0.5F)}, {{8}, noise(random, 8, 0.2F)}, 2, 1));
  const std::string b =
      graph.relu(graph.conv(a, {{8, 8, 3, 3}, noise(random, 576, 0.3F)}, {{8}, noise(random, 8, 0.2F)}, 2, 1));
  const std::string flat = graph.reshape(graph.node("GlobalAveragePool", {b}), {1, 8});
  graph.output(graph.linear(flat, {{4, 8}, noise(random, 32, 1.0F)}, {{4}, noise(random, 4, 0.1F)}), "scores", {1, 4});
  test::write_test_file(folder / "tiny.onnx", graph.bytes());
  test::write_test_file(
      folder / "tiny.toml",
      "name = \"tiny\"\ntask = \"classify\"\norigin = \"a test\"\nlabels = [\"a\", \"b\", \"c\", \"d\"]\n"
      "[input]\nscale = 0.0039\n[decoder]\nkind = \"classify\"\nsoftmax = \"on\"\n");
}

/// Pictures of one colour each.
learn::Exam colours(int count) {
  learn::Exam exam;
  std::mt19937 random(9);
  for (int i = 0; i < count; ++i) {
    image::Picture picture(kSide, kSide);
    const std::array<std::uint8_t, 3> colour{static_cast<std::uint8_t>(random()), static_cast<std::uint8_t>(random()),
                                             static_cast<std::uint8_t>(random())};
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < 3 * kSide; ++x)
        picture.data()[y * picture.stride() + x] = colour[static_cast<std::size_t>(x % 3)];
    exam.pictures.emplace_back();
    exam.pictures.back().name = std::to_string(i);
    exam.pictures.back().bytes = image::encode_png(picture.view()).value();
  }
  return exam;
}

struct Made {
  test::TempFolder folder;
  std::shared_ptr<const model::Model> in_float;
  trainer::Quantised quantised;
  std::vector<std::string> said;

  Made() {
    write_classifier(folder.path());
    auto loaded = model::Model::load((folder / "tiny.onnx").string(), test::all_components(), {});
    REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().message()));
    in_float = *loaded;
    auto made = trainer::quantise_model(in_float, colours(24), {}, test::all_components(),
                                        [&](const std::string& line) { said.push_back(line); });
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    quantised = std::move(*made);
  }
};

}  // namespace

TEST_CASE("a quantised model is published with a card of its own when it is good enough") {
  const Made made;
  CHECK(made.quantised.similarity > 0.95);
  CHECK(made.quantised.layers == 3);
  CHECK(made.said.size() >= 4);
  const auto out = made.folder / "small.onnx";
  const auto judged =
      trainer::publish_if_good(*made.in_float, made.quantised, colours(12), 0.1, out, test::all_components());
  REQUIRE_MESSAGE(judged, (judged ? "" : judged.error().message()));
  CHECK(judged->good);
  const auto published = model::Model::load(out.string(), test::all_components(), {});
  REQUIRE_MESSAGE(published, (published ? "" : published.error().message()));
  CHECK((*published)->card().name == "small");
  CHECK((*published)->card().sha256 == (*published)->sha256());
  CHECK((*published)->card().origin.find("a test; static int8") == 0);
  CHECK((*published)->card().origin.find("of tiny@") != std::string::npos);
  const auto again = trainer::quantise_model(*published, colours(4), {}, test::all_components(), [](const auto&) {});
  REQUIRE_FALSE(again);
  CHECK(again.error().message().find("quantised already") != std::string::npos);
}

TEST_CASE("a quantised model that loses more than is allowed leaves nothing behind") {
  const Made made;
  const auto out = made.folder / "small.onnx";
  const auto judged =
      trainer::publish_if_good(*made.in_float, made.quantised, colours(12), -0.001, out, test::all_components());
  REQUIRE(judged);
  CHECK_FALSE(judged->good);
  CHECK_FALSE(std::filesystem::exists(out));
  CHECK_FALSE(std::filesystem::exists(made.folder / "small.toml"));
  CHECK_FALSE(trainer::publish_if_good(*made.in_float, made.quantised, colours(2), 1, made.folder / "tiny.onnx",
                                       test::all_components()));
}
