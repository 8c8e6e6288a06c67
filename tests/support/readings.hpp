#pragma once
#include <string>

#include "seam/sink.hpp"

namespace perch::test {

/// A plain reading of one camera's task, with one count and one detection.
inline Reading reading(const std::string& camera, const std::string& task, UtcTime at, std::int64_t count = 1) {
  Reading r;
  r.device = "test";
  r.camera = camera;
  r.task = task;
  r.observation.stamp = {at, {"boot"}, Milliseconds{count}};
  r.observation.values = {{"car", count}};
  r.observation.confidence = 0.9F;
  r.observation.findings.detections = {{0, {0}, 0.9F, {1, 2, 3, 4}, {}}};
  r.labels = {"car"};
  r.model = "yolox-nano@695e750a";
  return r;
}

/// The count that `reading` was given.
inline std::int64_t count_of(const Reading& r) {
  return std::get<std::int64_t>(r.observation.values.at(0).value);
}

}  // namespace perch::test
