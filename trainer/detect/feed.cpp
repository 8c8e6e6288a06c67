#include "detect/feed.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"
#include "detect/augment.hpp"
#include "image/codec.hpp"
#include "scenes/core/random.hpp"
#include "seam/registry.hpp"

namespace perch::trainer {

namespace {

constexpr std::size_t kMostHeldOut = 240;  // measured after every epoch; the whole split is measured in the end
constexpr double kJudgedFrom = 0.02;       // from there up findings are judged
constexpr float kLeastLeft = 0.5F;         // share of a box that must lie in the view for it to be learned
constexpr double kWholeViews = 0.35;       // share of pictures that are seen whole, as the edge sees them

Region region_of(const Box& box) {
  return {0, Quad::from_box(box), {}};
}

Box whole(image::Size size) {
  return {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
}

/// Things of a picture as a view of it shows them, in pixels of the input.
std::vector<Target> targets_of(const std::vector<learn::TrueThing>& things, const Box& view, const Placement& placement,
                               double least_px) {
  const float x_scale = placement.content_px.width / view.width, y_scale = placement.content_px.height / view.height;
  std::vector<Target> targets;
  for (const learn::TrueThing& thing : things) {
    const Box shown = intersection(thing.box_px, view);
    if (shown.area() <= 0) continue;
    const Box box{placement.content_px.x + (shown.x - view.x) * x_scale,
                  placement.content_px.y + (shown.y - view.y) * y_scale, shown.width * x_scale, shown.height * y_scale};
    const bool counts = thing.counts && shown.area() >= kLeastLeft * thing.box_px.area() &&
                        static_cast<double>(std::min(box.width, box.height)) >= least_px;
    const Point middle = box.center();
    targets.push_back({middle.x, middle.y, box.width, box.height, thing.label, counts});
  }
  return targets;
}

void throw_error(const Error& error) {
  throw std::runtime_error(error.message());
}

}  // namespace

DetectPictures::DetectPictures(const learn::TrainSettings& settings, const model::Card& card)
    : settings_(settings.detect),
      seed_(settings.seed),
      input_(card.input),
      decoder_card_(card.decoder),
      rule_{settings.detect.least_visible, settings.detect.least_px},
      labels_(card.labels),
      meter_(card.labels) {}

Result<std::unique_ptr<DetectPictures>> DetectPictures::create(const learn::Dataset& data,
                                                               const learn::TrainSettings& settings,
                                                               const model::Card& card, const Say& say) {
  std::unique_ptr<DetectPictures> pictures(new DetectPictures(settings, card));
  PERCH_TRY(pictures->format_, model::tensor_format(card.input, image::Element::f32));
  pictures->decoder_card_.table.set("min_score", config::Node{kJudgedFrom});
  PERCH_CHECK(pictures->merge_above(kUsualNmsIou));
  PERCH_CHECK(pictures->load(data, say));
  return pictures;
}

Result<void> DetectPictures::merge_above(double iou) {
  decoder_card_.table.set("nms_iou", config::Node{iou});
  std::int64_t cells = 0;
  for (const int stride : kDetectStrides) cells += std::int64_t{input_.width / stride} * (input_.height / stride);
  const ModelShape shape{{input_.width, input_.height},
                         {{"output", ElementType::f32, {-1, cells, 5 + static_cast<std::int64_t>(labels_.size())}}},
                         labels_};
  Registry registry;
  describe_all(registry);
  PERCH_TRY(decoder_, registry.make_decoder(decoder_card_, shape));
  return {};
}

Result<DetectExample> DetectPictures::example(const learn::Sample& sample) const {
  PERCH_TRY(Bytes bytes, read_file(sample.path));
  image::PictureDecoder decoder;
  image::Picture picture;
  PERCH_TRY(const image::Size size, decoder.decode(bytes, picture, {input_.width, input_.height}));
  const model::Fitting fitting = model::fit(input_.fit, size.width, size.height, {input_.width, input_.height});
  const double scale = fitting.content.width / static_cast<double>(fitting.crop.width);
  return DetectExample{sample.name, std::move(bytes), size, things_of(sample, labels_, rule_, scale),
                       conditions_of(sample)};
}

Error DetectPictures::too_few(const std::string& label, std::size_t counted, std::size_t not_counted,
                              const learn::Dataset& data) const {
  std::string what = fmt::format("'{}' is labelled {} in the pictures to learn from", printable(label, 60),
                                 counted == 0 ? "nowhere" : "only once");
  std::string remedy = "label more of it, ";
  if (not_counted > 0) {
    what += fmt::format(", but for {} that are hidden, or too small in the model's input of {} × {} px", not_counted,
                        input_.width, input_.height);
    remedy += "take a larger input (detect.width, detect.height) or smaller limits (detect.least_px), ";
  }
  return {Errc::invalid, std::move(what), data.folder().string(), remedy + "or leave it out: --set detect.labels=[…]"};
}

Result<void> DetectPictures::load(const learn::Dataset& data, const Say& say) {
  for (const learn::Sample& sample : data.samples()) {
    auto loaded = example(sample);
    if (!loaded) {
      say(learn::TrainNote{"left out: " + loaded.error().at(sample.path.string()).message(), true});
      continue;
    }
    auto& into = sample.split == learn::Split::train        ? train_
                 : sample.split == learn::Split::validation ? held_out_
                                                            : test_;
    into.push_back(std::move(*loaded));
  }
  std::vector<std::size_t> of_label(labels_.size()), not_counted(labels_.size());
  for (const DetectExample& one : train_)
    for (const learn::TrueThing& thing : one.things)
      ++(thing.counts ? of_label : not_counted)[static_cast<std::size_t>(thing.label)];
  for (std::size_t i = 0; i < labels_.size(); ++i)
    if (of_label[i] < 2) return fail(too_few(labels_[i], of_label[i], not_counted[i], data));
  if (held_out_.empty())
    return fail(Errc::invalid, "no picture is left to measure with", data.folder().string(),
                "add pictures: of each hundred, fifteen are kept to measure with while learning");
  if (held_out_.size() > kMostHeldOut) {
    std::vector<DetectExample> some;
    for (std::size_t i = 0; i < kMostHeldOut; ++i)
      some.push_back(std::move(held_out_[i * held_out_.size() / kMostHeldOut]));
    held_out_ = std::move(some);
  }
  inputs_.resize(held_out_.size());
  placements_.resize(held_out_.size());
  return {};
}

int DetectPictures::batches() const {
  const auto each = static_cast<std::size_t>(settings_.batch);
  return static_cast<int>(std::max<std::size_t>(1, (train_.size() + each - 1) / each));
}

DetectBatch DetectPictures::batch(int epoch, int index) {
  const scenes::Random of_epoch = scenes::Random(static_cast<std::uint64_t>(seed_)).of(epoch);
  std::vector<std::size_t> order(train_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  scenes::Random shuffle = of_epoch;
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(shuffle.integer(0, static_cast<int>(i) - 1))]);
  DetectBatch batch;
  batch.size = settings_.batch;
  const std::size_t count = static_cast<std::size_t>(batch.size);
  batch.pictures.resize(count * format_.bytes() / sizeof(float));
  batch.targets.resize(count);
  for (std::size_t place = 0; place < count; ++place) {
    const std::size_t at = static_cast<std::size_t>(index) * count + place;
    scenes::Random key = of_epoch.of(at, 1);
    add(train_[order[at % order.size()]], key.bits(), batch, place);
  }
  return batch;
}

void DetectPictures::add(const DetectExample& example, std::uint64_t key, DetectBatch& batch, std::size_t place) const {
  scenes::Random random(key);
  const Box view =
      random.chance(static_cast<float>(kWholeViews)) ? whole(example.size) : random_view(example.size, random);
  const Region region = region_of(view);
  image::PictureDecoder decoder;
  image::Picture picture;
  const auto decoded =
      decoder.decode(example.bytes, picture, model::needed_size(input_, example.size, std::span(&region, 1)));
  if (!decoded) throw_error(decoded.error().at(example.name));
  if (random.chance(0.15F)) recompress(picture, random);
  std::vector<float> tensor(format_.bytes() / sizeof(float));
  model::Preprocessor preprocessor(input_, format_);
  const auto placement =
      preprocessor.fill(picture.view(), example.size, region, std::as_writable_bytes(std::span(tensor)));
  if (!placement) throw_error(placement.error().at(example.name));
  disturb(tensor, input_.width, input_.height, random);
  std::vector<Target> targets = targets_of(example.things, view, *placement, rule_.least_px);
  if (random.chance(0.5F)) {
    mirror(tensor, input_.width, input_.height);
    for (Target& target : targets) target.cx = static_cast<float>(input_.width) - target.cx;
  }
  std::ranges::copy(tensor, batch.pictures.begin() + static_cast<std::ptrdiff_t>(place * tensor.size()));
  batch.targets[place] = std::move(targets);
}

const std::vector<float>& DetectPictures::held_out_picture(int index) {
  const auto at = static_cast<std::size_t>(index);
  std::vector<float>& tensor = inputs_[at];
  if (!tensor.empty()) return tensor;
  const DetectExample& example = held_out_[at];
  image::PictureDecoder decoder;
  image::Picture picture;
  const auto decoded = decoder.decode(example.bytes, picture, model::needed_size(input_, example.size, {}));
  if (!decoded) throw_error(decoded.error().at(example.name));
  tensor.resize(format_.bytes() / sizeof(float));
  model::Preprocessor preprocessor(input_, format_);
  const auto placement = preprocessor.fill(picture.view(), example.size, region_of(whole(example.size)),
                                           std::as_writable_bytes(std::span(tensor)));
  if (!placement) throw_error(placement.error().at(example.name));
  placements_[at] = *placement;
  return tensor;
}

double DetectPictures::judge(const std::vector<std::vector<float>>& outputs) {
  meter_ = learn::DetectionMeter(labels_);
  Findings findings;
  const auto width = 5 + static_cast<std::int64_t>(labels_.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::array<std::int64_t, 3> shape{1, static_cast<std::int64_t>(outputs[i].size()) / width, width};
    findings.clear();
    const auto decoded =
        decoder_->decode(Tensors{{{"output", shape, outputs[i]}}}, std::span(&placements_[i], 1), findings);
    if (!decoded) throw_error(decoded.error());
    meter_.add(held_out_[i].name, findings.detections, held_out_[i].things, held_out_[i].conditions);
  }
  return learn::best_f1(meter_.curve()).f1();
}

}  // namespace perch::trainer
