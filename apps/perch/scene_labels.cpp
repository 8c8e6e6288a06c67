#include "scene_labels.hpp"

namespace perch::cli {

namespace {

constexpr float kLeastVisible = 0.1F;

const std::vector<std::string> kBodyPoints{"nose",          "left_eye",       "right_eye",  "left_ear",    "right_ear",
                                           "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
                                           "right_wrist",   "left_hip",       "right_hip",  "left_knee",   "right_knee",
                                           "left_ankle",    "right_ankle"};

learn::Label label_of(const scenes::TrueObject& object) {
  learn::Label label{object.label, object.box_px, std::nullopt, {}, {{"visible", static_cast<double>(object.visible)}}};
  for (const scenes::TruePoint& p : object.keypoints)
    label.keypoints.push_back({p.at_px, !p.in_picture ? 0 : p.visible ? 2 : 1});
  if (!object.posture.empty()) {
    label.attributes.push_back({"posture", object.posture});
    label.attributes.push_back({"fallen", object.fallen});
  }
  return label;
}

void add_boiler(const scenes::Truth& truth, SceneLabels& out) {
  const scenes::TrueBoiler& boiler = *truth.boiler;
  const Box whole{0, 0, static_cast<float>(truth.width), static_cast<float>(truth.height)};
  out.labels.push_back({boiler.state, whole, std::nullopt, {}, {}});
  out.attributes.push_back({"anomaly", boiler.spot.has_value()});
  if (!boiler.spot) return;
  constexpr float kRows = 24, kCols = 32, kAround = 2;  // cells
  const float wide = whole.width / kCols, high = whole.height / kRows;
  const Box spot{(boiler.spot->x - kAround) * wide, (boiler.spot->y - kAround) * high, 2 * kAround * wide,
                 2 * kAround * high};
  out.labels.push_back({"spot", intersection(spot, whole), std::nullopt, {}, {}});
}

}  // namespace

learn::DatasetInfo dataset_of_scene(std::string_view scene, std::string origin) {
  learn::DatasetInfo info{std::string(scene), "detect", {"car", "person"}, {}, std::move(origin)};
  if (scene == "meter") {
    info.task = "digits";
    info.labels = {"wheel"};
  } else if (scene == "boiler") {
    info.task = "state";
    info.labels = {"cold", "warm", "hot", "spot"};
  } else if (scene == "room") {
    info.task = "pose";
    info.labels = {"person"};
    info.keypoints = kBodyPoints;
  }
  return info;
}

SceneLabels labels_of_truth(const scenes::Truth& truth) {
  SceneLabels out;
  if (!truth.weather.empty()) out.attributes.push_back({"weather", truth.weather});
  if (!truth.light.empty()) out.attributes.push_back({"light", truth.light});
  out.attributes.push_back({"seed", static_cast<double>(truth.seed)});
  out.attributes.push_back({"t", truth.t_s});
  for (const scenes::TrueObject& object : truth.objects)
    if (object.visible >= kLeastVisible) out.labels.push_back(label_of(object));
  if (truth.meter)
    for (const scenes::TrueWheel& wheel : truth.meter->wheels)
      out.labels.push_back({"wheel",
                            wheel.window_px.bounds(),
                            wheel.window_px,
                            {},
                            {{"position", static_cast<double>(wheel.position)}}});
  if (truth.boiler) add_boiler(truth, out);
  return out;
}

}  // namespace perch::cli
