#include "onnx/feature_model.hpp"

#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>

#include "model/session.hpp"
#include "onnx/quant_graph.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::trainer;

namespace {

/// Two stages of halvings and a head that has more channels on the finer stage.
Bytes trunk_and_head() {
  test::TinyOnnx model;
  model.inputs = {{"image", test::OnnxType::f32, {"batch", 1, 8, 8}}};
  model.outputs = {{"out", test::OnnxType::f32, {"batch", 9, 4, 4}}};
  model.constants = {{"w1", {2, 1, 2, 2}, 0.25F}, {"w2", {6, 2, 2, 2}, 0.5F}, {"w3", {9, 2, 1, 1}, 1}};
  const auto conv = [](std::vector<std::string> inputs, std::string output, std::int64_t stride) {
    return test::OnnxNode{"Conv", std::move(inputs), {std::move(output)}, {}, {{"strides", {stride, stride}}}};
  };
  model.nodes = {conv({"image", "w1"}, "fine", 2),
                 conv({"fine", "w2"}, "coarse", 2),
                 {"Relu", {"coarse"}, {"trunk"}, {}, {}},
                 conv({"fine", "w3"}, "out", 1)};
  return test::to_onnx(model);
}

std::vector<float> run(ByteView onnx, const std::vector<float>& input) {
  const auto session = model::Session::load(onnx, "a test");
  REQUIRE_MESSAGE(session, session.error().message());
  model::Runner runner(*session, {1, 8, 8});
  std::memcpy(runner.input(1, 0).data(), input.data(), input.size() * sizeof(float));
  const auto tensors = runner.run(1);
  REQUIRE(tensors);
  const auto data = (*tensors)->outputs.at(0).data;
  return {data.begin(), data.end()};
}

}  // namespace

TEST_CASE("features are the mean and the highest value of each channel where the trunk ends") {
  const auto features = make_feature_model(trunk_and_head(), "a test", "", {1, 8, 8});
  REQUIRE_MESSAGE(features, features.error().message());
  CHECK(features->tensor == "trunk");
  CHECK(features->size == 12);
  std::vector<float> picture(64, 1);
  picture[0] = 5;  // its 2 x 2 places: 2 instead of 1; times 2 channels, 4 places, 0.5
  const std::vector<float> out = run(features->onnx, picture);
  REQUIRE(out.size() == 12);
  CHECK(out[0] == doctest::Approx((5 + 4 + 4 + 4) / 4.0));
  CHECK(out[6] == doctest::Approx(5));
}

TEST_CASE("what only the head needs is cut off, and a linear layer goes on top") {
  const auto features = make_feature_model(trunk_and_head(), "a test", "coarse", {1, 8, 8});
  REQUIRE(features);
  const auto cut = parse_onnx(features->onnx, "a test");
  REQUIRE(cut);
  CHECK(std::ranges::none_of(cut->graph().initializer(), [](const auto& weight) { return weight.name() == "w3"; }));
  std::vector<float> weights(24, 0);
  weights[0] = 2;   // of the first class: twice the first mean
  weights[23] = 1;  // of the second: the last highest value
  const std::string whole = with_linear(*features, weights, {0.5F, -1});
  const std::vector<float> out = run(as_bytes(whole), std::vector<float>(64, 1));
  CHECK(out == std::vector<float>{8.5F, 3});
}

TEST_CASE("a model without features, a tensor that it does not have, and what is no model are errors") {
  CHECK(make_feature_model(as_bytes("nothing"), "x", "", {}).error().code == Errc::invalid);
  const auto wrong = make_feature_model(trunk_and_head(), "x", "trunc", {1, 8, 8});
  CHECK(wrong.error().code == Errc::not_found);
  CHECK(wrong.error().message().find("did you mean 'trunk'?") != std::string::npos);
  const Bytes plain = test::identity_onnx({"t", test::OnnxType::f32, {1, 3}});
  CHECK(make_feature_model(plain, "x", "", {3}).error().code == Errc::not_found);
}
