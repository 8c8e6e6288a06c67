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
constexpr std::size_t kNeighbours = 8;  // layers tried together at first
constexpr std::size_t kTriedAlone = 8;  // one in so many layers is told from its neighbours
constexpr double kRise = 0.01;          // of the likeness, that more layers in float must bring
constexpr int kPatience = 2;            // how often more layers may bring less
constexpr float kLeastScore = 0.1F;     // detections that are told apart from noise while searching
constexpr int kSpeedRounds = 15;
constexpr double kWorthIt = 1.03;  // speed that what lies between layers must bring to be done in 8 bits

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

/// Layers in the order in which they change the findings, those that change them most first. To try some takes a form
/// of the model, and few layers matter: so neighbours are tried together, those that change most are taken apart, and
/// only as far as somebody asks.
class BySensitivity {
 public:
  /// How like the float model's the findings stay with only these layers in 8 bits.
  using Likeness = std::function<Result<double>(std::span<const std::string> layers)>;

  BySensitivity(std::span<const std::string> layers, Likeness likeness)
      : layers_(layers),
        likeness_(std::move(likeness)) {}

  /// The first so many. @pre count <= all layers  Errors: those of `likeness`.
  Result<std::span<const std::string>> first(std::size_t count) {
    if (order_.empty() && tried_.empty())
      for (std::size_t begin = 0; begin < layers_.size(); begin += kNeighbours)
        PERCH_CHECK(attempt(begin, std::min(begin + kNeighbours, layers_.size())));
    while (order_.size() < count) {
      const auto most = std::ranges::min_element(tried_);
      const auto [likeness, begin, end] = *most;
      tried_.erase(most);
      if (end - begin == 1 || order_.size() >= layers_.size() / kTriedAlone) {
        const auto some = layers_.subspan(begin, end - begin);
        order_.insert(order_.end(), some.begin(), some.end());
        continue;
      }
      const std::size_t middle = begin + (end - begin) / 2;
      PERCH_CHECK(attempt(begin, middle));
      PERCH_CHECK(attempt(middle, end));
    }
    return std::span(order_).first(count);
  }

 private:
  struct Tried {
    double likeness;
    std::size_t begin, end;  ///< of the layers
    auto operator<=>(const Tried&) const = default;
  };

  Result<void> attempt(std::size_t begin, std::size_t end) {
    PERCH_TRY(const double likeness, likeness_(layers_.subspan(begin, end - begin)));
    tried_.push_back({likeness, begin, end});
    return {};
  }

  std::span<const std::string> layers_;
  Likeness likeness_;
  std::vector<Tried> tried_;
  std::vector<std::string> order_;
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
    made.similarity = best_.similarity;
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

  Result<Score> score(const QuantiseChoice& choice) const {
    PERCH_TRY(const Bytes bytes, quantise(choice));
    PERCH_TRY(const auto model, trial_.load(bytes));
    PERCH_TRY(const std::vector<Findings> found, shown_.to(model));
    return Score{learn::similarity(reference_, found), reference_measure_ - first_measure(found)};
  }

  Result<void> choose_calibration() {
    for (const Calibration calibration : {Calibration::min_max, Calibration::percentile, Calibration::least_error}) {
      const ValueRanges before = std::exchange(ranges_, ranges_of(observed_, calibration));
      PERCH_TRY(const Score score, this->score(choice_));
      say_(fmt::format("ranges by {}: likeness {:.4f}, loss {:.4f}", name(calibration), score.similarity, score.loss));
      if (score.similarity > best_.similarity) {
        best_ = score;
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
    PERCH_TRY(const Bytes all, quantise(choice_));
    PERCH_TRY(const Bytes some, quantise(layers_only));
    PERCH_TRY(const auto all_model, trial_.load(all));
    PERCH_TRY(const auto some_model, trial_.load(some));
    PERCH_TRY(const std::vector<double> ms,
              learn::core_ms_in_turns({float_model_, all_model, some_model}, kSpeedRounds));
    PERCH_TRY(const Score score, this->score(layers_only));
    say_(
        fmt::format("speed against float: {:.2f} with everything in 8 bits, {:.2f} with layers alone (likeness {:.4f})",
                    ms[0] / ms[1], ms[0] / ms[2], score.similarity));
    if (ms[2] / ms[1] >= kWorthIt || score.similarity <= best_.similarity) return {};
    choice_ = layers_only;
    best_ = score;
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

  /// The places of the pictures that layers are tried on.
  std::vector<std::size_t> probes() const {
    std::vector<std::size_t> few;
    const std::size_t step = std::max<std::size_t>(1, shown_.count() / kProbes);
    for (std::size_t i = 0; i < shown_.count() && few.size() < kProbes; i += step) few.push_back(i);
    return few;
  }

  /// Keeps ever more of the sensitive layers in float until the loss is below half of what is allowed (the pictures are
  /// few, and others will judge), half of the layers are, or more of them no longer make the findings more alike: the
  /// loss of a few pictures is too much a matter of chance to go by it alone.
  Result<void> choose_float_layers() {
    const double goal = settings_.max_loss / 2;
    const std::vector<std::size_t> few = probes();
    BySensitivity order(layers_, [&](std::span<const std::string> layers) { return likeness_of(layers, few); });
    QuantiseChoice best = choice_;
    int in_vain = 0;
    for (std::size_t kept = 1; best_.loss > goal && in_vain < kPatience && kept <= layers_.size() / 2; kept *= 2) {
      PERCH_TRY(const std::span<const std::string> first, order.first(kept));
      QuantiseChoice choice = choice_;
      choice.keep_float = {first.begin(), first.end()};
      PERCH_TRY(const Score score, this->score(choice));
      say_(fmt::format("{} of {} layers in float: likeness {:.4f}, loss {:.4f}", kept, layers_.size(), score.similarity,
                       score.loss));
      ++in_vain;
      if (score.loss > goal && score.similarity < best_.similarity + kRise) continue;
      best_ = score;
      best = choice;
      in_vain = 0;
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
  Score best_{-1, 1};
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
