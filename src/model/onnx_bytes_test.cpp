#include "model/onnx_bytes.hpp"

#include <doctest/doctest.h>

#include "model/session.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::model;
using test::OnnxType;

namespace {

/// x + w, with the weight listed as an input too when asked.
Bytes sum_onnx(bool weight_is_input) {
  const test::OnnxTensor x{"x", OnnxType::f32, {1, 3}}, w{"w", OnnxType::f32, {1, 3}}, y{"y", OnnxType::f32, {1, 3}};
  test::TinyOnnx model{{x}, {y}, {{"w", {1, 3}, 5}}, {{"Add", {"x", "w"}, {"y"}, {}, {}}}};
  if (weight_is_input) model.inputs.push_back(w);
  return test::to_onnx(model);
}

}  // namespace

TEST_CASE("weights that are listed as inputs become constant, and nothing else changes") {
  const auto constant = with_constant_weights(sum_onnx(true));
  REQUIRE(constant);
  CHECK(*constant == sum_onnx(false));
}

TEST_CASE("a model without such inputs is left as it is") {
  CHECK_FALSE(with_constant_weights(sum_onnx(false)));
  CHECK_FALSE(with_constant_weights(test::mean_onnx("n", 4, 4)));
}

TEST_CASE("bytes that are no ONNX model, cut and damaged ones are left as they are or stay within bounds") {
  CHECK_FALSE(with_constant_weights({}));
  CHECK_FALSE(with_constant_weights(as_bytes("<html>")));
  const Bytes whole = sum_onnx(true);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = with_constant_weights(ByteView(whole).first(length));
    if (cut) CHECK(cut->size() < length);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 0xff;
    const auto changed = with_constant_weights(damaged);
    if (changed) CHECK(changed->size() < damaged.size());
  }
}

TEST_CASE("a session of such a model has the picture as its only input") {
  const auto session = Session::load(sum_onnx(true), "sum.onnx");
  REQUIRE(session);
  CHECK((*session)->inputs().size() == 1);
}

TEST_CASE("a model whose weights are in another file is refused with that file's name, wherever it is loaded from") {
  // A tensor: f32 [1, 3], name "w", values at location "w.bin", data location external.
  const std::string tensor("\x08\x01\x08\x03\x10\x01\x42\x01w\x6a\x11\x0a\x08location\x12\x05w.bin\x70\x01", 30);
  Bytes onnx = test::identity_onnx({"x", OnnxType::f32, {1, 3}});
  CHECK_FALSE(file_of_weights(onnx));
  CHECK_FALSE(file_of_weights(sum_onnx(true)));
  std::string graph = "\x2a";  // GraphProto.initializer
  graph += static_cast<char>(tensor.size());
  graph += tensor;
  std::string field = "\x3a";  // ModelProto.graph, merged with the one before
  field += static_cast<char>(graph.size());
  field += graph;
  onnx.insert(onnx.end(), field.begin(), field.end());
  CHECK(file_of_weights(onnx) == "w.bin");
  for (std::size_t length = 0; length < onnx.size(); ++length) file_of_weights(ByteView(onnx).first(length));
  const auto session = Session::load(onnx, "apart.onnx");
  REQUIRE_FALSE(session);
  CHECK(session.error().code == Errc::unsupported);
  CHECK(session.error().what == "its weights are in another file, 'w.bin'; a model is one file");
  CHECK(session.error().where == "apart.onnx");
}
