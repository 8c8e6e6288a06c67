#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "pipeline/record_policy.hpp"
#include "seam/findings.hpp"
#include "seam/observation.hpp"

namespace perch::edge {

/// A task at work, as the rest of the daemon knows it.
struct TaskInfo {
  std::string name;
  std::string model;                ///< `NAME@SHA8`, or empty without a model
  std::vector<std::string> labels;  ///< of its model
  std::vector<Output> outputs;      ///< as its analysis declares them
  pipeline::RecordPolicy record;
  bool keep_picture = false;    ///< whether its readings keep the picture they were read from
  std::vector<Region> regions;  ///< fixed ones, in px of the frame; empty: the whole, or what another task finds
};

/// A camera at work. Its tasks stand in the order in which workers answer them.
struct CameraInfo {
  CameraId id;
  std::string source;    ///< the kind of its source: `http`
  Nanoseconds every{0};  ///< between pictures; 0: as fast as they are analysed
  std::vector<TaskInfo> tasks;
};

/// All cameras at work, by name. Changed on the io thread alone.
using CameraInfos = std::map<CameraId, CameraInfo>;

}  // namespace perch::edge
