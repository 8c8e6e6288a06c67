#include "anomaly/candidates.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace perch::trainer {

namespace {

constexpr std::size_t kMostCells = 20'000;  ///< to choose the memory from

/// The feature of one cell, gathered from its planes.
void gather(const AnomalyLook& look, std::size_t cell, std::size_t cells, std::vector<float>& out) {
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = look.features[k * cells + cell];
}

/// Cells of all frames alike, at random.
FeatureSet sample(AnomalyLearner& learner, const AnomalyNetConfig& config, const AnomalyFrames& frames) {
  const std::size_t cells = config.cells();
  const std::size_t each = std::max<std::size_t>(4, kMostCells / std::max<std::size_t>(frames.count, 1));
  const std::size_t step = std::max<std::size_t>(1, frames.count * each / kMostCells);
  std::mt19937_64 engine(static_cast<std::uint64_t>(config.seed));
  FeatureSet set{static_cast<std::size_t>(config.features), {}};
  std::vector<float> feature(set.size);
  for (std::size_t i = 0; i < frames.count; i += step) {
    const AnomalyLook look = learner.look(frames.values.data() + i * config.frame_size());
    for (std::size_t k = 0; k < each; ++k) {
      gather(look, static_cast<std::size_t>(engine() % cells), cells, feature);
      set.values.insert(set.values.end(), feature.begin(), feature.end());
    }
  }
  return set;
}

double softplus(double x) {
  return x > 30 ? x : std::log1p(std::exp(x));
}

OnnxAttributes axes(const std::vector<std::int64_t>& list, bool keep) {
  OnnxAttributes attributes;
  attributes.lists = {{"axes", list}};
  attributes.integers = {{"keepdims", keep ? 1 : 0}};
  return attributes;
}

}  // namespace

std::string_view name(ScoredBy how) {
  switch (how) {
    case ScoredBy::memory:
      return "memory";
    case ScoredBy::mahalanobis:
      return "Mahalanobis distance";
    case ScoredBy::network:
      return "the network's own answer";
  }
  return {};
}

Candidates::Candidates(AnomalyLearner& learner, const AnomalyNetConfig& config, const AnomalyFrames& normal,
                       std::size_t most)
    : config_(config) {
  const FeatureSet features = sample(learner, config, normal);
  whitening_ = whitening(features);
  memory_ = remember(features, most, static_cast<std::uint64_t>(config.seed));
}

std::vector<float> Candidates::map(ScoredBy how, const AnomalyLook& look) const {
  const std::size_t cells = config_.cells();
  std::vector<float> map(cells), feature(static_cast<std::size_t>(config_.features));
  for (std::size_t cell = 0; cell < cells; ++cell) {
    gather(look, cell, cells, feature);
    double value = softplus(double{look.logits[cell]});
    if (how == ScoredBy::memory) value = memory_.distance(feature.data());
    if (how == ScoredBy::mahalanobis) value = mahalanobis(whitening_, feature.data());
    map[cell] = static_cast<float>(value);
  }
  return map;
}

std::vector<double> Candidates::scores(ScoredBy how, AnomalyLearner& learner, const AnomalyFrames& frames) const {
  std::vector<double> scores;
  for (std::size_t i = 0; i < frames.count; ++i) {
    const std::vector<float> cells = map(how, learner.look(frames.values.data() + i * config_.frame_size()));
    scores.push_back(double{*std::max_element(cells.begin(), cells.end())});
  }
  return scores;
}

std::string Candidates::add_map(OnnxGraph& graph, ScoredBy how, const AnomalyLearner& learner,
                                const std::string& features) const {
  if (how == ScoredBy::network) return graph.node("Softplus", {learner.add_logits(graph, features)});
  const auto channels = static_cast<std::int64_t>(config_.features);
  const std::string guard = graph.weights({{1}, {static_cast<float>(kRootGuard)}});
  std::string squared;
  if (how == ScoredBy::mahalanobis) {
    const std::string white =
        graph.conv(features, {{channels, channels, 1, 1}, whitening_.weights}, {{channels}, whitening_.bias}, 1, 0);
    squared = graph.node("ReduceSumSquare", {white}, axes({1}, true));
  } else {
    // |f − m|² = |f|² − 2 f·m + |m|², the last two as a convolution with one channel a remembered feature.
    const std::string scaled = graph.node("Mul", {features, graph.weights({{1, channels, 1, 1}, memory_.gain})});
    const auto count = static_cast<std::int64_t>(memory_.kept.count());
    OnnxWeights weights{{count, channels, 1, 1}, {}}, bias{{count}, {}};
    for (std::size_t i = 0; i < memory_.kept.count(); ++i) {
      float length = 0;
      for (std::size_t k = 0; k < memory_.kept.size; ++k) {
        const float value = memory_.kept.at(i)[k];
        weights.values.push_back(-2 * value);
        length += value * value;
      }
      bias.values.push_back(length);
    }
    const std::string nearest = graph.node("ReduceMin", {graph.conv(scaled, weights, bias, 1, 0)}, axes({1}, true));
    squared = graph.relu(graph.add(graph.node("ReduceSumSquare", {scaled}, axes({1}, true)), nearest));
  }
  return graph.node("Sqrt", {graph.add(squared, guard)});
}

std::string Candidates::to_onnx(ScoredBy how, const AnomalyLearner& learner, const std::string& name, int pool) const {
  OnnxGraph graph(name);
  const std::string x =
      graph.input("frames", {OnnxGraph::kAnyBatch, config_.channels(), config_.height, config_.width});
  std::string map = add_map(graph, how, learner, learner.add_features(graph, x));
  if (pool > 1) {
    OnnxAttributes attributes;
    attributes.lists = {{"kernel_shape", {pool, pool}}, {"strides", {pool, pool}}};
    map = graph.node("MaxPool", {map}, attributes);
  }
  graph.output(graph.node("ReduceMax", {map}, axes({2, 3}, false)), "score", {OnnxGraph::kAnyBatch, 1});
  graph.output(map, "map", {OnnxGraph::kAnyBatch, 1, config_.height / pool, config_.width / pool});
  return graph.bytes();
}

int pool_of(int height, int width) {
  constexpr int kMostCellsOfMap = 320, kMostPool = 16;
  for (int pool = 1; pool <= kMostPool; ++pool)
    if (height % pool == 0 && width % pool == 0 && (height / pool) * (width / pool) <= kMostCellsOfMap) return pool;
  return 1;
}

}  // namespace perch::trainer
