#include "classify/features.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include "model/predictor.hpp"
#include "seam/registry.hpp"

namespace perch::trainer {

namespace {

constexpr int kMostViews = 8;         ///< of a picture
constexpr std::size_t kViews = 2000;  ///< in all, about: of many pictures fewer are made
constexpr int kBatches = 16;          ///< of an epoch: a step costs nothing here
constexpr int kBatch = 32;
constexpr float kLeastDeviation = 1e-6F;
constexpr float kHeadRate = 0.01F;

}  // namespace

Backbone::Backbone(std::shared_ptr<const model::Model> model, FeatureModel features,
                   std::shared_ptr<const model::Session> session)
    : model_(std::move(model)),
      features_(std::move(features)),
      runner_(std::move(session), model::element_shape(model_->format())) {}

Result<Backbone> Backbone::load(const learn::ClassifySettings& settings) {
  Registry registry;
  describe_all(registry);
  PERCH_TRY(auto model, model::Model::load(settings.backbone, registry));
  const std::string where = model->path().string();
  if (model->format().element != image::Element::f32)
    return fail(Errc::unsupported, "its input is bytes, and not floats", where, "take another model as backbone");
  PERCH_TRY(const Bytes onnx, read_file(model->path(), model::kMaxModelBytes));
  PERCH_TRY(FeatureModel features,
            make_feature_model(onnx, where, settings.features, model::element_shape(model->format())));
  PERCH_TRY(auto session, model::Session::load(features.onnx, where));
  return Backbone(std::move(model), std::move(features), std::move(session));
}

Result<std::vector<float>> Backbone::look(const std::vector<float>& values) {
  std::memcpy(runner_.input(1, 0).data(), values.data(), values.size() * sizeof(float));
  PERCH_TRY(const Tensors* tensors, runner_.run(1));
  const TensorView& out = tensors->outputs.front();
  if (out.data.size() != size()) return fail(Errc::mismatch, "the backbone's features are of another number");
  return std::vector<float>(out.data.begin(), out.data.end());
}

std::vector<int> folds_of(const std::vector<Example>& examples) {
  std::map<std::string, int> of_group;
  std::map<std::size_t, int> next;  // of a class
  std::vector<int> folds;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const learn::Sample& sample = *examples[i].sample;
    int fold = -1;
    if (const auto known = of_group.find(sample.group); !sample.group.empty() && known != of_group.end())
      fold = known->second;
    for (std::size_t k = 0; k < i && fold < 0 && sample.group.empty(); ++k)
      if (learn::nearly_equal(examples[k].sample->look, sample.look)) fold = folds[k];
    if (fold < 0) fold = next[examples[i].label]++ % kMostFolds;
    if (!sample.group.empty()) of_group.emplace(sample.group, fold);
    folds.push_back(fold);
  }
  return folds;
}

FeaturePictures::FeaturePictures(const Job& job, const model::Card& card, Backbone backbone, ModelInput input)
    : settings_(job.settings.classify),
      seed_(job.settings.seed),
      card_(card),
      backbone_(std::move(backbone)),
      input_(std::move(input)) {}

Result<std::unique_ptr<FeaturePictures>> FeaturePictures::create(const Job& job, const model::Card& card,
                                                                 Backbone backbone) {
  constexpr std::array kLearned{learn::Split::train, learn::Split::validation};
  PERCH_TRY(ModelInput input, ModelInput::create(card.input));
  PERCH_TRY(Examples examples, read_examples(job, card.labels, card.input, kLearned));
  std::unique_ptr<FeaturePictures> pictures(new FeaturePictures(job, card, std::move(backbone), std::move(input)));
  pictures->examples_ = std::move(examples.train);
  std::ranges::move(examples.validation, std::back_inserter(pictures->examples_));
  pictures->test_ = std::move(examples.test);
  for (const Example& example : pictures->examples_) pictures->classes_.push_back(example.label);
  pictures->folds_ = folds_of(pictures->examples_);
  pictures->parts_ = *std::ranges::max_element(pictures->folds_) + 1;
  if (pictures->parts_ < 2)
    return fail(Errc::invalid, "all pictures belong to one group, so none is left to measure with",
                job.data.folder().string(), "add pictures of other places or days");
  PERCH_CHECK(pictures->look_at_all(job));
  pictures->standardise();
  return pictures;
}

Result<void> FeaturePictures::look_at_all(const Job& job) {
  const int views = std::clamp(static_cast<int>(kViews / examples_.size()), 1, kMostViews);
  std::vector<float> values(input_.values());
  for (std::size_t i = 0; i < examples_.size(); ++i) {
    std::vector<std::vector<float>>& of_this = views_.emplace_back();
    for (int view = 0; view < views; ++view) {
      if (job.stop) return fail(Errc::canceled, "stopped before there was a model");
      scenes::Random random = scenes::Random(static_cast<std::uint64_t>(seed_)).of(i, view);
      PERCH_CHECK(input_.fill(examples_[i].shown, values, view == 0 ? kWholeFrame : random_view(random)));
      if (view > 0) disturb(values, card_.input, random);
      PERCH_TRY(std::vector<float> features, backbone_.look(values));
      of_this.push_back(std::move(features));
    }
  }
  return {};
}

void FeaturePictures::standardise() {
  const std::size_t size = backbone_.size();
  std::vector<double> sum(size), squares(size);
  double count = 0;
  for (const auto& views : views_)
    for (const std::vector<float>& features : views) {
      ++count;
      for (std::size_t k = 0; k < size; ++k) {
        sum[k] += double{features[k]};
        squares[k] += double{features[k]} * double{features[k]};
      }
    }
  for (std::size_t k = 0; k < size; ++k) {
    const double mean = sum[k] / count;
    const auto deviation = static_cast<float>(std::sqrt(std::max(0.0, squares[k] / count - mean * mean)));
    mean_.push_back(static_cast<float>(mean));
    factor_.push_back(deviation > kLeastDeviation ? 1 / deviation : 0);  // what never changes says nothing
  }
  for (auto& views : views_)
    for (std::vector<float>& features : views)
      for (std::size_t k = 0; k < size; ++k) features[k] = (features[k] - mean_[k]) * factor_[k];
}

HeadConfig FeaturePictures::head_config(const Job& job) const {
  return {static_cast<int>(backbone_.size()),
          1 + parts_,
          static_cast<int>(card_.labels.size()),
          double{kHeadRate},
          job.settings.seed,
          job.settings.threads};
}

int FeaturePictures::batches() const {
  return kBatches;
}

ClassifyBatch FeaturePictures::batch(int epoch, int index) {
  ClassifyBatch batch{kBatch, {}, {}, {}};
  const std::size_t labels = card_.labels.size();
  for (int i = 0; i < kBatch; ++i) {
    scenes::Random random = scenes::Random(static_cast<std::uint64_t>(seed_)).of(epoch, index, i);
    const auto at = static_cast<std::size_t>(random.integer(0, held_out() - 1));
    const auto& views = views_[at];
    const auto& features = views[static_cast<std::size_t>(random.integer(0, static_cast<int>(views.size()) - 1))];
    batch.pictures.insert(batch.pictures.end(), features.begin(), features.end());
    for (std::size_t label = 0; label < labels; ++label) batch.targets.push_back(label == classes_[at] ? 1.0F : 0.0F);
    batch.heads.push_back(1);
    for (int part = 0; part < parts_; ++part) batch.heads.push_back(part == folds_[at] ? 0.0F : 1.0F);
  }
  return batch;
}

std::vector<float> FeaturePictures::logits_of(int index, const std::vector<float>& said) const {
  const auto labels = static_cast<std::ptrdiff_t>(card_.labels.size());
  const auto first = said.begin() + (1 + folds_[static_cast<std::size_t>(index)]) * labels;
  return {first, first + labels};
}

std::vector<float> FeaturePictures::proof_input(int index) {
  std::vector<float> values(input_.values());
  const Example& example = examples_[static_cast<std::size_t>(index)];
  if (const auto filled = input_.fill(example.shown, values); !filled)
    throw std::runtime_error(filled.error().at(example.shown.name).message());
  return values;
}

std::string FeaturePictures::fingerprint() const {
  return backbone_.model().sha256() + backbone_.features().tensor;
}

std::string FeaturePictures::with_head(const std::vector<float>& weights, const std::vector<float>& bias) const {
  const std::size_t size = backbone_.size();
  std::vector<float> folded(weights.size()), shifted;
  for (std::size_t label = 0; label < bias.size(); ++label) {
    double shift = double{bias[label]};
    for (std::size_t k = 0; k < size; ++k) {
      const float weight = weights[label * size + k] * factor_[k];
      folded[label * size + k] = weight;
      shift -= double{weight} * double{mean_[k]};
    }
    shifted.push_back(static_cast<float>(shift));
  }
  return with_linear(backbone_.features(), folded, shifted);
}

learn::ClassMeter FeaturePictures::meter() const {
  learn::ClassMeter meter(card_.labels);
  for (std::size_t i = 0; i < answers().size(); ++i) meter.add(examples_[i].shown.name, classes_[i], answers()[i]);
  return meter;
}

void FeaturePictures::write(learn::TrainReport& report) const {
  report.measured_on =
      fmt::format("training and validation, each picture by a head that learned from {} of {} parts without it",
                  parts_ - 1, parts_);
  meter().write(report);
}

}  // namespace perch::trainer
