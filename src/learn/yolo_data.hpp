#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::learn {

/// What YOLO's `data.yaml` says of a data set. Source: https://docs.ultralytics.com/datasets/detect/ and /pose/
struct YoloData {
  std::string path;                    ///< that the folders below are in; may be empty
  std::array<std::string, 3> folders;  ///< of pictures: train, validation, test; empty: none
  std::vector<std::string> names;      ///< of the classes
  int keypoints = 0;                   ///< of a body; 0: boxes alone
  int numbers_a_keypoint = 3;          ///< 2: x, y; 3: whether it is seen, too
};

/// Reads the part of YAML that these files are written in: `names` as a list or as numbered entries, in lines or in
/// brackets, paths as texts. Errors: invalid (no `names`, one without a name or with that of another, a line that is
/// not understood), with the line. @thread any
Result<YoloData> parse_yolo_data(std::string_view yaml, std::string_view file);

/// A `data.yaml` that `parse_yolo_data` reads back to the same, whatever the names. @thread any
std::string to_yaml(const YoloData& data);

}  // namespace perch::learn
