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

/// The models that some settings name, by the name that they are named with. A model whose file is as it was is not
/// loaded again.
class Models {
 public:
  using Loaded = std::map<std::string, std::shared_ptr<const model::Model>>;

  /// @param folder  what relative paths are relative to
  Models(const Registry& registry, std::filesystem::path folder) : registry_(registry), folder_(std::move(folder)) {}

  /// Loads what is not loaded yet or has changed on the disk, and lets go of what nobody names any more. All errors at
  /// once, each with the camera and task that it is about. @thread one at a time, blocks
  tl::expected<Loaded, std::vector<Error>> load(const Settings& settings);

 private:
  struct Known {
    std::shared_ptr<const model::Model> model;
    std::filesystem::file_time_type written;
    std::uintmax_t bytes = 0;
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

/// Everything that is wrong with settings beyond what can be read from them alone: loads their models and makes their
/// analyses. For `perch check`. @thread any, blocks
std::vector<Error> check_tasks(const Settings& settings, const Registry& registry, const std::filesystem::path& folder);

}  // namespace perch::edge
