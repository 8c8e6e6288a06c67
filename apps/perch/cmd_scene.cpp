#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "number_option.hpp"
#include "progress.hpp"
#include "scene_frames.hpp"
#include "scene_labels.hpp"
#include "scenes/catalogue.hpp"
#include "scenes/settings.hpp"
#include "video/clip_writer.hpp"

namespace perch::cli {

namespace {

namespace fs = std::filesystem;

struct SceneOptions {
  std::string scene;
  std::string out;
  std::int64_t frames = 1;
  std::string every = "1s";
  std::string at = "12h";
  std::int64_t seed = 1;
  std::int64_t seeds = 1;
  std::string size;
  std::vector<std::string> settings;
  bool dataset = false;
  bool clip = false;
  bool list = false;
};

Result<config::Node> settings_of(const SceneOptions& options) {
  config::Node settings{config::Table{}};
  if (!options.size.empty()) {
    int width = 0, height = 0;
    char rest = 0;
    if (std::sscanf(options.size.c_str(), "%dx%d%c", &width, &height, &rest) != 2)  // NOLINT(cert-err34-c)
      return fail(Errc::invalid, fmt::format("'{}' is no size", printable(options.size, 40)), "--size",
                  "write 1280x720");
    const config::Origin place{std::make_shared<const std::string>("--size"), 0, 0};
    settings.set("width", {std::int64_t{width}, place});
    settings.set("height", {std::int64_t{height}, place});
  }
  PERCH_TRY(const config::Node others, scenes::settings_of(options.settings, "--set"));
  return config::merge(settings, others);
}

/// Frames of two runs in one folder would look like those of one.
/// Errors: invalid (a picture of the scene is there), and those of looking
Result<void> refuse_earlier_frames(const fs::path& folder, const std::string& scene) {
  const auto is_frame = [&](const fs::path& path) {
    return path.extension() == ".jpg" && path.filename().string().starts_with(scene + "-");
  };
  PERCH_TRY(const std::vector<fs::path> earlier, list_files(folder, is_frame));
  if (earlier.empty()) return {};
  return fail(Errc::invalid,
              fmt::format("holds pictures of this scene already, like {}", earlier.front().filename().string()),
              folder.string(), "give another --out, or empty it first");
}

/// Where frames go: files beside each other, or a data set; and a clip.
class Output {
 public:
  static Result<Output> open(const SceneOptions& options) {
    Output out;
    out.folder_ = options.out;
    out.with_clip_ = options.clip;
    if (options.dataset) {
      std::string origin =
          fmt::format("perch scene {} --frames {} --every {} --at {} --seed {} --seeds {}", options.scene,
                      options.frames, options.every, options.at, options.seed, options.seeds);
      if (!options.size.empty()) origin += " --size " + options.size;
      for (const std::string& setting : options.settings) origin += " --set " + setting;
      PERCH_TRY(learn::DatasetWriter writer,
                learn::DatasetWriter::create(options.out, dataset_of_scene(options.scene, std::move(origin))));
      out.dataset_.emplace(std::move(writer));
    } else {
      std::error_code error;
      fs::create_directories(options.out, error);
      if (error) return fail(Errc::io, "cannot make the folder: " + error.message(), options.out);
      PERCH_CHECK(refuse_earlier_frames(options.out, options.scene));
    }
    return out;
  }

  Result<void> add(const SceneFrame& frame) {
    const auto& [name, view, jpeg] = frame;
    if (with_clip_ && !clip_) {
      constexpr int kFramesPerSecond = 15;
      PERCH_TRY(video::ClipWriter clip,
                video::ClipWriter::create(folder_ / "clip.avi", view.picture.size(), kFramesPerSecond));
      clip_.emplace(std::move(clip));
    }
    if (clip_) PERCH_CHECK(clip_->add(jpeg));
    fs::path beside = folder_;
    if (dataset_) {
      SceneLabels labels = labels_of_truth(view.truth);
      PERCH_CHECK(dataset_->add(name + ".jpg", jpeg, view.picture.width(), view.picture.height(), labels.labels,
                                labels.attributes));
      beside /= "pictures";
    } else {
      PERCH_CHECK(write_file_unsynced(folder_ / (name + ".jpg"), jpeg));
      PERCH_CHECK(write_file_unsynced(folder_ / (name + ".json"), as_bytes(to_json(view.truth) + "\n")));
    }
    if (view.grid.rows == 0) return {};
    const auto* grid = reinterpret_cast<const std::uint8_t*>(view.grid.celsius.data());
    return write_file_unsynced(beside / (name + ".raw"), {grid, view.grid.celsius.size() * sizeof(float)});
  }

  Result<void> finish() {
    if (clip_) PERCH_CHECK(clip_->finish());
    return dataset_ ? dataset_->finish() : sync_file_system(folder_);
  }

 private:
  fs::path folder_;
  bool with_clip_ = false;
  std::optional<learn::DatasetWriter> dataset_;
  std::optional<video::ClipWriter> clip_;
};

Result<std::int64_t> write_frames(const SceneOptions& options, const config::Node& settings) {
  PERCH_TRY(const Nanoseconds every, parse_duration(options.every));
  PERCH_TRY(const Nanoseconds at, parse_duration(options.at));
  if (every <= Nanoseconds{0}) return fail(Errc::invalid, "must be more than nothing", "--every");
  PERCH_TRY(std::unique_ptr<scenes::Scene> usable,
            scenes::create(options.scene, settings));  // before there is a folder
  PERCH_TRY(Output output, Output::open(options));
  const FramePlan plan{options.scene,         settings,      options.frames,
                       options.seed,          options.seeds, Seconds(at).count(),
                       Seconds(every).count()};
  const SystemClock clock;
  Progress progress("frames", options.frames, clock);
  const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  PERCH_TRY(const std::int64_t done,
            render_frames(plan, threads, watch_ctrl_c(), [&](const SceneFrame& frame) -> Result<void> {
              PERCH_CHECK(output.add(frame));
              progress.advance();
              return {};
            }));
  PERCH_CHECK(output.finish());
  return done;
}

/// What a setting may be, and is by default.
std::string values_of(const config::FieldSpec& field) {
  std::string text = field.choices.empty() ? config::limits_text(field) : join(field.choices, ", ");
  if (field.default_value.kind() != config::Node{}.kind())
    text += fmt::format("{}default {}", text.empty() ? "" : "; ", config::to_toml(field.default_value));
  return text;
}

/// @param name  of the one to list; empty: all
int list_scenes(const std::string& name) {
  for (const scenes::SceneSpec& spec : scenes::catalogue()) {
    if (!name.empty() && spec.name != name) continue;
    fmt::print("{}: {}\n", spec.name, spec.help);
    for (const config::FieldSpec& field : spec.fields)
      fmt::print("  {:16} {} ({})\n", field.name, field.help, values_of(field));
  }
  return kOk;
}

/// What is wrong with the options before anything is made. Errors: invalid, not_found
Result<void> check_options(const SceneOptions& options) {
  if (options.scene.empty() && !options.list) return fail(Errc::invalid, "which scene?", {}, "see perch scene --list");
  if (!options.scene.empty() && (options.list || options.out.empty()))
    if (const auto known = scenes::create(options.scene, {}); !known) return fail(known.error());
  if (options.list) return {};
  if (options.out.empty()) return fail(Errc::invalid, "where to?", {}, "give --out DIR");
  const std::int64_t each = (options.frames + options.seeds - 1) / options.seeds;
  const std::int64_t used = (options.frames + each - 1) / each;
  if (used < options.seeds)
    return fail(Errc::invalid,
                fmt::format("{} frames, {} of each seed, come of {} seeds and not of {}", options.frames, each, used,
                            options.seeds),
                {}, "give as many --frames as --seeds, or a multiple of that");
  return {};
}

int run_scene(const SceneOptions& options) {
  if (const Result<void> good = check_options(options); !good) return unusable("scene", good.error());
  if (options.list) return list_scenes(options.scene);
  const Result<config::Node> settings = settings_of(options);
  if (!settings) return unusable("scene", settings.error());
  const Result<std::int64_t> done = write_frames(options, *settings);
  if (!done) return unusable("scene", done.error());
  fmt::print("{}: {} of {} frames\n", options.out, *done, options.frames);
  return *done < options.frames ? kStopped : kOk;
}

}  // namespace

CLI::App* add_scene_command(CLI::App& parent, Run& chosen) {
  const auto options = std::make_shared<SceneOptions>();
  CLI::App* command = parent.add_subcommand("scene", "Write pictures of a simulated scene with the truth about each");
  command->add_option("scene", options->scene, "Which scene")->type_name("NAME");
  command->add_flag("--list", options->list, "Print the scenes and their settings, or those of NAME");
  command->add_option("--out", options->out, "The folder to write to, without pictures of the scene")->type_name("DIR");
  command->add_option("--frames", options->frames, "How many pictures")->check(CLI::Range(1, 10'000'000));
  command->add_option("--every", options->every, "Time from one picture to the next, like 100ms or 10m");
  command->add_option("--at", options->at, "Time of the first since midnight of the first day, like 8.5h");
  command->add_option("--seed", options->seed, "Another number is another place")
      ->check(CLI::Range(std::int64_t{0}, kMostSeed));
  command->add_option("--seeds", options->seeds, "Spread the pictures over so many seeds")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--size", options->size, "Of the pictures, like 1280x720")->type_name("WxH");
  command->add_option("--set", options->settings, "A setting of the scene, like weather=rain")->type_name("KEY=VALUE");
  command->add_flag("--dataset", options->dataset, "Write a data set for training instead of single truths");
  command->add_flag("--clip", options->clip, "Write clip.avi too: motion JPEG, 15 frames a second");
  command->footer(
      "Writes NAME-SEED-NUMBER.jpg and .json; for thermal scenes .raw too (float32 °C, row by row).\n"
      "Exit status: 0 all was written; 2 something is wrong, nothing more was written; 130 stopped by Ctrl-C or "
      "SIGTERM.");
  command->callback([options, &chosen] { chosen = [options] { return run_scene(*options); }; });
  return command;
}

}  // namespace perch::cli
