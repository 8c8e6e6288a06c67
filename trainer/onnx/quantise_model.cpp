#include "onnx/quantise_model.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/text.hpp"
#include "image/codec.hpp"
#include "learn/compare.hpp"
#include "model/optimise.hpp"
#include "model/predictor.hpp"
#include "onnx/quant_graph.hpp"
#include "onnx/temporary_folder.hpp"

namespace perch::trainer {

namespace {

constexpr std::size_t kProbes = 8;      // pictures to try each layer on
constexpr std::size_t kNeighbours = 4;  // layers tried together
constexpr std::size_t kTriedAlone = 4;  // one in so many layers is tried by itself
constexpr float kLeastScore = 0.1F;     // detections that are told apart from noise while searching
constexpr int kSpeedRounds = 15;
/// Speed that what lies between layers must bring to be done in 8 bits at a cost in likeness. Far more than the noise
/// of measuring (nanodet-m-320 came out between 1.04 and 1.12): what is decided must not depend on what else the
/// machine did.
constexpr double kWorthIt = 1.2;

/// Tries quantised forms of one model on pictures.
class Trial {
 public:
  Trial(const model::Model& model, const Registry& registry) : card_(model.card()), registry_(registry) {
    card_.sha256.clear();
    if (card_.task == model::Task::detect) low_.min_score = kLeastScore;
  }

  /// Errors: those of the temporary folder and of loading.
  Result<std::shared_ptr<const model::Model>> load(ByteView onnx, bool eager = true) const {
    if (folder_.path().empty())
      return fail(Errc::io, "a temporary folder cannot be made", {}, "set TMPDIR to a folder that can be written to");
    const std::filesystem::path file = folder_.path() / "model.onnx";
    PERCH_CHECK(write_file(file, onnx));
    PERCH_CHECK(write_file(folder_.path() / "model.toml", as_bytes(to_toml(card_))));
    return model::Model::load(file.string(), registry_, eager ? low_ : model::LoadOptions{});
  }

 private:
  model::Card card_;
  const Registry& registry_;
  model::LoadOptions low_;
  TemporaryFolder folder_;
};

/// The pictures as the model needs them, decoded once: each of many forms is shown them.
class Shown {
 public:
  /// Errors: those of decoding, named with the picture.
  static Result<Shown> create(const std::shared_ptr<const model::Model>& model, const learn::Exam& exam) {
    const model::Predictor predictor(model);
    image::PictureDecoder decoder;
    Shown shown;
    for (const learn::ExamPicture& picture : exam.pictures) {
      View& view = shown.views_.emplace_back();
      view.exam = &picture;
      const auto info = decoder.probe(picture.bytes);
      if (!info) return fail(info.error().at(picture.name));
      const auto full =
          decoder.decode(picture.bytes, view.picture, predictor.needed(info->size, std::span(picture.regions)));
      if (!full) return fail(full.error().at(picture.name));
      view.full = *full;
    }
    return shown;
  }

  std::size_t count() const { return views_.size(); }

  /// What a form of the model finds in each. Errors: those of the model.
  Result<std::vector<Findings>> to(const std::shared_ptr<const model::Model>& model) const {
    std::vector<std::size_t> all(views_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return to(model, all);
  }

  /// The same in some of them, by their place.
  Result<std::vector<Findings>> to(const std::shared_ptr<const model::Model>& model,
                                   std::span<const std::size_t> places) const {
    model::Predictor predictor(model);
    model::Timing timing;
    std::vector<Findings> found(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      const View& view = views_[places[i]];
      const auto seen = predictor.predict(view.picture.view(), view.full, view.exam->regions, found[i], timing);
      if (!seen) return fail(seen.error().at(view.exam->name));
    }
    return found;
  }

 private:
  struct View {
    const learn::ExamPicture* exam = nullptr;
    image::Picture picture;
    image::Size full;
  };

  std::vector<View> views_;
};

/// The whole search for the best 8-bit form.
class Search {
 public:
  Search(const model::Model& model, const learn::Exam& pictures, const QuantiseSettings& settings,
         const Registry& registry, const SayLine& say)
      : model_(model),
        pictures_(pictures),
        settings_(settings),
        say_(say),
        trial_(model, registry) {}

  Result<Quantised> run(onnx::ModelProto prepared) {
    prepared_ = std::move(prepared);
    layers_ = layers_of(prepared_.graph());
    if (layers_.empty())
      return fail(Errc::unsupported, "there is nothing to quantise: no layer with 32-bit weights",
                  model_.path().string());
    PERCH_TRY(float_model_, trial_.load(to_bytes(prepared_)));
    PERCH_TRY(shown_, Shown::create(float_model_, pictures_));
    PERCH_TRY(reference_, shown_.to(float_model_));
    reference_measure_ = first_measure(reference_);
    PERCH_TRY(observed_, observe(prepared_, model_, pictures_));
    choice_.activations = settings_.activations;
    PERCH_CHECK(choose_calibration());
    PERCH_CHECK(choose_between());
    PERCH_CHECK(choose_float_layers());
    Quantised made;
    PERCH_TRY(made.onnx, quantise(choice_));
    made.calibration = calibration_;
    made.between_layers = choice_.between_layers;
    made.layers = layers_.size();
    made.similarity = best_.score.similarity;
    for (const std::string& layer : layers_)
      if (choice_.keep_float.contains(layer)) made.kept_float.push_back(layer);
    return made;
  }

 private:
  struct Score {
    double similarity = 0, loss = 1;
  };

  double first_measure(const std::vector<Findings>& found) const {
    const std::vector<learn::Measure> measures = learn::measure(pictures_, model_.card().task, found);
    return measures.empty() ? learn::agreement(reference_, found) : measures.front().value;
  }

  Result<Bytes> quantise(const QuantiseChoice& choice) const {
    PERCH_TRY(const onnx::ModelProto made, quantise_graph(prepared_, ranges_, choice));
    return to_bytes(made);
  }

  /// A form of the model, and how well it does.
  struct Form {
    std::shared_ptr<const model::Model> model;
    Score score;
  };

  Result<Form> form(const QuantiseChoice& choice) const {
    Form form;
    PERCH_TRY(const Bytes bytes, quantise(choice));
    PERCH_TRY(form.model, trial_.load(bytes));
    PERCH_TRY(const std::vector<Findings> found, shown_.to(form.model));
    form.score = {learn::similarity(reference_, found), reference_measure_ - first_measure(found)};
    return form;
  }

  Result<void> choose_calibration() {
    for (const Calibration calibration : {Calibration::min_max, Calibration::percentile, Calibration::least_error}) {
      const ValueRanges before = std::exchange(ranges_, ranges_of(observed_, calibration));
      PERCH_TRY(const Form form, this->form(choice_));
      say_(fmt::format("ranges by {}: likeness {:.4f}, loss {:.4f}", name(calibration), form.score.similarity,
                       form.score.loss));
      if (form.score.similarity > best_.score.similarity) {
        best_ = form;
        calibration_ = calibration;
      } else {
        ranges_ = before;
      }
    }
    return {};
  }

  /// Sums, products and the like may cost more in 8 bits than they save.
  Result<void> choose_between() {
    QuantiseChoice layers_only = choice_;
    layers_only.between_layers = false;
    PERCH_TRY(const Form form, this->form(layers_only));
    PERCH_TRY(const std::vector<double> ms,
              learn::core_ms_in_turns({float_model_, best_.model, form.model}, kSpeedRounds));
    say_(
        fmt::format("speed against float: {:.2f} with everything in 8 bits, {:.2f} with layers alone (likeness {:.4f})",
                    ms[0] / ms[1], ms[0] / ms[2], form.score.similarity));
    if (ms[2] / ms[1] >= kWorthIt || form.score.similarity <= best_.score.similarity) return {};
    choice_ = layers_only;
    best_ = form;
    return {};
  }

  /// How like the float model's the findings in some of the pictures stay with only these layers in 8 bits.
  Result<double> likeness_of(std::span<const std::string> layers, std::span<const std::size_t> places) const {
    QuantiseChoice alone = choice_;
    alone.keep_float = {layers_.begin(), layers_.end()};
    for (const std::string& layer : layers) alone.keep_float.erase(layer);
    PERCH_TRY(const Bytes bytes, quantise(alone));
    PERCH_TRY(const auto model, trial_.load(bytes));
    PERCH_TRY(const std::vector<Findings> found, shown_.to(model, places));
    std::vector<Findings> reference;
    for (const std::size_t place : places) reference.push_back(reference_[place]);
    return learn::similarity(reference, found);
  }

  /// The layers, that which alone changes the findings most first. Few layers matter, and it takes a form of the model
  /// to try one: so neighbours are tried together, and each by itself only out of those that change most.
  Result<std::vector<std::string>> by_sensitivity() const {
    std::vector<std::size_t> few;
    const std::size_t step = std::max<std::size_t>(1, shown_.count() / kProbes);
    for (std::size_t i = 0; i < shown_.count() && few.size() < kProbes; i += step) few.push_back(i);
    using Ranked = std::pair<double, std::span<const std::string>>;
    const auto by_likeness = [](const Ranked& layers) { return std::pair(layers.first, layers.second.data()); };
    std::vector<Ranked> ranked;
    for (std::size_t begin = 0; begin < layers_.size(); begin += kNeighbours) {
      const auto group = std::span(layers_).subspan(begin, std::min(kNeighbours, layers_.size() - begin));
      PERCH_TRY(const double likeness, likeness_of(group, few));
      ranked.emplace_back(likeness, group);
    }
    std::ranges::sort(ranked, {}, by_likeness);
    std::vector<Ranked> alone;
    auto rest = ranked.begin();
    for (; rest != ranked.end() && alone.size() < layers_.size() / kTriedAlone; ++rest)
      for (std::size_t i = 0; i < rest->second.size(); ++i) {
        PERCH_TRY(const double likeness, likeness_of(rest->second.subspan(i, 1), few));
        alone.emplace_back(likeness, rest->second.subspan(i, 1));
      }
    std::ranges::sort(alone, {}, by_likeness);
    std::vector<std::string> order;
    for (const auto& [likeness, layer] : alone) order.push_back(layer.front());
    for (; rest != ranked.end(); ++rest) order.insert(order.end(), rest->second.begin(), rest->second.end());
    return order;
  }

  /// Keeps ever more of the sensitive layers in float until the loss is below half of what is allowed (the pictures are
  /// few, and others will judge), or half of the layers are.
  Result<void> choose_float_layers() {
    const double goal = settings_.max_loss / 2;
    if (best_.score.loss <= goal) return {};
    PERCH_TRY(const std::vector<std::string> order, by_sensitivity());
    QuantiseChoice best = choice_;
    for (std::size_t kept = 1; kept <= order.size() / 2; kept *= 2) {
      QuantiseChoice choice = choice_;
      choice.keep_float = {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept)};
      PERCH_TRY(const Form form, this->form(choice));
      const Score& score = form.score;
      say_(fmt::format("{} of {} layers in float: likeness {:.4f}, loss {:.4f}", kept, order.size(), score.similarity,
                       score.loss));
      if (score.loss < best_.score.loss || score.loss <= goal) {
        best_ = form;
        best = choice;
      }
      if (score.loss <= goal) break;
    }
    choice_ = best;
    return {};
  }

  const model::Model& model_;
  const learn::Exam& pictures_;
  const QuantiseSettings& settings_;
  const SayLine& say_;
  Trial trial_;
  onnx::ModelProto prepared_;
  std::vector<std::string> layers_;
  std::shared_ptr<const model::Model> float_model_;
  Shown shown_;
  std::vector<Findings> reference_;
  double reference_measure_ = 0;
  Observed observed_;
  ValueRanges ranges_;
  Calibration calibration_ = Calibration::min_max;
  QuantiseChoice choice_;
  Form best_{nullptr, {-1, 1}};
};

}  // namespace

std::string Quantised::how() const {
  std::string text = fmt::format("static int8, ranges by {}", name(calibration));
  if (!between_layers) text += ", layers alone";
  if (!kept_float.empty()) text += fmt::format(", {} of {} layers in float", kept_float.size(), layers);
  return text;
}

Result<Quantised> quantise_model(const std::shared_ptr<const model::Model>& model, const learn::Exam& pictures,
                                 const QuantiseSettings& settings, const Registry& registry, const SayLine& say) {
  const std::string where = model->path().string();
  if (pictures.pictures.empty()) return fail(Errc::invalid, "there are no pictures to calibrate with", where);
  PERCH_TRY(const Bytes bytes, read_file(model->path(), model::kMaxModelBytes));
  PERCH_TRY(const Bytes optimised, model::with_basic_optimisations(bytes, where));
  PERCH_TRY(onnx::ModelProto prepared, parse_onnx(optimised, where));
  PERCH_CHECK(raise_operator_set(prepared, where));
  for (const onnx::NodeProto& node : prepared.graph().node())
    if (node.op_type() == "QuantizeLinear" || node.op_type() == "QLinearConv")
      return fail(Errc::unsupported, "the model is quantised already", where);
  return Search(*model, pictures, settings, registry, say).run(std::move(prepared));
}

}  // namespace perch::trainer
