#pragma once
#include <string_view>
#include <vector>

#include "learn/dataset_writer.hpp"
#include "scenes/truth.hpp"

namespace perch::cli {

/// What a scene's truth becomes in a data set.
struct SceneLabels {
  std::vector<learn::Label> labels;
  std::vector<learn::Attribute> attributes;  ///< of the picture
};

/// The head of a data set of a scene's pictures. @param origin  the command that makes it
learn::DatasetInfo dataset_of_scene(std::string_view scene, std::string origin);

/// Things of which less than a tenth shows are left out, as a person who labels pictures would.
SceneLabels labels_of_truth(const scenes::Truth& truth);

}  // namespace perch::cli
