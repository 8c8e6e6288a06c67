#include "onnx/quantise_graph.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "model/optimise.hpp"
#include "model/session.hpp"
#include "onnx/quant_graph.hpp"
#include "onnx/quant_tensors.hpp"

using namespace perch;
using namespace perch::trainer;

namespace {

constexpr std::int64_t kSide = 8;

/// Two convolutions with a Relu and a sum between them, weights of very different size a channel.
class Network {
 public:
  Network() {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(13);
    tensor(*graph().add_input(), "x", {1, 3, kSide, kSide});
    tensor(*graph().add_output(), "y", {1, 2, kSide, kSide});
    weights("w1", {4, 3, 3, 3}, true);
    weights("b1", {4}, false);
    weights("w2", {2, 4, 1, 1}, false);
    node("Conv", {"x", "w1", "b1"}, "c1").add_attribute();
    onnx::AttributeProto& pads = *graph().mutable_node(0)->mutable_attribute(0);
    pads.set_name("pads");
    pads.set_type(onnx::AttributeProto::INTS);
    for (int i = 0; i < 4; ++i) pads.add_ints(1);
    node("Relu", {"c1"}, "r1");
    node("Add", {"r1", "r1"}, "s1");
    node("Conv", {"s1", "w2"}, "y");
  }

  onnx::ModelProto& model() { return model_; }

 private:
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  static void tensor(onnx::ValueInfoProto& info, const std::string& name, const std::vector<std::int64_t>& shape) {
    info.set_name(name);
    auto& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t dim : shape) type.mutable_shape()->add_dim()->set_dim_value(dim);
  }

  void weights(const std::string& name, const std::vector<std::int64_t>& shape, bool uneven) {
    onnx::TensorProto& values = *graph().add_initializer();
    values.set_name(name);
    values.set_data_type(onnx::TensorProto::FLOAT);
    std::int64_t count = 1;
    for (const std::int64_t dim : shape) {
      values.add_dims(dim);
      count *= dim;
    }
    std::normal_distribution<float> normal;
    for (std::int64_t i = 0; i < count; ++i)
      values.add_float_data(normal(random_) * (uneven && i < count / 2 ? 0.01F : 1.0F));
  }

  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& made = *graph().add_node();
    made.set_op_type(op);
    for (const std::string& input : inputs) made.add_input(input);
    made.add_output(output);
    return made;
  }

  onnx::ModelProto model_;
  std::mt19937 random_{1};
};

std::vector<float> run(const onnx::ModelProto& model) {
  const auto session = model::Session::load(to_bytes(model), "test");
  REQUIRE_MESSAGE(session, (session ? "" : session.error().message()));
  model::Runner runner(*session, {3, kSide, kSide});
  const std::span<std::byte> input = runner.input(1, 0);
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(0, 1);
  auto* values = reinterpret_cast<float*>(input.data());
  for (std::size_t i = 0; i < input.size() / sizeof(float); ++i) values[i] = uniform(random);
  const auto tensors = runner.run(1);
  REQUIRE(tensors);
  const auto data = (*tensors)->outputs.front().data;
  return {data.begin(), data.end()};
}

/// Root mean square of the difference, as a part of that of the values.
double difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += std::pow(double{a[i]} - b[i], 2);
    size += std::pow(double{a[i]}, 2);
  }
  return std::sqrt(sum / size);
}

/// Wide enough for everything in between; `ranges_for` has that of the output exactly.
const ValueRanges kRanges{{"x", {0, 1}}, {"c1", {-14, 14}}, {"r1", {0, 14}}, {"s1", {0, 28}}, {"y", {-60, 60}}};

ValueRanges ranges_for(const std::vector<float>& output) {
  const auto [low, high] = std::ranges::minmax_element(output);
  ValueRanges ranges = kRanges;
  ranges["y"] = {*low, *high};
  return ranges;
}

int count_of(const onnx::ModelProto& model, const std::string& op) {
  int count = 0;
  for (const onnx::NodeProto& node : model.graph().node()) count += node.op_type() == op ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a quantised graph computes nearly the same, in both types of activations") {
  Network network;
  const std::vector<float> exact = run(network.model());
  for (const ActivationType type : {ActivationType::u8, ActivationType::s8}) {
    QuantiseChoice choice;
    choice.activations = type;
    const auto quantised = quantise_graph(network.model(), ranges_for(exact), choice);
    REQUIRE(quantised);
    CHECK(difference(exact, run(*quantised)) < 0.03);
    CHECK(difference(exact, run(*quantised)) > 0);
  }
}

TEST_CASE("a Relu after a layer is left to the limits of 8 bits, and float weights are gone") {
  Network network;
  const auto quantised = quantise_graph(network.model(), kRanges, {});
  REQUIRE(quantised);
  CHECK(count_of(*quantised, "Relu") == 0);
  CHECK(count_of(*quantised, "QuantizeLinear") == 4);  // x, r1, s1, y
  for (const onnx::TensorProto& tensor : quantised->graph().initializer())
    CHECK((tensor.data_type() != onnx::TensorProto::FLOAT || tensor.name().ends_with("_scale")));
}

TEST_CASE("layers that are kept in float stay exactly as they are") {
  Network network;
  QuantiseChoice choice;
  choice.keep_float = {"c1", "y"};
  const auto quantised = quantise_graph(network.model(), kRanges, choice);
  REQUIRE(quantised);
  CHECK(difference(run(network.model()), run(*quantised)) == 0);
  CHECK(layers_of(network.model().graph()) == std::vector<std::string>{"c1", "y"});
  choice.keep_float = {"y"};
  const auto half = quantise_graph(network.model(), kRanges, choice);
  REQUIRE(half);
  CHECK(count_of(*half, "QuantizeLinear") == 2);  // x and r1; the sum feeds no 8-bit layer
}

TEST_CASE("with layers alone, sums stay in float between them") {
  Network network;
  QuantiseChoice choice;
  choice.between_layers = false;
  const std::vector<float> exact = run(network.model());
  const auto quantised = quantise_graph(network.model(), ranges_for(exact), choice);
  REQUIRE(quantised);
  CHECK(count_of(*quantised, "QuantizeLinear") == 4);
  CHECK(difference(exact, run(*quantised)) < 0.03);
}

TEST_CASE("a range that was not observed is named") {
  Network network;
  const auto quantised = quantise_graph(network.model(), {{"x", {0, 1}}}, {});
  REQUIRE_FALSE(quantised);
  CHECK(quantised.error().message().find("was not observed") != std::string::npos);
}

TEST_CASE("scales cover a range and meet zero exactly") {
  const Scale positive = scale_of({2, 51}, ActivationType::u8);
  CHECK(positive.scale == doctest::Approx(0.2));
  CHECK(positive.zero == 0);
  const Scale both = scale_of({-10, 41}, ActivationType::u8);
  CHECK(both.zero == 50);
  CHECK(scale_of({-10, 41}, ActivationType::s8).zero == 50 - 128);
  CHECK(scale_of({0, 0}, ActivationType::u8).scale > 0);
}

TEST_CASE("older operator sets are lifted, and those that cannot be are refused") {
  Network network;
  network.model().mutable_opset_import(0)->set_version(11);
  onnx::NodeProto& node = *network.model().mutable_graph()->add_node();
  node.set_op_type("Unsqueeze");
  node.add_input("y");
  node.add_output("z");
  onnx::AttributeProto& axes = *node.add_attribute();
  axes.set_name("axes");
  axes.set_type(onnx::AttributeProto::INTS);
  axes.add_ints(0);
  REQUIRE(raise_operator_set(network.model(), "test"));
  CHECK(network.model().opset_import(0).version() == 13);
  CHECK(network.model().graph().node(4).input_size() == 2);
  run(network.model());
  network.model().mutable_opset_import(0)->set_version(9);
  CHECK_FALSE(raise_operator_set(network.model(), "test"));
}

TEST_CASE("basic optimisations leave a model that computes the same") {
  Network network;
  const auto optimised = model::with_basic_optimisations(to_bytes(network.model()), "test");
  REQUIRE_MESSAGE(optimised, (optimised ? "" : optimised.error().message()));
  const auto parsed = parse_onnx(*optimised, "test");
  REQUIRE(parsed);
  CHECK(difference(run(network.model()), run(*parsed)) < 1e-6);
  CHECK_FALSE(model::with_basic_optimisations(as_bytes("nonsense"), "test"));
  CHECK_FALSE(parse_onnx(as_bytes("nonsense"), "test"));
}
