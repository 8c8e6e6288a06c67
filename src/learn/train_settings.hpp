#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/field.hpp"
#include "config/node.hpp"

/// What a training is told: the job that `perch train` writes and `perch-train` reads.
namespace perch::learn {

/// Settings of the box detector.
struct DetectSettings {
  int width = 320;    ///< px of the model's input
  int height = 192;   ///< px of the model's input
  int channels = 16;  ///< of the first layer; the others follow
  int batch = 8;
  double learning_rate = 0.003;
  std::vector<std::string> labels;  ///< what is looked for; none: every label of the data set
  double least_visible = 0.35;      ///< a thing of which less shows is neither learned nor counted
  double least_px = 6;              ///< a thing that is narrower or lower in the model's input likewise
};

inline constexpr auto kDetectSettingsFields = config::fields<DetectSettings>(
    config::field("width", &DetectSettings::width).range(64, 1280).unit("px").help("of the model's input; whole 32s"),
    config::field("height", &DetectSettings::height).range(64, 1280).unit("px").help("of the model's input; whole 32s"),
    config::field("channels", &DetectSettings::channels)
        .range(4, 64)
        .help("of the first layer; the others follow: more sees finer and takes longer"),
    config::field("batch", &DetectSettings::batch).range(2, 128).help("pictures a step"),
    config::field("learning_rate", &DetectSettings::learning_rate).range(1e-6, 1.0).help("highest, after warming up"),
    config::field("labels", &DetectSettings::labels).help("what is looked for; default: every label of the data set"),
    config::field("least_visible", &DetectSettings::least_visible)
        .range(0.0, 1.0)
        .help("a thing of which a smaller share shows is neither learned nor counted"),
    config::field("least_px", &DetectSettings::least_px)
        .range(0.0, 100.0)
        .unit("px")
        .help("a thing that is narrower or lower than this in the model's input is neither learned nor counted"));

/// Settings of the reader of roller digits.
struct DigitsSettings {
  int rendered = 24000;  ///< wheels that are rendered to learn from
  int each = 6;          ///< of them of one design
  int repeat = 2;        ///< how often a labelled window is seen while a rendered one is seen once
  int channels = 16;     ///< of the first layer; the others follow
  int towers = 1;        ///< networks in one model, which says what they say on average
  int batch = 32;
  double learning_rate = 0.005;
};

inline constexpr auto kDigitsSettingsFields = config::fields<DigitsSettings>(
    config::field("rendered", &DigitsSettings::rendered)
        .range(100, 1000000)
        .help("wheels of meters that were never built, to learn from beside the data set's"),
    config::field("each", &DigitsSettings::each)
        .range(1, 1000)
        .help("so many of the rendered wheels are of one design"),
    config::field("repeat", &DigitsSettings::repeat)
        .range(1, 1000)
        .help("a labelled window is seen so often while a rendered one is seen once"),
    config::field("channels", &DigitsSettings::channels).range(4, 64).help("of the first layer; the others follow"),
    config::field("towers", &DigitsSettings::towers)
        .range(1, 16)
        .help("so many networks in one model, which says what they say on average"),
    config::field("batch", &DigitsSettings::batch).range(2, 1024).help("windows a step"),
    config::field("learning_rate", &DigitsSettings::learning_rate).range(1e-6, 1.0).help("highest, after warming up"));

/// Settings of the trainer that tells classes of whole pictures apart.
struct ClassifySettings {
  int width = 96;    ///< px of the model's input; a grid of temperatures keeps its own size
  int height = 96;   ///< likewise
  int channels = 8;  ///< of the first layer; the others follow
  int halvings = 4;  ///< how often the picture is made half as large
  int batch = 32;
  double learning_rate = 0.005;
  bool place = false;    ///< whether it matters where in the picture something is
  std::string backbone;  ///< a model whose features are used as they are; empty: all is learned
  std::string features;  ///< which of the backbone's tensors; empty: chosen
};

inline constexpr auto kClassifySettingsFields = config::fields<ClassifySettings>(
    config::field("width", &ClassifySettings::width)
        .range(16, 512)
        .unit("px")
        .help("of the model's input; a grid of temperatures keeps its own size"),
    config::field("height", &ClassifySettings::height)
        .range(16, 512)
        .unit("px")
        .help("of the model's input; a grid of temperatures keeps its own size"),
    config::field("channels", &ClassifySettings::channels)
        .range(4, 64)
        .help("of the first layer; the others follow: more sees finer and takes longer"),
    config::field("halvings", &ClassifySettings::halvings)
        .range(1, 5)
        .help("how often the picture is made half as large: more sees larger things"),
    config::field("batch", &ClassifySettings::batch).range(2, 1024).help("pictures a step"),
    config::field("learning_rate", &ClassifySettings::learning_rate).range(1e-6, 1.0).help("highest, after warming up"),
    config::field("place", &ClassifySettings::place)
        .help("whether it matters where in the picture something is; otherwise only that it is there"),
    config::field("backbone", &ClassifySettings::backbone)
        .help("a model, by name or file, whose features are used as they are: a few pictures a class do"),
    config::field("features", &ClassifySettings::features)
        .help("which tensor of the backbone has them; default: its coarsest with the most channels"));

/// Settings of the trainer of anomaly models.
struct AnomalySettings {
  int width = 32;   ///< px or cells of the model's input
  int height = 24;  ///< px or cells of the model's input
  int features = 16;
  int batch = 32;
  double learning_rate = 0.003;
  int memory = 256;  ///< normal features that are remembered
  double false_alarms_per_week = 0.5;
  int frames = 3;  ///< in a row raise the flag
  Nanoseconds every = std::chrono::minutes(1);
};

inline constexpr auto kAnomalySettingsFields = config::fields<AnomalySettings>(
    config::field("width", &AnomalySettings::width)
        .range(8, 512)
        .unit("px")
        .help("of the model's input; of temperatures the grid's columns"),
    config::field("height", &AnomalySettings::height)
        .range(8, 512)
        .unit("px")
        .help("of the model's input; of temperatures the grid's rows"),
    config::field("features", &AnomalySettings::features).range(4, 64).help("channels of each layer"),
    config::field("batch", &AnomalySettings::batch).range(2, 256).help("frames a step"),
    config::field("learning_rate", &AnomalySettings::learning_rate).range(1e-6, 1.0).help("highest, after warming up"),
    config::field("memory", &AnomalySettings::memory).range(16, 4096).help("normal features that are remembered"),
    config::field("false_alarms_per_week", &AnomalySettings::false_alarms_per_week)
        .range(0.001, 1000.0)
        .help("at most so many; decides the threshold"),
    config::field("frames", &AnomalySettings::frames)
        .range(1, 1000)
        .help("as the analysis has it: how many frames in a row raise the flag"),
    config::field("every", &AnomalySettings::every).help("time between frames where the model will be used"));

/// One training. Fields that only one kind has stand in a table of its name.
struct TrainSettings {
  std::string kind;  ///< one of `kTrainKinds`
  std::string data;  ///< folder of the data set
  std::string out;   ///< folder for model, card and report
  std::string name;  ///< of the model; empty: KIND
  std::string version = "1";
  std::string licence = "Apache-2.0";
  std::string origin;  ///< the command, for the card
  std::int64_t seed = 1;
  int epochs = 100;
  Nanoseconds time{0};  ///< budget; 0: none
  int patience = 30;    ///< epochs without a better model after which training ends; 0: never
  int threads = 0;      ///< 0: one a core
  DetectSettings detect;
  DigitsSettings digits;
  AnomalySettings anomaly;
  ClassifySettings classify;

  std::string model_name() const { return name.empty() ? kind : name; }

  /// Where what only a resumed training needs is kept: `OUT/NAME.training`.
  std::filesystem::path work_folder() const { return std::filesystem::path(out) / (model_name() + ".training"); }

  /// What `--resume` goes on after, there from the end of the first epoch: `OUT/NAME.training/checkpoint`.
  std::filesystem::path checkpoint() const { return work_folder() / "checkpoint"; }
};

inline constexpr auto kTrainSettingsFields = config::fields<TrainSettings>(
    config::field("kind", &TrainSettings::kind).required().help("which trainer"),
    config::field("data", &TrainSettings::data).required().help("folder of the data set"),
    config::field("out", &TrainSettings::out).required().help("folder for the model, its card and its report"),
    config::field("name", &TrainSettings::name)
        .help("of the model: letters, digits, '-', '_' and '.'; default: its kind"),
    config::field("version", &TrainSettings::version).help("of the model"),
    config::field("licence", &TrainSettings::licence).help("of the model: SPDX identifier"),
    config::field("origin", &TrainSettings::origin).help("the command that makes the model, for its card"),
    config::field("seed", &TrainSettings::seed).help("another number draws other random numbers"),
    config::field("epochs", &TrainSettings::epochs).range(1, 100000).help("passes over the pictures, at most"),
    config::field("time", &TrainSettings::time).help("training ends after so long; 0s: when all epochs are done"),
    config::field("patience", &TrainSettings::patience)
        .range(0, 100000)
        .help("training ends after so many epochs without a better model; 0: never"),
    config::field("threads", &TrainSettings::threads).range(0, 256).help("0: one a core"),
    config::field("detect", &TrainSettings::detect, kDetectSettingsFields).help("of the box detector"),
    config::field("digits", &TrainSettings::digits, kDigitsSettingsFields).help("of the reader of roller digits"),
    config::field("anomaly", &TrainSettings::anomaly, kAnomalySettingsFields).help("of anomaly models"),
    config::field("classify", &TrainSettings::classify, kClassifySettingsFields).help("of classifiers"));

/// Reads a job. Errors: invalid, with every diagnostic (file:line:column, key, reason, nearest known key); a name that
/// cannot be a model's; not_found (no such kind), with the nearest. @thread any
Result<TrainSettings> parse_train_settings(const config::Node& table);

/// The job as TOML that `parse_train_settings` reads back to the same job. @thread any
std::string to_toml(const TrainSettings& settings);

}  // namespace perch::learn
