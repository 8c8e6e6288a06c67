#include "edge/planner.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "edge/check_parts.hpp"
#include "model/regions.hpp"
#include "model/search.hpp"

namespace perch::edge {

namespace {

namespace fs = std::filesystem;

using config::Node;
using config::detail::element_path;
using config::detail::path_of;

/// A task with the place at which it was written.
struct WrittenTask {
  const Task* task;
  const std::vector<Task>* siblings;  ///< all of its camera
  const Node* table;
  std::string path;
  std::optional<std::size_t> camera;  ///< its place; nothing of a [[discover]] block
};

std::vector<WrittenTask> all_tasks(const Draft& draft) {
  std::vector<WrittenTask> all;
  const auto add = [&](const char* list, std::size_t owner, const std::vector<Task>& tasks, bool of_camera) {
    const Node& table = (*draft.written.find(list)->array())[owner];
    const std::string path = path_of(element_path(list, table, owner), "task");
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const Node& written = (*table.find("task")->array())[i];
      all.push_back({&tasks[i], &tasks, &written, element_path(path, written, i),
                     of_camera ? std::optional(owner) : std::nullopt});
    }
  };
  for (std::size_t i = 0; i < draft.settings.cameras.size(); ++i)
    add("camera", i, draft.settings.cameras[i].tasks, true);
  for (std::size_t i = 0; i < draft.settings.discover.size(); ++i)
    add("discover", i, draft.settings.discover[i].tasks, false);
  return all;
}

/// A path as it is meant in a configuration that stands in `folder`; a mere name stays one.
std::string in_folder(const std::string& name_or_path, const fs::path& folder) {
  if (name_or_path.find('/') == std::string::npos || fs::path(name_or_path).is_absolute()) return name_or_path;
  return (folder / name_or_path).lexically_normal().string();
}

std::vector<fs::path> model_folders(const Settings& settings, const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const std::string& given : settings.models) folders.push_back(folder / given);
  folders.push_back(fs::path(settings.data) / "models");
  return folders;
}

std::shared_ptr<const model::Model> model_of(const Task& task, const Models::Loaded& models) {
  if (task.model.empty()) return nullptr;
  const auto found = models.find(task.model);
  PERCH_ASSERT(found != models.end());
  return found->second;
}

/// The places of a camera's tasks in an order in which each comes after the one that finds its regions. Settings that
/// were read have no loops.
std::vector<std::size_t> in_order(const std::vector<Task>& tasks) {
  std::vector<std::size_t> order;
  const auto done = [&](const Name& name) {
    return std::ranges::any_of(order, [&](std::size_t i) { return tasks[i].name == name; });
  };
  while (order.size() < tasks.size()) {
    const std::size_t before = order.size();
    for (std::size_t i = 0; i < tasks.size(); ++i)
      if (!done(tasks[i].name) && (!tasks[i].regions_from || done(tasks[i].regions_from->task))) order.push_back(i);
    PERCH_ASSERT(order.size() > before);
  }
  return order;
}

std::string_view name_of_task(const model::Model& model) {
  return config::enum_name(model.card().task);
}

/// Whether a task's model finds what its analysis reads. Errors: mismatch, at the key `analysis` or `model`
Result<void> check_findings(const Task& task, const model::Model* model, const Registry& registry) {
  const std::optional<FindingKind> reads = registry.reads(task.analysis.kind());
  if (!reads) return {};  // there is no such analysis: it says so itself
  const std::string kind = task.analysis.kind();
  const std::string_view wanted = model::task_that_finds(*reads);
  if (!model && *reads != FindingKind::none)
    return fail(Errc::mismatch, fmt::format("'{}' needs a model of the task '{}', and the task has none", kind, wanted),
                "analysis", "set its model");
  if (!model || model::finds(model->card().task) == *reads) return {};
  if (*reads == FindingKind::none)
    return fail(Errc::mismatch,
                fmt::format("'{}' reads no findings, and the model {} is of the task '{}'", kind, model->card().name,
                            name_of_task(*model)),
                "analysis", "leave out the model, or take another analysis");
  return fail(Errc::mismatch,
              fmt::format("'{}' needs a model of the task '{}', and the model {} is of the task '{}'", kind, wanted,
                          model->card().name, name_of_task(*model)),
              "analysis", "take another model or another analysis");
}

/// Whether a model can look at what a camera gives, as far as that is known. Errors: mismatch, at the key `model`
Result<void> check_frames(const model::Model* model, std::optional<FrameKind> gives) {
  if (!model || !gives) return {};
  const FrameKind wanted = model->card().input.thermal() ? FrameKind::grid : FrameKind::picture;
  if (*gives == wanted) return {};
  const auto words = [](FrameKind kind) {
    return kind == FrameKind::picture ? "pictures" : kind == FrameKind::grid ? "grids of temperatures" : "signals";
  };
  return fail(Errc::mismatch,
              fmt::format("the model {} looks at {}, and the camera gives {}", model->card().name, words(wanted),
                          words(*gives)),
              "model", "take another model");
}

/// Whether a model finds what can become regions. Errors: mismatch
Result<void> check_finder(const RegionsFrom& wanted, const model::Model& finder) {
  if (model::finds(finder.card().task) == FindingKind::detections) return {};
  return fail(Errc::mismatch,
              fmt::format("the model {} of the task '{}' is of the task '{}': it finds no regions", finder.card().name,
                          wanted.task.value, name_of_task(finder)),
              "task", "name a task whose model is of the task 'detect'");
}

/// The labels whose findings become regions. Errors: mismatch
Result<std::vector<LabelId>> region_labels(const RegionsFrom& wanted, const model::Model& finder) {
  const std::vector<std::string>& known = finder.card().labels;
  std::vector<LabelId> labels;
  for (const std::string& label : wanted.labels) {
    const auto found = std::ranges::find(known, label);
    if (found == known.end())
      return fail(Errc::mismatch,
                  fmt::format("the model {} has no label '{}'", finder.card().name, printable(label, 40)), {},
                  suggest(label, known));
    labels.push_back(LabelId{static_cast<int>(found - known.begin())});
  }
  return labels;
}

Result<pipeline::RegionsFrom> regions_from(const RegionsFrom& wanted, const model::Model& looking,
                                           const std::vector<pipeline::Task>& before) {
  pipeline::RegionsFrom from;
  const auto finder = std::ranges::find(before, wanted.task.value, &pipeline::Task::name);
  PERCH_ASSERT(finder != before.end());
  from.task = static_cast<std::size_t>(finder - before.begin());
  from.policy = looking.card().regions;
  if (wanted.margin) from.policy.margin = *wanted.margin;
  PERCH_CHECK(check_finder(wanted, *finder->model));
  auto labels = region_labels(wanted, *finder->model);
  if (!labels) return fail(labels.error().at("regions_from"));
  from.labels = std::move(*labels);
  return from;
}

Result<std::unique_ptr<Analysis>> analysis_of(const Task& task, const model::Model* model,
                                              const std::vector<Region>& regions, const Registry& registry) {
  AnalysisContext context;
  if (model) context.labels = model->card().labels;
  context.regions = regions;
  return registry.make_analysis(task.analysis, context);
}

/// One task as workers need it; `before` are those that were made already.
Result<pipeline::Task> make_task(const Task& task, std::optional<FrameKind> gives, const Models::Loaded& models,
                                 const Registry& registry, const std::vector<pipeline::Task>& before) {
  pipeline::Task made;
  made.name = task.name.value;
  made.model = model_of(task, models);
  PERCH_CHECK(check_findings(task, made.model.get(), registry));
  PERCH_CHECK(check_frames(made.model.get(), gives));
  PERCH_TRY(made.regions, model::fixed_regions(task.regions));
  if (task.regions_from) {
    PERCH_TRY(made.regions_from, regions_from(*task.regions_from, *made.model, before));
  }
  PERCH_TRY(made.analysis, analysis_of(task, made.model.get(), made.regions, registry));
  return made;
}

/// The same error with the place first; where in that it is stays behind it.
Error within(std::string place, Error error) {
  error.where = error.where.empty() ? std::move(place) : fmt::format("{}: {}", place, error.where);
  return error;
}

/// Reports a model that cannot answer. Returns whether it can.
bool check_model(const WrittenTask& written, const model::Model* model, std::optional<FrameKind> gives,
                 const Registry& registry, config::Diagnostics& diagnostics) {
  bool fits = true;
  for (const Result<void>& checked : {check_findings(*written.task, model, registry), check_frames(model, gives)}) {
    if (checked) continue;
    fits = false;
    Error error = checked.error();
    const std::string key = std::exchange(error.where, {});
    report(*written.table, written.path, key, error, diagnostics);
  }
  return fits;
}

/// Makes the analysis; what is wrong with it is reported at its key that the error names, or at the analysis.
void check_analysis(const WrittenTask& written, const model::Model* model, const std::vector<Region>& regions,
                    const Registry& registry, config::Diagnostics& diagnostics) {
  const config::Component& analysis = written.task->analysis;
  const auto made = analysis_of(*written.task, model, regions, registry);
  if (made) return;
  Error error = made.error();
  const std::string key = std::exchange(error.where, {});
  if (analysis.table.find(key))
    return report(analysis.table, path_of(written.path, "analysis"), key, error, diagnostics);
  error.where = key;
  report(*written.table, written.path, "analysis", error, diagnostics);
}

void check_regions_from(const WrittenTask& written, const model::Model& finder, config::Diagnostics& diagnostics) {
  const RegionsFrom& wanted = *written.task->regions_from;
  const auto report_at = [&](std::string_view key, Error error) {
    error.where.clear();
    report(*written.table->find("regions_from"), path_of(written.path, "regions_from"), key, error, diagnostics);
  };
  if (const auto checked = check_finder(wanted, finder); !checked) return report_at("task", checked.error());
  if (const auto labels = region_labels(wanted, finder); !labels) report_at("labels", labels.error());
}

TaskInfo info_of(const Task& task, const pipeline::Task& made) {
  TaskInfo info{task.name.value, {}, {}, {}, task.record, task.keep_picture, made.regions};
  if (made.model) {
    info.model = made.model->id();
    info.labels = made.model->card().labels;
  }
  info.outputs.assign(made.analysis->outputs().begin(), made.analysis->outputs().end());
  return info;
}

}  // namespace

FileState state_of(const fs::path& file) {
  std::error_code error;
  FileState state;
  state.bytes = fs::file_size(file, error);
  state.there = !error;
  if (!state.there) return {};
  state.written = fs::last_write_time(file, error);
  return state;
}

Result<Models::Known> Models::load_one(const std::string& name, const Settings& settings) {
  model::LoadOptions options;
  options.folders = model_folders(settings, folder_);
  const std::string wanted = in_folder(name, folder_);
  PERCH_TRY(const fs::path path, model::find_model(wanted, model::model_folders(options.folders)));
  Known known{nullptr, state_of(path)};
  const auto before = known_.find(name);
  const bool same =
      before != known_.end() && before->second.model->path() == path && before->second.state == known.state;
  if (same) return before->second;
  PERCH_TRY(known.model, model::Model::load(wanted, registry_, options));
  return known;
}

Models::Loaded Models::load(Draft& draft) {
  std::map<std::string, Result<Known>> tried;
  for (const WrittenTask& written : all_tasks(draft)) {
    const std::string& name = written.task->model;
    if (name.empty()) continue;
    auto known = tried.find(name);
    if (known == tried.end()) known = tried.emplace(name, load_one(name, draft.settings)).first;
    if (!known->second) report(*written.table, written.path, "model", known->second.error(), draft.diagnostics);
  }
  Loaded loaded;
  if (draft.diagnostics.ok()) known_.clear();
  for (const auto& [name, known] : tried) {
    if (!known) continue;
    loaded.emplace(name, known->model);
    known_.insert_or_assign(name, *known);
  }
  return loaded;
}

std::map<fs::path, FileState> Models::files() const {
  std::map<fs::path, FileState> files;
  for (const auto& [name, known] : known_) files.emplace(known.model->path(), known.state);
  return files;
}

Result<PlannedCamera> plan_camera(const Camera& camera, const Models::Loaded& models, const Registry& registry,
                                  SourceContext context) {
  const std::string camera_place = fmt::format("camera {}", camera.name.value);
  context.camera = CameraId{camera.name.value};
  auto source = registry.make_source(camera.source, context);
  if (!source) return fail(within(camera_place, source.error()));
  auto gate = pipeline::Gate::create(camera.gate);
  if (!gate) return fail(within(camera_place, gate.error()));

  CameraInfo info{context.camera, camera.source.kind(), camera.every, {}};
  std::vector<pipeline::Task> tasks;
  for (const std::size_t i : in_order(camera.tasks)) {
    auto made = make_task(camera.tasks[i], (*source)->gives(), models, registry, tasks);
    if (!made) return fail(within(fmt::format("{}, task {}", camera_place, camera.tasks[i].name.value), made.error()));
    info.tasks.push_back(info_of(camera.tasks[i], *made));
    tasks.push_back(std::move(*made));
  }
  pipeline::HealthConfig health = camera.health;
  health.interval = camera.every;
  const std::optional<Nanoseconds> timeout = (*source)->timeout();
  health.timeout = timeout.value_or(health.timeout);
  health.bounded = timeout.has_value();
  return PlannedCamera{{context.camera, camera.every, health, std::move(*source),
                        pipeline::CameraState{std::move(tasks), std::move(*gate), {}}},
                       std::move(info)};
}

void check_tasks(Draft& draft, const Models::Loaded& models, const Registry& registry) {
  const std::vector<std::optional<FrameKind>> gives = check_parts(draft, registry, draft.folder);
  const config::Diagnostics before = draft.diagnostics;
  const auto model_named = [&](const std::string& name) {
    const auto found = models.find(name);
    return found == models.end() ? nullptr : found->second.get();
  };
  for (const WrittenTask& written : all_tasks(draft)) {
    const Task& task = *written.task;
    const model::Model* model = model_named(task.model);
    const auto regions = model::fixed_regions(task.regions);
    if (!written_right(before, written.path) || (!task.model.empty() && !model) || !regions) continue;
    const std::optional<FrameKind> frames = written.camera ? gives[*written.camera] : std::nullopt;
    if (check_model(written, model, frames, registry, draft.diagnostics))
      check_analysis(written, model, *regions, registry, draft.diagnostics);
    if (!task.regions_from) continue;
    const auto finder = std::ranges::find(*written.siblings, task.regions_from->task, &Task::name);
    const model::Model* found_by = finder == written.siblings->end() ? nullptr : model_named(finder->model);
    if (found_by) check_regions_from(written, *found_by, draft.diagnostics);
  }
}

}  // namespace perch::edge
