#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/field.hpp"
#include "image/sampling.hpp"
#include "model/regions.hpp"
#include "seam/findings.hpp"

namespace perch::model {

/// What question a model answers.
enum class Task : std::uint8_t { detect, classify, pose, digits, anomaly };

/// What a model that answers it finds. Never none. @thread any
FindingKind finds(Task task);
/// The name of the task whose models find these; empty for none. @thread any
std::string_view task_that_finds(FindingKind findings);

/// How a region is brought into the model's input.
enum class Fit : std::uint8_t {
  stretch,            ///< fills the input, the aspect ratio changes
  letterbox,          ///< whole, aspect ratio kept, centred, the rest is `fill`
  letterbox_topleft,  ///< whole, aspect ratio kept, at the top left, the rest is `fill`
  crop                ///< fills the input, aspect ratio kept, what is too long is cut off on both sides alike
};

/// How a frame becomes the model's input tensor: value = (pixel · scale − mean) / std, pixel 0..255. With the colour
/// `celsius` the frame is a thermal grid and not a picture, a cell is a pixel, and its value is in °C.
struct InputCard {
  std::string name;  ///< of the ONNX input; empty: the only one
  int width = 0;     ///< px; 0: as the model says
  int height = 0;    ///< px; 0: as the model says
  image::Layout layout = image::Layout::nchw;
  image::ColourOrder colour = image::ColourOrder::rgb;
  Fit fit = Fit::stretch;
  image::Interpolation interpolation = image::Interpolation::bilinear;
  bool whole_pixels = false;  ///< pixels of another size are rounded, as where pictures of bytes are resized
  float scale = 1;
  std::vector<float> mean;  ///< none, one for all channels, or one a channel in the tensor's order
  std::vector<float> std;   ///< likewise; none is 1
  std::vector<float> fill;  ///< pixel 0..255 (or °C) of the letterbox, likewise; none is 0

  /// Whether the model looks at temperatures instead of pictures.
  bool thermal() const { return colour == image::ColourOrder::celsius; }
};

/// What has to be known about an ONNX file before it can be used: `NAME.toml` beside `NAME.onnx`.
struct Card {
  std::string name;  ///< letters, digits, '-', '_' and '.'
  Task task = Task::detect;
  std::string title;  ///< one line for people
  std::string help;   ///< what it is good for and what not
  std::string version;
  std::string licence;  ///< SPDX
  std::string origin;   ///< where it came from
  std::string sha256;   ///< of the ONNX file; empty: not stated
  InputCard input;
  config::Component decoder;
  std::vector<std::string> labels;  ///< in the model's order; filled from `label_set` when that is set
  std::string label_set;            ///< a list of labels that the program has: "coco"
  RegionPolicy regions;             ///< for a model whose regions are another model's findings
};

}  // namespace perch::model

namespace perch::config {

template <>
struct EnumNames<model::Task> {
  static constexpr std::array<std::string_view, 5> names{"detect", "classify", "pose", "digits", "anomaly"};
};

template <>
struct EnumNames<model::Fit> {
  static constexpr std::array<std::string_view, 4> names{"stretch", "letterbox", "letterbox_topleft", "crop"};
};

template <>
struct EnumNames<image::Layout> {
  static constexpr std::array<std::string_view, 2> names{"nchw", "nhwc"};
};

template <>
struct EnumNames<image::ColourOrder> {
  static constexpr std::array<std::string_view, 4> names{"rgb", "bgr", "grey", "celsius"};
};

template <>
struct EnumNames<image::Interpolation> {
  static constexpr std::array<std::string_view, 3> names{"nearest", "bilinear", "area"};
};

}  // namespace perch::config

namespace perch::model {

/// No model of ours looks at more pixels a side than this.
inline constexpr int kMaxInputSide = 4096;

inline constexpr auto kInputCardFields = config::fields<InputCard>(
    config::field("name", &InputCard::name).help("of the ONNX input; default: the only one"),
    config::field("width", &InputCard::width)
        .range(0, kMaxInputSide)
        .unit("px")
        .help("of the input; 0: as the model says"),
    config::field("height", &InputCard::height)
        .range(0, kMaxInputSide)
        .unit("px")
        .help("of the input; 0: as the model says"),
    config::field("layout", &InputCard::layout).help("order of the axes: channel planes, or interleaved channels"),
    config::field("colour", &InputCard::colour)
        .help("order of the channels; celsius: one channel of a thermal grid's temperatures, in °C"),
    config::field("fit", &InputCard::fit).help("how a picture of another shape is brought into the input"),
    config::field("interpolation", &InputCard::interpolation).help("how pixels of another size are made"),
    config::field("whole_pixels", &InputCard::whole_pixels)
        .help("whether those pixels are rounded to whole numbers, as where pictures of bytes are resized"),
    config::field("scale", &InputCard::scale).help("value = (pixel · scale − mean) / std, pixel 0..255 or °C"),
    config::field("mean", &InputCard::mean).range(0, 3).help("one number, or one a channel in the tensor's order"),
    config::field("std", &InputCard::std).range(0, 3).help("one number, or one a channel in the tensor's order"),
    config::field("fill", &InputCard::fill).range(0, 3).help("pixel 0..255 or °C around the content of a letterbox"));

inline constexpr auto kCardFields = config::fields<Card>(
    config::field("name", &Card::name).required().help("letters, digits, '-', '_' and '.'"),
    config::field("task", &Card::task).required().help("what question the model answers"),
    config::field("title", &Card::title).help("one line for people"),
    config::field("help", &Card::help).help("what it is good for and what not"),
    config::field("version", &Card::version).help("of the model"),
    config::field("licence", &Card::licence).help("SPDX identifier"),
    config::field("origin", &Card::origin).help("where the model came from"),
    config::field("sha256", &Card::sha256).help("of the ONNX file, 64 hexadecimal digits"),
    config::field("labels", &Card::labels).help("what the model tells apart, in its order"),
    config::field("label_set", &Card::label_set).help("instead of labels: a list that the program has, like \"coco\""),
    config::field("input", &Card::input, kInputCardFields).help("how a picture becomes the input tensor"),
    config::field("decoder", &Card::decoder)
        .required()
        .category("decoder")
        .help("what the output tensors mean, with its thresholds"),
    config::field("regions", &Card::regions, kRegionPolicyFields)
        .help("for a model that looks at another model's findings"));

/// Parses a card and fills in its labels. `file` names it in messages.
/// Errors: invalid, with every diagnostic (file:line:column, key, reason, nearest known key). @thread any
Result<Card> parse_card(std::string_view toml, std::string_view file);

/// Reads and parses a card. Errors: as `parse_card`, and those of reading. @thread any, blocks
Result<Card> load_card(const std::filesystem::path& path);

/// The card beside a model, `NAME.toml`: of the file itself, or of the one that it links to. Nothing where there is
/// none.
/// @thread any, blocks
std::optional<std::filesystem::path> card_beside(const std::filesystem::path& model);

/// The card as a TOML file that `parse_card` reads back to the same card. @thread any
std::string to_toml(const Card& card);

/// The cards that are built into the program, by name. @thread any
const std::vector<Card>& known_cards();

/// The known card of an ONNX file with that hash, or nullptr. @thread any
const Card* known_card(std::string_view sha256);

/// Names of the label sets that are built into the program.
std::vector<std::string> label_set_names();

/// The labels of a set, or nullptr when the program has no such set. @thread any
const std::vector<std::string>* label_set(std::string_view name);

}  // namespace perch::model
