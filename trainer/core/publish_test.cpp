#include "core/publish.hpp"

#include <doctest/doctest.h>

#include "onnx/graph.hpp"

namespace perch::trainer {

TEST_CASE("a graph of every part gives in ONNX Runtime what the formulas say") {
  OnnxGraph graph("test");
  const std::string x = graph.input("x", {OnnxGraph::kAnyBatch, 1, 2, 2});
  const std::string doubled = graph.conv(x, {{1, 1, 1, 1}, {2}}, {{1}, {-3}}, 1, 0);
  const std::string large = graph.twice(graph.relu(doubled));
  const std::string rows = graph.transpose(graph.reshape(large, {0, 4, 4}), {0, 2, 1});
  graph.output(rows, "rows", {OnnxGraph::kAnyBatch, 4, 4});
  const std::string flat = graph.reshape(x, {0, 4});
  const std::string sum = graph.linear(flat, {{1, 4}, {1, 1, 1, 1}}, {{1}, {-10}});
  graph.output(graph.concat({graph.sigmoid(sum), graph.add(sum, sum)}, 1), "sum", {OnnxGraph::kAnyBatch, 2});

  // 1 2   doubled less 3, rectified: 0 1, each value four times: rows 0 0 1 1 twice, 3 3 5 5 twice; then transposed
  // 3 4                              3 5
  const Proof proof{{1, 2, 3, 4}, {1, 2, 2}, {{0, 0, 3, 3, 0, 0, 3, 3, 1, 1, 5, 5, 1, 1, 5, 5}, {0.5F, 0}}};
  const auto difference = compare_export(graph.bytes(), {proof});
  REQUIRE_MESSAGE(difference, difference.error().message());
  CHECK(*difference < 1e-6);
}

TEST_CASE("an exported model that says something else is not published") {
  OnnxGraph graph("test");
  graph.output(graph.relu(graph.input("x", {OnnxGraph::kAnyBatch, 2})), "y", {OnnxGraph::kAnyBatch, 2});
  const std::string bytes = graph.bytes();
  CHECK(compare_export(bytes, {{{1, -1}, {2}, {{1, 0}}}}).value() == 0);
  CHECK(compare_export(bytes, {{{1, -1}, {2}, {{1, 0.001F}}}}).error().code == Errc::mismatch);
  CHECK(compare_export(bytes, {{{1, -1}, {2}, {{1, NAN}}}}).error().code == Errc::mismatch);
  CHECK(compare_export(bytes, {{{1, -1}, {2}, {}}}).error().code == Errc::mismatch);
}

TEST_CASE("a graph that ONNX does not allow is found out when it is written") {
  OnnxGraph graph("test");
  graph.output(graph.node("Relu", {"nobody"}), "y", {1});
  CHECK_THROWS(graph.bytes());
}

TEST_CASE("a normalisation folds into the convolution before it") {
  OnnxWeights weights{{2, 1, 1, 1}, {3, 5}}, bias;
  fold_norm(weights, bias, {1, 2}, {4, 9}, {2, 3}, {10, 20}, 0);
  CHECK(weights.values == std::vector<float>{3, 5});
  CHECK(bias.values == std::vector<float>{9, 18});
}

}  // namespace perch::trainer
