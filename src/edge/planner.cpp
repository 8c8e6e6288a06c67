#include "edge/planner.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "model/regions.hpp"
#include "model/search.hpp"

namespace perch::edge {

namespace {

namespace fs = std::filesystem;

/// Each set of tasks in settings, with the words for whose they are.
std::vector<std::pair<std::string, const std::vector<Task>*>> all_tasks(const Settings& settings) {
  std::vector<std::pair<std::string, const std::vector<Task>*>> all;
  for (const Camera& camera : settings.cameras) all.emplace_back("camera " + camera.name.value, &camera.tasks);
  for (const Discover& block : settings.discover)
    all.emplace_back(fmt::format("discover '{}'", printable(block.match, 60)), &block.tasks);
  return all;
}

std::string place(const std::string& owner, const Task& task) {
  return fmt::format("{}, task {}", owner, task.name.value);
}

std::string place(const Camera& camera, const Task& task) {
  return place("camera " + camera.name.value, task);
}

/// A path as it is meant in a configuration that stands in `folder`; a mere name stays one.
std::string in_folder(const std::string& name_or_path, const fs::path& folder) {
  if (name_or_path.find('/') == std::string::npos || fs::path(name_or_path).is_absolute()) return name_or_path;
  return (folder / name_or_path).string();
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

Result<pipeline::RegionsFrom> regions_from(const RegionsFrom& wanted, const model::Model& looking,
                                           const std::vector<pipeline::Task>& before) {
  pipeline::RegionsFrom from;
  const auto finder = std::ranges::find(before, wanted.task.value, &pipeline::Task::name);
  PERCH_ASSERT(finder != before.end());
  from.task = static_cast<std::size_t>(finder - before.begin());
  from.policy = looking.card().regions;
  if (wanted.margin) from.policy.margin = *wanted.margin;
  const std::vector<std::string>& labels = finder->model->card().labels;
  for (const std::string& label : wanted.labels) {
    const auto found = std::ranges::find(labels, label);
    if (found == labels.end())
      return fail(
          Errc::mismatch,
          fmt::format("regions_from: the model {} has no label '{}'", finder->model->card().name, printable(label, 40)),
          {}, suggest(label, labels));
    from.labels.push_back(LabelId{static_cast<int>(found - labels.begin())});
  }
  return from;
}

/// One task as workers need it; `before` are those that were made already.
Result<pipeline::Task> make_task(const Task& task, const Models::Loaded& models, const Registry& registry,
                                 const std::vector<pipeline::Task>& before) {
  pipeline::Task made;
  made.name = task.name.value;
  made.model = model_of(task, models);
  PERCH_TRY(made.regions, model::fixed_regions(task.regions));
  if (task.regions_from) {
    PERCH_TRY(made.regions_from, regions_from(*task.regions_from, *made.model, before));
  }
  AnalysisContext context;
  if (made.model) context.labels = made.model->card().labels;
  context.regions = made.regions;
  PERCH_TRY(made.analysis, registry.make_analysis(task.analysis, context));
  return made;
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

Result<Models::Known> Models::load_one(const std::string& name, const Settings& settings) {
  model::LoadOptions options;
  options.folders = model_folders(settings, folder_);
  const std::string wanted = in_folder(name, folder_);
  PERCH_TRY(const fs::path path, model::find_model(wanted, model::model_folders(options.folders)));
  std::error_code error;
  Known known{nullptr, fs::last_write_time(path, error), fs::file_size(path, error)};
  const auto before = known_.find(name);
  const bool same = before != known_.end() && before->second.model->path() == path &&
                    before->second.written == known.written && before->second.bytes == known.bytes;
  if (same) return before->second;
  PERCH_TRY(known.model, model::Model::load(wanted, registry_, options));
  return known;
}

tl::expected<Models::Loaded, std::vector<Error>> Models::load(const Settings& settings) {
  std::map<std::string, Known> known;
  std::vector<Error> errors;
  for (const auto& [owner, tasks] : all_tasks(settings))
    for (const Task& task : *tasks) {
      if (task.model.empty() || known.contains(task.model)) continue;
      Result<Known> loaded = load_one(task.model, settings);
      if (loaded)
        known.emplace(task.model, std::move(*loaded));
      else
        errors.push_back({loaded.error().code, loaded.error().message(), place(owner, task), {}});
    }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  known_ = std::move(known);
  Loaded result;
  for (const auto& [name, entry] : known_) result.emplace(name, entry.model);
  return result;
}

Result<PlannedCamera> plan_camera(const Camera& camera, const Models::Loaded& models, const Registry& registry,
                                  SourceContext context) {
  const std::string camera_place = fmt::format("camera {}", camera.name.value);
  context.camera = CameraId{camera.name.value};
  auto source = registry.make_source(camera.source, context);
  if (!source) return fail(source.error().at(camera_place));
  auto gate = pipeline::Gate::create(camera.gate);
  if (!gate) return fail(gate.error().at(camera_place));

  CameraInfo info{context.camera, camera.source.kind(), camera.every, {}};
  std::vector<pipeline::Task> tasks;
  for (const std::size_t i : in_order(camera.tasks)) {
    auto made = make_task(camera.tasks[i], models, registry, tasks);
    if (!made) return fail(made.error().at(place(camera, camera.tasks[i])));
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

std::vector<Error> check_tasks(const Settings& settings, const Registry& registry, const fs::path& folder) {
  const auto models = Models(registry, folder).load(settings);
  if (!models) return models.error();
  std::vector<Error> errors;
  for (const auto& [owner, wanted] : all_tasks(settings)) {
    std::vector<pipeline::Task> tasks;
    for (const std::size_t i : in_order(*wanted)) {
      auto made = make_task((*wanted)[i], *models, registry, tasks);
      if (!made) {
        errors.push_back(made.error().at(place(owner, (*wanted)[i])));
        break;  // others may need what this one finds
      }
      tasks.push_back(std::move(*made));
    }
  }
  return errors;
}

}  // namespace perch::edge
