#include "model/inspect.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/session.hpp"

namespace perch::model {

namespace {

constexpr int kBoxAndObjectness = 5;
constexpr int kFastestDetStride = 16;
constexpr int kCocoClasses = 80;
constexpr int kBodyPoints = 17;
constexpr int kMaxDigitSide = 64;   // readers of one digit look at no more
constexpr int kMaxLabels = 30'000;  // of a proposed card
constexpr std::array<std::int64_t, 3> kStrides{8, 16, 32};

using Shape = std::span<const std::int64_t>;
using Infos = std::span<const TensorInfo>;

/// The axes of a picture input; -1 where free.
struct PictureAxes {
  image::Layout layout = image::Layout::nchw;
  std::int64_t channels = 3;
  std::int64_t width = -1;
  std::int64_t height = -1;
};

PictureAxes axes_as(image::Layout layout, Shape shape) {
  if (layout == image::Layout::nhwc) return {layout, shape[3], shape[2], shape[1]};
  return {layout, shape[1], shape[3], shape[2]};
}

/// The layout that the number of channels gives away; planes where it does not.
std::optional<PictureAxes> axes_of(Shape shape) {
  if (shape.size() != 4) return std::nullopt;
  const auto channels = [](std::int64_t dim) { return dim == 3 || dim == 1; };
  return axes_as(!channels(shape[1]) && channels(shape[3]) ? image::Layout::nhwc : image::Layout::nchw, shape);
}

std::int64_t cells(const PictureAxes& axes, std::int64_t stride) {
  return ((axes.width + stride - 1) / stride) * ((axes.height + stride - 1) / stride);
}

void use_kind(Card& card, std::string_view kind, Task task) {
  card.task = task;
  card.decoder.table = config::Node(config::Table{});
  card.decoder.table.set("kind", config::Node(std::string(kind)));
}

/// Gives the card a label for each class. False: more than can be meant.
bool use_labels(Proposal& proposal, std::int64_t count) {
  Card& card = proposal.card;
  if (count == kCocoClasses && card.task == Task::detect) {
    card.label_set = "coco";
    card.labels = *label_set("coco");
    proposal.notes.emplace_back("80 classes: the labels are taken to be those of COCO.");
    return true;
  }
  if (count > kMaxLabels) return false;
  for (std::int64_t i = 0; i < count; ++i) card.labels.push_back(fmt::format("class {}", i));
  proposal.notes.push_back(count == 1 ? "1 class: give it its name in 'labels'."
                                      : fmt::format("{} classes: give them their names in 'labels'.", count));
  return true;
}

void note_colours(Proposal& proposal, std::string_view family) {
  proposal.notes.push_back(
      fmt::format("The outputs look like {}: colour order, normalisation and fit are those of its published models. "
                  "Check them against the model's own documentation.",
                  family));
}

// Each recogniser fills in the proposal when the outputs have its form.

bool yolox(const PictureAxes& axes, Infos outputs, Proposal& proposal) {
  if (outputs.size() != 1 || outputs[0].shape.size() != 3) return false;
  const Shape shape = outputs[0].shape;
  std::int64_t wanted = 0;
  for (const std::int64_t stride : kStrides) wanted += cells(axes, stride);
  const bool open = axes.width < 0 || axes.height < 0 || shape[1] < 0;
  if (shape[2] <= kBoxAndObjectness || (!open && shape[1] != wanted)) return false;
  if (open && shape[1] >= 0) return false;
  Card& card = proposal.card;
  use_kind(card, "yolox", Task::detect);
  card.input.colour = image::ColourOrder::bgr;
  card.input.fit = Fit::letterbox_topleft;
  card.input.fill = {114};
  note_colours(proposal, "YOLOX");
  if (open) proposal.notes.emplace_back("The number of grid cells is open: that it is YOLOX is a guess.");
  return use_labels(proposal, shape[2] - kBoxAndObjectness);
}

const TensorInfo* named(Infos outputs, const std::string& name) {
  const auto found = std::ranges::find(outputs, name, &TensorInfo::name);
  return found == outputs.end() ? nullptr : &*found;
}

bool nanodet(const PictureAxes&, Infos outputs, Proposal& proposal) {
  config::Array strides;
  std::int64_t classes = -1, sides = -1;
  for (const std::int64_t stride : {8, 16, 32, 64, 128}) {
    const TensorInfo* scores = named(outputs, fmt::format("cls_pred_stride_{}", stride));
    const TensorInfo* distances = named(outputs, fmt::format("dis_pred_stride_{}", stride));
    if (!scores || !distances || scores->shape.size() != 3 || distances->shape.size() != 3) continue;
    classes = scores->shape[2];
    sides = distances->shape[2];
    strides.emplace_back(stride);
  }
  if (classes <= 0 || sides <= 0 || sides % 4 != 0) return false;
  Card& card = proposal.card;
  use_kind(card, "nanodet", Task::detect);
  card.decoder.table.set("bins", config::Node(sides / 4));
  card.decoder.table.set("strides", config::Node(std::move(strides)));
  card.input.colour = image::ColourOrder::bgr;
  card.input.fit = Fit::letterbox;
  card.input.interpolation = image::Interpolation::area;
  card.input.whole_pixels = true;
  card.input.mean = {103.53F, 116.28F, 123.675F};
  card.input.std = {57.375F, 57.12F, 58.395F};
  note_colours(proposal, "NanoDet");
  return use_labels(proposal, classes);
}

bool fastestdet(const PictureAxes& axes, Infos outputs, Proposal& proposal) {
  if (outputs.size() != 1 || outputs[0].shape.size() != 4) return false;
  const Shape shape = outputs[0].shape;
  const bool grid = axes.width > 0 && axes.height > 0 && shape[2] == axes.height / kFastestDetStride &&
                    shape[3] == axes.width / kFastestDetStride;
  if (!grid || shape[1] <= kBoxAndObjectness) return false;
  Card& card = proposal.card;
  use_kind(card, "fastestdet", Task::detect);
  card.input.colour = image::ColourOrder::bgr;
  card.input.interpolation = image::Interpolation::area;
  card.input.whole_pixels = true;
  card.input.std = {255};
  note_colours(proposal, "FastestDet");
  return use_labels(proposal, shape[1] - kBoxAndObjectness);
}

bool pose(const PictureAxes&, Infos outputs, Proposal& proposal) {
  if (outputs.size() != 1 || outputs[0].shape.size() != 4) return false;
  const Shape shape = outputs[0].shape;
  if (shape[1] != 1 || shape[2] <= 1 || shape[3] != 3) return false;
  Card& card = proposal.card;
  use_kind(card, "pose", Task::pose);
  card.input.fit = Fit::letterbox;
  card.regions.margin = 0.125F;
  card.regions.square = true;
  card.regions.clip = Clip::keep;
  note_colours(proposal, "MoveNet");
  if (shape[2] == kBodyPoints) {
    card.label_set = "coco-keypoints";
    card.labels = *label_set(card.label_set);
    proposal.notes.emplace_back("17 keypoints: they are taken to be those of COCO.");
  }
  return true;
}

/// The number of values that a model with one row an element gives; nothing for other forms.
std::optional<std::int64_t> row_length(Infos outputs) {
  if (outputs.size() != 1 || outputs[0].shape.size() < 2) return std::nullopt;
  const Shape shape = outputs[0].shape;
  const bool row = std::ranges::all_of(shape.subspan(2), [](std::int64_t dim) { return dim == 1; });
  return row && shape[1] > 1 ? std::optional(shape[1]) : std::nullopt;
}

bool anomaly(const PictureAxes&, Infos outputs, Proposal& proposal) {
  const TensorInfo* score = named(outputs, "score");
  const TensorInfo* map = named(outputs, "map");
  if (outputs.size() != 2 || !score || !map || score->shape.size() != 2 || map->shape.size() != 4) return false;
  if (score->shape[1] != 1 || map->shape[1] != 1) return false;
  use_kind(proposal.card, "anomaly", Task::anomaly);
  proposal.notes.emplace_back("A score and a map look like an anomaly model: set decoder.threshold.");
  return true;
}

bool digits(const PictureAxes& axes, Infos outputs, Proposal& proposal) {
  const std::optional<std::int64_t> positions = row_length(outputs);
  const bool small = axes.width > 0 && axes.width <= kMaxDigitSide && axes.height > 0 && axes.height <= kMaxDigitSide;
  if (!small || (positions != 10 && positions != 100)) return false;
  use_kind(proposal.card, "digits", Task::digits);
  proposal.notes.push_back(fmt::format("{} outputs for so small an input look like the positions of one digit{}.",
                                       *positions, axes.channels == 1 ? "" : "; pixels are passed on as 0..255"));
  return true;
}

bool classify(const PictureAxes&, Infos outputs, Proposal& proposal) {
  const std::optional<std::int64_t> classes = row_length(outputs);
  if (!classes) return false;
  Card& card = proposal.card;
  use_kind(card, "classify", Task::classify);
  card.input.fit = Fit::crop;
  card.input.mean = {123.675F, 116.28F, 103.53F};
  card.input.std = {58.395F, 57.12F, 57.375F};
  note_colours(proposal, "a classifier trained as on ImageNet");
  return use_labels(proposal, *classes);
}

constexpr std::array kRecognisers{&anomaly, &nanodet, &yolox, &pose, &fastestdet, &digits, &classify};

std::string card_name(std::string_view file_name) {
  std::string name;
  for (const char c : file_name.substr(0, 100)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || (c == '.' && !name.empty());
    name += plain ? c : '-';
  }
  return name.empty() ? "model" : name;
}

/// The outputs in words. Those that hold no numbers are not among them.
std::string outputs_text(Infos outputs) {
  if (outputs.empty()) return "none holds numbers (f32, f16, u8, i8, i32 or i64)";
  std::vector<std::string> texts;
  for (const TensorInfo& output : outputs)
    texts.push_back(fmt::format("'{}' {}", printable(output.name, 60), shape_text(output.shape)));
  return join(texts, ", ");
}

/// Pixels as the model takes them: whole numbers are never normalised.
void keep_raw(InputCard& input) {
  input.scale = 1;
  input.mean.clear();
  input.std.clear();
}

tl::unexpected<Error> misfit(const std::string& where, std::string what, std::string remedy = {}) {
  return fail(Errc::mismatch, std::move(what), where, std::move(remedy));
}

/// One side of the input: the card's when it states one, which the model must then allow.
Result<void> fit_side(int& card_px, std::int64_t model_px, std::string_view key, const std::string& where) {
  if (model_px > kMaxInputSide)
    return fail(Errc::unsupported, fmt::format("the model's input is {} px: more than {}", model_px, kMaxInputSide),
                where);
  if (card_px == 0 && model_px <= 0)
    return misfit(where, fmt::format("the model leaves its input's {} open and the card does not state it", key),
                  fmt::format("set input.{} in the card", key));
  if (card_px == 0) card_px = static_cast<int>(model_px);
  if (model_px > 0 && card_px != model_px)
    return misfit(where, fmt::format("the card's input.{} is {}, the model's is {}", key, card_px, model_px));
  return {};
}

}  // namespace

Proposal propose_card(std::string_view name, Infos inputs, Infos outputs) {
  Proposal proposal;
  Card& card = proposal.card;
  card.name = card_name(name);
  card.decoder.table = config::Node(config::Table{});
  const std::optional<PictureAxes> axes = inputs.size() == 1 ? axes_of(inputs[0].shape) : std::nullopt;
  if (!axes) {
    proposal.notes.emplace_back(inputs.size() == 1
                                    ? fmt::format("The input {} is no picture.", shape_text(inputs[0].shape))
                                    : fmt::format("The model has {} inputs; one picture is wanted.", inputs.size()));
    return proposal;
  }
  card.input.name = inputs[0].name;
  card.input.width = static_cast<int>(std::clamp<std::int64_t>(axes->width, 0, kMaxInputSide));
  card.input.height = static_cast<int>(std::clamp<std::int64_t>(axes->height, 0, kMaxInputSide));
  card.input.layout = axes->layout;
  if (card.input.width == 0 || card.input.height == 0)
    proposal.notes.emplace_back("The model leaves its input size open: set input.width and input.height.");
  proposal.complete =
      std::ranges::any_of(kRecognisers, [&](const auto recognise) { return recognise(*axes, outputs, proposal); });
  if (axes->channels == 1) {
    card.input.colour = image::ColourOrder::grey;
    keep_raw(card.input);
    const bool whole = picture_element(inputs[0].type) == image::Element::u8;
    if (!whole) card.input.std = {255};
    proposal.notes.push_back(fmt::format("One channel: grey, {}, is a guess.", whole ? "as 0..255" : "divided by 255"));
  }
  if (picture_element(inputs[0].type) == image::Element::u8) keep_raw(card.input);
  if (!proposal.complete)
    proposal.notes.push_back(fmt::format("No decoder reads outputs of this form: {}.", outputs_text(outputs)));
  return proposal;
}

Result<void> fit_card(Card& card, Infos inputs, const std::string& where) {
  if (inputs.size() != 1)
    return fail(Errc::unsupported,
                fmt::format("the model has {} inputs; only models with one can be used", inputs.size()), where);
  const TensorInfo& input = inputs.front();
  if (card.input.name.empty()) card.input.name = input.name;
  if (card.input.name != input.name)
    return misfit(where,
                  fmt::format("the card's input is '{}', the model's is '{}'", printable(card.input.name, 60),
                              printable(input.name, 60)),
                  "correct input.name, or get the model that the card describes");
  const std::optional<image::Element> element = picture_element(input.type);
  if (!element)
    return fail(Errc::unsupported,
                fmt::format("the model's input '{}' is {}; pictures are given as floats or whole numbers from 0 to 255",
                            printable(input.name, 60), name(input.type)),
                where, "export it with an input of floats or bytes, or put a Cast before it");
  if (input.shape.size() != 4)
    return fail(Errc::unsupported,
                fmt::format("the model's input '{}' is {}; a batch of pictures has 4 axes", input.name,
                            shape_text(input.shape)),
                where);
  if (input.shape[0] > kMaxBatch)
    return fail(Errc::unsupported,
                fmt::format("the model wants batches of {}; at most {} are made", input.shape[0], kMaxBatch), where);
  if (std::ranges::find(input.shape, 0) != input.shape.end())
    return fail(
        Errc::unsupported,
        fmt::format("the model's input '{}' is {}, which is empty", printable(input.name, 60), shape_text(input.shape)),
        where);
  const PictureAxes axes = axes_as(card.input.layout, input.shape);
  if (card.input.thermal() && *element != image::Element::f32)
    return misfit(
        where,
        fmt::format("the model's input '{}' is {}; temperatures are given as floats", input.name, name(input.type)),
        "correct input.colour");
  const auto can_be_channels = [](std::int64_t dim) { return dim < 0 || dim == 1 || dim == 3; };
  if (!can_be_channels(input.shape[1]) && !can_be_channels(input.shape[3]))
    return fail(Errc::unsupported,
                fmt::format("the model's input '{}' is {}; pictures have 1 or 3 channels", printable(input.name, 60),
                            shape_text(input.shape)),
                where);
  const int channels = card.input.colour == image::ColourOrder::grey || card.input.thermal() ? 1 : 3;
  if (axes.channels > 0 && axes.channels != channels)
    return misfit(where,
                  fmt::format("the card says {} {}, so {} channels; the model's input '{}' is {}",
                              config::enum_name(card.input.layout), config::enum_name(card.input.colour), channels,
                              input.name, shape_text(input.shape)),
                  "correct input.layout or input.colour");
  PERCH_CHECK(fit_side(card.input.width, axes.width, "width", where));
  return fit_side(card.input.height, axes.height, "height", where);
}

}  // namespace perch::model
