#include "journal/observation_json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seam/digit_answer.hpp"

namespace perch::journal {

namespace {

constexpr int kScoreDecimals = 5;
constexpr int kPixelDecimals = 2;
constexpr int kValueDecimals = 6;
/// Probabilities of a digit below this are not written: a hundred zeros would say nothing.
constexpr float kLeastDigitProbability = 0.005F;

std::string label_text(const std::vector<std::string>& labels, int id) {
  if (id >= 0 && static_cast<std::size_t>(id) < labels.size()) return labels[static_cast<std::size_t>(id)];
  return fmt::format("#{}", id);
}

void write_region(json::Writer& w, int region) {
  if (region != 0) w.key("region").integer(region);
}

void write_values(json::Writer& w, const std::vector<Value>& values) {
  struct Write {
    json::Writer& w;

    void operator()(double v) const { w.exact(v); }

    void operator()(std::int64_t v) const { w.integer(v); }

    void operator()(bool v) const { w.boolean(v); }

    void operator()(const std::string& v) const { w.string(v); }
  };

  w.key("values").begin_object();
  for (const Value& value : values) {
    w.key(value.name);
    std::visit(Write{w}, value.value);
  }
  w.end_object();
}

void write_detections(json::Writer& w, const std::vector<Detection>& detections,
                      const std::vector<std::string>& labels) {
  w.key("detections").begin_array();
  for (const Detection& d : detections) {
    w.begin_object().key("label").string(label_text(labels, d.label.value));
    w.key("score").number(d.score, kScoreDecimals).key("box").begin_array();
    for (const float v : {d.box_px.x, d.box_px.y, d.box_px.width, d.box_px.height}) w.number(v, kPixelDecimals);
    w.end_array();
    if (d.track) w.key("track").integer(static_cast<std::int64_t>(d.track->value));
    write_region(w, d.region);
    w.end_object();
  }
  w.end_array();
}

void write_scores(json::Writer& w, const std::vector<Scores>& all, const std::vector<std::string>& labels) {
  if (all.empty()) return;
  w.key("scores").begin_array();
  for (const Scores& scores : all) {
    w.begin_object().key("p").begin_object();
    for (std::size_t i = 0; i < scores.p.size(); ++i)
      w.key(label_text(labels, static_cast<int>(i))).number(scores.p[i], kScoreDecimals);
    w.end_object();
    write_region(w, scores.region);
    w.end_object();
  }
  w.end_array();
}

void write_poses(json::Writer& w, const std::vector<Pose>& poses) {
  if (poses.empty()) return;
  w.key("poses").begin_array();
  for (const Pose& pose : poses) {
    w.begin_object().key("score").number(pose.score, kScoreDecimals).key("keypoints").begin_array();
    for (const Keypoint& point : pose.points) {
      w.begin_array().number(point.at_px.x, kPixelDecimals).number(point.at_px.y, kPixelDecimals);
      w.number(point.score, kScoreDecimals).end_array();
    }
    w.end_array();
    write_region(w, pose.region);
    w.end_object();
  }
  w.end_array();
}

void write_digits(json::Writer& w, const std::vector<Digit>& digits) {
  if (digits.empty()) return;
  w.key("digits").begin_array();
  for (const Digit& digit : digits) {
    const DigitAnswer answer = digit_answer(digit.p);
    w.begin_object().key("value").number(answer.value, 1);
    w.key("confidence").number(answer.confidence, kScoreDecimals);
    w.key("classes").integer(static_cast<std::int64_t>(digit.p.size())).key("p").begin_array();
    for (std::size_t i = 0; i < digit.p.size(); ++i) {
      if (!(digit.p[i] >= kLeastDigitProbability)) continue;
      w.begin_array().integer(static_cast<std::int64_t>(i)).number(digit.p[i], kScoreDecimals).end_array();
    }
    w.end_array();
    write_region(w, digit.region);
    w.end_object();
  }
  w.end_array();
}

void write_fields(json::Writer& w, std::string_view key, const std::vector<float>& values) {
  w.key(key).begin_array();
  for (const float v : values) w.number(v, kValueDecimals);
  w.end_array();
}

void write_corners(json::Writer& w, const Quad& quad) {
  w.key("corners").begin_array();
  for (const Point& corner : quad.corners) w.number(corner.x, kPixelDecimals).number(corner.y, kPixelDecimals);
  w.end_array();
}

/// Grids, embeddings and numbers.
void write_rest(json::Writer& w, const Findings& findings) {
  if (!findings.grids.empty()) {
    w.key("grids").begin_array();
    for (const Grid& grid : findings.grids) {
      w.begin_object().key("rows").integer(grid.rows).key("cols").integer(grid.cols);
      write_fields(w, "values", grid.value);
      if (grid.corners_px != Quad{}) write_corners(w, grid.corners_px);
      write_region(w, grid.region);
      w.end_object();
    }
    w.end_array();
  }
  if (!findings.embeddings.empty()) {
    w.key("embeddings").begin_array();
    for (const Embedding& embedding : findings.embeddings) {
      w.begin_object();
      write_fields(w, "v", embedding.v);
      write_region(w, embedding.region);
      w.end_object();
    }
    w.end_array();
  }
  if (!findings.numbers.empty()) {
    w.key("numbers").begin_array();
    for (const Number& number : findings.numbers) {
      w.begin_object().key("name").string(number.name).key("value").exact(number.value);
      write_region(w, number.region);
      w.end_object();
    }
    w.end_array();
  }
}

}  // namespace

void write_observation(json::Writer& w, const Observation& seen, const std::vector<std::string>& labels) {
  w.key("status").string(name(seen.status));
  if (!seen.reason.empty()) w.key("reason").string(seen.reason);
  write_values(w, seen.values);
  w.key("confidence").number(seen.confidence, kScoreDecimals);
  write_detections(w, seen.findings.detections, labels);
  write_scores(w, seen.findings.scores, labels);
  write_poses(w, seen.findings.poses);
  write_digits(w, seen.findings.digits);
  write_rest(w, seen.findings);
}

}  // namespace perch::journal
