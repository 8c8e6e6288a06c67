#pragma once
#include <memory>
#include <string>
#include <vector>

#include "classify/classes.hpp"
#include "model/model.hpp"
#include "onnx/feature_model.hpp"

namespace perch::trainer {

/// A model whose features are used as they are.
class Backbone {
 public:
  /// Errors: those of `model::Model::load` and `make_feature_model`; unsupported (a model that takes no 32-bit floats).
  /// @thread any, blocks
  static Result<Backbone> load(const learn::ClassifySettings& settings);

  /// Of the whole model: what stands in its card of the input, the licence and the name.
  const model::Model& model() const { return *model_; }

  const FeatureModel& features() const { return features_; }

  std::size_t size() const { return static_cast<std::size_t>(features_.size); }

  /// The features of one input. Errors: internal. @param values  as the card's preprocessing makes them
  Result<std::vector<float>> look(const std::vector<float>& values);

 private:
  Backbone(std::shared_ptr<const model::Model> model, FeatureModel features,
           std::shared_ptr<const model::Session> session);

  std::shared_ptr<const model::Model> model_;
  FeatureModel features_;
  model::Runner runner_;
};

/// In how many parts the pictures are divided to be measured by heads that did not learn from them.
inline constexpr int kMostFolds = 5;

/// Which part each example falls to, 0 up. Pictures of a group and near duplicates fall to the same; those of a class
/// are spread evenly. @returns an example each; all are below `kMostFolds`
std::vector<int> folds_of(const std::vector<Example>& examples);

/// The features of pictures of a few a class, for linear heads. All training and validation pictures are learned from:
/// the published head sees all of them, and they are measured by cross-validation. Features are computed once, of each
/// picture whole and of some random views of it.
class FeaturePictures final : public ClassifyPictures {
 public:
  /// Errors: those of `read_examples` and of the backbone; invalid (all pictures of one group). @thread any, blocks
  static Result<std::unique_ptr<FeaturePictures>> create(const Job& job, const model::Card& card, Backbone backbone);

  HeadConfig head_config(const Job& job) const;

  /// Of the model's input, without the batch axis.
  std::vector<std::int64_t> shape() const { return input_.shape(); }

  int batches() const override;
  ClassifyBatch batch(int epoch, int index) override;

  int held_out() const override { return static_cast<int>(examples_.size()); }

  const std::vector<float>& held_out_picture(int index) override { return views_[static_cast<std::size_t>(index)][0]; }

  std::int64_t train_count() const override { return held_out(); }

  const std::vector<std::size_t>& held_out_classes() const override { return classes_; }

  std::vector<float> proof_input(int index) override;
  std::string fingerprint() const override;
  void write(learn::TrainReport& report) const override;

  Result<bool> write_test(const Job& job, learn::TrainReport& report) override {
    return measure_classifier(job, test_, report);
  }

  /// As `WithHead`.
  std::string with_head(const std::vector<float>& weights, const std::vector<float>& bias) const;

 protected:
  double score() const override { return meter().accuracy(); }

  std::vector<float> logits_of(int index, const std::vector<float>& said) const override;

 private:
  FeaturePictures(const Job& job, const model::Card& card, Backbone backbone, ModelInput input);
  Result<void> look_at_all(const Job& job);
  void standardise();
  learn::ClassMeter meter() const;

  learn::ClassifySettings settings_;
  std::int64_t seed_;
  model::Card card_;
  Backbone backbone_;
  ModelInput input_;
  std::vector<Example> examples_, test_;
  std::vector<std::size_t> classes_;
  std::vector<int> folds_;
  int parts_ = 1;                                       ///< that the examples fall to
  std::vector<std::vector<std::vector<float>>> views_;  ///< of each example: features, the whole picture's first
  std::vector<float> mean_, factor_;                    ///< that standardise a feature
};

}  // namespace perch::trainer
