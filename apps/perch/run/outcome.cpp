#include "run/outcome.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "image/homography.hpp"
#include "image/overlay.hpp"
#include "seam/digit_answer.hpp"
#include "vision/pose.hpp"

namespace perch::cli {

namespace {

constexpr int kScoreDecimals = 5;
constexpr int kPixelDecimals = 2;
constexpr int kMillisecondDecimals = 3;
constexpr double kNanosecondsPerMillisecond = 1e6;

double milliseconds(Nanoseconds duration) {
  return static_cast<double>(duration.count()) / kNanosecondsPerMillisecond;
}

/// A label's name, as a proposed card has it where the card names none: names are keys, and keys must differ.
std::string label_of(const model::Card& card, std::size_t index) {
  return index < card.labels.size() ? card.labels[index] : fmt::format("class {}", index);
}

void write_detections(json::Writer& w, const Outcome& outcome, const model::Card& card, bool regional) {
  w.key("detections").begin_array();
  for (const Detection& d : outcome.findings.detections) {
    w.begin_object().key("label").string(label_of(card, static_cast<std::size_t>(d.label.value)));
    w.key("score").number(d.score, kScoreDecimals).key("box").begin_array();
    for (const float v : {d.box_px.x, d.box_px.y, d.box_px.width, d.box_px.height}) w.number(v, kPixelDecimals);
    w.end_array();
    if (regional) w.key("region").integer(d.region);
    w.end_object();
  }
  w.end_array();
}

void write_scores(json::Writer& w, const Outcome& outcome, const model::Card& card, bool regional) {
  w.key("scores").begin_object();
  for (const Scores& scores : outcome.findings.scores) {
    if (regional) w.key(fmt::format("{}", scores.region)).begin_object();
    for (std::size_t i = 0; i < scores.p.size(); ++i) w.key(label_of(card, i)).number(scores.p[i], kScoreDecimals);
    if (regional) w.end_object();
  }
  w.end_object();
}

void write_poses(json::Writer& w, const Outcome& outcome, bool regional) {
  w.key("poses").begin_array();
  for (const Pose& pose : outcome.findings.poses) {
    w.begin_object().key("score").number(pose.score, kScoreDecimals).key("keypoints").begin_array();
    for (const Keypoint& point : pose.points) {
      w.begin_array().number(point.at_px.x, kPixelDecimals).number(point.at_px.y, kPixelDecimals);
      w.number(point.score, kScoreDecimals).end_array();
    }
    w.end_array();
    if (regional) w.key("region").integer(pose.region);
    w.end_object();
  }
  w.end_array();
}

void write_digits(json::Writer& w, const Outcome& outcome) {
  w.key("digits").begin_array();
  for (const Digit& digit : outcome.findings.digits) {
    const DigitAnswer read = digit_answer(digit.p);
    w.begin_object().key("value").number(read.value, 1).key("confidence").number(read.confidence, kScoreDecimals);
    w.key("region").integer(digit.region).end_object();
  }
  w.end_array();
}

/// What an anomaly model says: numbers and heat maps, if there are any.
void write_maps(json::Writer& w, const Outcome& outcome, bool regional) {
  if (!outcome.findings.numbers.empty()) {
    w.key("numbers").begin_array();
    for (const Number& number : outcome.findings.numbers) {
      w.begin_object().key("name").string(number.name).key("value").number(number.value, kScoreDecimals);
      if (regional) w.key("region").integer(number.region);
      w.end_object();
    }
    w.end_array();
  }
  if (outcome.findings.grids.empty()) return;
  w.key("grids").begin_array();
  for (const Grid& grid : outcome.findings.grids) {
    w.begin_object().key("rows").integer(grid.rows).key("cols").integer(grid.cols).key("values").begin_array();
    for (const float value : grid.value) w.number(value, kScoreDecimals);
    w.end_array().key("corners").begin_array();
    for (const Point& corner : grid.corners_px.corners)
      w.number(corner.x, kPixelDecimals).number(corner.y, kPixelDecimals);
    w.end_array();
    if (regional) w.key("region").integer(grid.region);
    w.end_object();
  }
  w.end_array();
}

void write_values(json::Writer& w, const Outcome& outcome) {
  struct Write {
    json::Writer& w;

    void operator()(double v) const { w.number(v, 6); }

    void operator()(std::int64_t v) const { w.integer(v); }

    void operator()(bool v) const { w.boolean(v); }

    void operator()(const std::string& v) const { w.string(v); }
  };

  w.key("values").begin_object();
  for (const Value& value : outcome.values) {
    w.key(value.name);
    std::visit(Write{w}, value.value);
  }
  w.end_object();
}

/// "3 person, 1 car", the most frequent first.
std::string count_labels(const Findings& findings, const model::Card& card) {
  std::map<int, int> counts;
  for (const Detection& d : findings.detections) ++counts[d.label.value];
  std::vector<std::pair<int, int>> sorted(counts.begin(), counts.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return std::pair(-a.second, a.first) < std::pair(-b.second, b.first);
  });
  std::vector<std::string> parts;
  for (const auto& [label, count] : sorted)
    parts.push_back(fmt::format("{} {}", count, label_of(card, static_cast<std::size_t>(label))));
  return parts.empty() ? "nothing found" : join(parts, ", ");
}

/// The three likeliest labels: "cat 0.93, dog 0.05".
std::string top_scores(const Scores& scores, const model::Card& card) {
  constexpr std::size_t kShown = 3;
  std::vector<std::size_t> order(scores.p.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(
      order, [&](std::size_t a, std::size_t b) { return std::pair(-scores.p[a], a) < std::pair(-scores.p[b], b); });
  order.resize(std::min(order.size(), kShown));
  std::vector<std::string> parts;
  for (const std::size_t i : order) parts.push_back(fmt::format("{} {:.2f}", label_of(card, i), scores.p[i]));
  return join(parts, ", ");
}

std::string describe(const Outcome& outcome, const model::Card& card) {
  const Findings& f = outcome.findings;
  std::vector<std::string> parts;
  for (const Scores& scores : f.scores) parts.push_back(top_scores(scores, card));
  if (!f.poses.empty()) parts.push_back(fmt::format("{} {}", f.poses.size(), f.poses.size() == 1 ? "pose" : "poses"));
  for (const Digit& digit : f.digits) {
    const DigitAnswer read = digit_answer(digit.p);
    parts.push_back(fmt::format("{:.{}f} ({:.2f})", read.value, digit.p.size() == 100 ? 1 : 0, read.confidence));
  }
  for (const Number& number : f.numbers) parts.push_back(fmt::format("{} {:.2f}", number.name, number.value));
  if (parts.empty() || !f.detections.empty()) parts.push_back(count_labels(f, card));
  return join(parts, "  ");
}

}  // namespace

std::string to_json(const Outcome& outcome, const model::Card& card, bool regional) {
  json::Writer w;
  w.begin_object().key("file").string(outcome.file);
  if (outcome.frame) w.key("frame").integer(outcome.frame->index);
  if (outcome.frame && outcome.frame->t_s) w.key("t").number(*outcome.frame->t_s, 3);
  if (outcome.error) {
    w.key("error").string(outcome.error->message()).end_object();
    return w.text();
  }
  w.key("width").integer(outcome.size.width).key("height").integer(outcome.size.height);
  w.key("ms").begin_object();
  w.key("decode").number(milliseconds(outcome.decode), kMillisecondDecimals);
  w.key("infer").number(milliseconds(outcome.infer), kMillisecondDecimals);
  w.key("total").number(milliseconds(outcome.total), kMillisecondDecimals);
  w.end_object();
  write_detections(w, outcome, card, regional);
  write_scores(w, outcome, card, regional);
  write_poses(w, outcome, regional);
  write_digits(w, outcome);
  write_maps(w, outcome, regional);
  write_values(w, outcome);
  w.end_object();
  return w.text();
}

std::string to_line(const Outcome& outcome, const model::Card& card) {
  std::string line = outcome.file;
  if (outcome.frame) line += fmt::format(" frame {}", outcome.frame->index);
  if (outcome.frame && outcome.frame->t_s) line += fmt::format(" ({:.2f} s)", *outcome.frame->t_s);
  if (outcome.error) return fmt::format("{}: {}", line, outcome.error->message());
  return fmt::format("{}  {}×{}  {}  ({:.1f} ms)", line, outcome.size.width, outcome.size.height,
                     describe(outcome, card), milliseconds(outcome.total));
}

namespace {

/// The same findings in a picture that shows the frame larger: a grid of temperatures drawn for people.
Outcome enlarged(Outcome outcome, image::Size picture) {
  const float across = static_cast<float>(picture.width) / static_cast<float>(outcome.size.width);
  const float down = static_cast<float>(picture.height) / static_cast<float>(outcome.size.height);
  const auto enlarge = [&](Point p) { return Point{p.x * across, p.y * down}; };
  for (Region& region : outcome.regions)
    for (Point& corner : region.corners_px.corners) corner = enlarge(corner);
  for (Detection& d : outcome.findings.detections)
    d.box_px = {d.box_px.x * across, d.box_px.y * down, d.box_px.width * across, d.box_px.height * down};
  for (Pose& pose : outcome.findings.poses)
    for (Keypoint& point : pose.points) point.at_px = enlarge(point.at_px);
  for (Grid& grid : outcome.findings.grids)
    for (Point& corner : grid.corners_px.corners) corner = enlarge(corner);
  return outcome;
}

/// Frames the cells of a heat map that reach the threshold, which is 1.
void draw_map(image::Overlay& overlay, const Grid& grid) {
  const Quad cells = Quad::from_box({0, 0, static_cast<float>(grid.cols), static_cast<float>(grid.rows)});
  const auto to_picture = image::homography(cells, grid.corners_px);
  if (!to_picture) return;
  for (int i = 0; i < static_cast<int>(grid.value.size()); ++i) {
    if (!(grid.value[static_cast<std::size_t>(i)] >= 1)) continue;
    Quad cell = Quad::from_box({static_cast<float>(i % grid.cols), static_cast<float>(i / grid.cols), 1, 1});
    for (Point& corner : cell.corners) corner = image::apply(*to_picture, corner);
    overlay.polygon(cell.corners, image::Colour{255, 0, 255}, {});
  }
}

}  // namespace

void annotate(image::Picture& picture, const Outcome& seen, const model::Card& card) {
  const Outcome outcome = picture.size() == seen.size ? seen : enlarged(seen, picture.size());
  image::Overlay overlay(picture);
  for (const Grid& grid : outcome.findings.grids) draw_map(overlay, grid);
  for (const Region& region : outcome.regions)
    overlay.polygon(region.corners_px.corners, image::Colour{160, 160, 160}, region.name);
  for (const Detection& d : outcome.findings.detections) {
    const std::string label =
        fmt::format("{} {:.2f}", label_of(card, static_cast<std::size_t>(d.label.value)), d.score);
    overlay.box(d.box_px, image::label_colour(d.label.value), label);
  }
  for (std::size_t i = 0; i < outcome.findings.poses.size(); ++i) {
    const Pose& pose = outcome.findings.poses[i];
    std::vector<Point> points;
    std::vector<float> scores;
    for (const Keypoint& point : pose.points) {
      points.push_back(point.at_px);
      scores.push_back(point.score);
    }
    overlay.pose(points, scores, vision::kCocoBones, image::label_colour(static_cast<int>(i)));
  }
  int line = 0;
  for (const Scores& scores : outcome.findings.scores)
    overlay.text(top_scores(scores, card), image::Corner::top_left, line++);
  for (const Digit& digit : outcome.findings.digits) {
    const DigitAnswer read = digit_answer(digit.p);
    overlay.text(fmt::format("{:.1f} ({:.2f})", read.value, read.confidence), image::Corner::top_left, line++);
  }
  for (const Number& number : outcome.findings.numbers)
    overlay.text(fmt::format("{} {:.2f}", number.name, number.value), image::Corner::top_left, line++);
}

}  // namespace perch::cli
