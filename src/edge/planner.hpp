#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "edge/camera_info.hpp"
#include "edge/settings.hpp"
#include "model/model.hpp"
#include "pipeline/camera.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"

namespace perch::edge {

/// What tells one state of a file from another.
struct FileState {
  std::filesystem::file_time_type written{};
  std::uintmax_t bytes = 0;
  bool there = false;
  bool operator==(const FileState&) const = default;
};

/// @thread any, blocks
FileState state_of(const std::filesystem::path& file);

/// The models that some settings name, by the name that they are named with. A model whose file is as it was is not
/// loaded again.
class Models {
 public:
  using Loaded = std::map<std::string, std::shared_ptr<const model::Model>>;

  /// @param folder  what relative paths are relative to
  Models(const Registry& registry, std::filesystem::path folder) : registry_(registry), folder_(std::move(folder)) {}

  /// Loads what is not loaded yet or has changed on the disk. Each that cannot be had is added to what is wrong with
  /// the draft, wherever it is named; when nothing is wrong, what nobody names any more is let go of.
  /// @thread one at a time, blocks
  Loaded load(Draft& draft);

  /// The files of the models that are loaded, as they were before they were read. @thread as `load`
  std::map<std::filesystem::path, FileState> files() const;

 private:
  struct Known {
    std::shared_ptr<const model::Model> model;
    FileState state;  ///< of its file, before it was read
  };

  Result<Known> load_one(const std::string& name, const Settings& settings);

  const Registry& registry_;
  std::filesystem::path folder_;
  std::map<std::string, Known> known_;
};

/// A camera ready to be started.
struct PlannedCamera {
  pipeline::CameraPlan plan;
  CameraInfo info;
};

/// Makes everything that a camera needs: its source, its gate, its tasks in an order in which each comes after the task
/// that finds its regions.
/// Errors: those of the components' creation, and mismatch (a label that the finding model does not have), each with
///         the camera and task that it is about. @thread io
Result<PlannedCamera> plan_camera(const Camera& camera, const Models::Loaded& models, const Registry& registry,
                                  SourceContext context);

/// Adds to what is wrong with the draft what only its models can tell: labels that they do not have, analyses that do
/// not go with them. Leaves out tasks of which something is wrong already. @thread any
void check_tasks(Draft& draft, const Models::Loaded& models, const Registry& registry);

}  // namespace perch::edge
