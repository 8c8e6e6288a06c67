#include "learn/yolo.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = trim(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

/// The number of a class, which some tools write as `3.0`.
std::optional<std::size_t> class_of(std::string_view word) {
  if (const auto whole = parse_number<std::size_t>(word)) return whole;
  constexpr double kMost = 1e6;
  const auto number = parse_number<double>(word);
  const bool is_whole = number && *number >= 0 && *number <= kMost && std::floor(*number) == *number;
  if (!is_whole) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

Label box_of(const std::vector<double>& n, image::Size size) {
  const double width = size.width, height = size.height;
  return {{},
          {static_cast<float>((n[0] - n[2] / 2) * width), static_cast<float>((n[1] - n[3] / 2) * height),
           static_cast<float>(n[2] * width), static_cast<float>(n[3] * height)},
          {},
          {},
          {}};
}

Label polygon_of(const std::vector<double>& n, image::Size size) {
  Label label;
  float left = 1e9F, top = 1e9F, right = -1e9F, bottom = -1e9F;
  std::vector<Point> points;
  for (std::size_t i = 0; i + 1 < n.size(); i += 2) {
    const Point p{static_cast<float>(n[i] * size.width), static_cast<float>(n[i + 1] * size.height)};
    left = std::min(left, p.x), right = std::max(right, p.x);
    top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    points.push_back(p);
  }
  label.box_px = Box::from_corners(left, top, right, bottom);
  if (points.size() == 4) label.corners_px = Quad{{points[0], points[1], points[2], points[3]}};
  return label;
}

void add_keypoints(const std::vector<double>& n, image::Size size, const YoloData& data, Label& label) {
  const auto step = static_cast<std::size_t>(data.numbers_a_keypoint);
  for (std::size_t i = 4; i + step <= n.size(); i += step) {
    const double seen = step == 3 ? n[i + 2] : n[i] > 0 || n[i + 1] > 0 ? 2 : 0;
    label.keypoints.push_back({{static_cast<float>(n[i] * size.width), static_cast<float>(n[i + 1] * size.height)},
                               seen >= 2   ? 2
                               : seen >= 1 ? 1
                                           : 0});
  }
}

}  // namespace

YoloLabels parse_yolo_labels(std::string_view text, std::string_view file, image::Size size, const YoloData& data) {
  YoloLabels out;
  int line_number = 0;
  const auto refuse = [&](std::string what) {
    out.problems.push_back({Errc::invalid, std::move(what), fmt::format("{}:{}", file, line_number),
                            "a line is: class, then x, y, width, height in fractions of the picture"});
  };
  const int box_and_points = 4 + data.keypoints * data.numbers_a_keypoint;
  const auto with_keypoints = static_cast<std::size_t>(box_and_points);
  for (const std::string& line : split(without_bom(text), '\n')) {
    ++line_number;
    const auto words = words_of(line);
    if (words.empty()) continue;
    const auto place = class_of(words[0]);
    if (!place || *place >= data.names.size()) {
      refuse(fmt::format("there is no class '{}' of {}", printable(words[0]), data.names.size()));
      continue;
    }
    std::vector<double> numbers;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (const auto number = parse_number<double>(words[i]); number && std::abs(*number) <= 10)
        numbers.push_back(*number);
    const bool box = numbers.size() == 4 || (data.keypoints > 0 && numbers.size() == with_keypoints);
    if (numbers.size() + 1 != words.size() || (!box && (numbers.size() < 6 || numbers.size() % 2 != 0))) {
      refuse("is no box and no polygon");
      continue;
    }
    Label label = box ? box_of(numbers, size) : polygon_of(numbers, size);
    label.category = data.names[*place];
    if (box && numbers.size() > 4) add_keypoints(numbers, size, data, label);
    if (label.box_px.width > 0 && label.box_px.height > 0)
      out.labels.push_back(std::move(label));
    else
      refuse("the box has no area");
  }
  return out;
}

bool looks_like_yolo_labels(std::string_view text) {
  constexpr std::size_t kBox = 5;
  for (const std::string& line : split(without_bom(text), '\n'))
    if (const auto words = words_of(line); !words.empty())
      return words.size() >= kBox &&
             std::ranges::all_of(words, [](std::string_view word) { return parse_number<double>(word).has_value(); });
  return false;
}

std::string to_yolo(const std::vector<Label>& labels, image::Size size, const YoloData& data) {
  std::string out;
  const double width = size.width, height = size.height;
  for (const Label& label : labels) {
    const Box box = intersection(label.box_px, {0, 0, static_cast<float>(width), static_cast<float>(height)});
    if (box.area() <= 0) continue;
    const auto place = std::find(data.names.begin(), data.names.end(), label.category) - data.names.begin();
    const Point middle = box.center();
    out += fmt::format("{} {:.6f} {:.6f} {:.6f} {:.6f}", place, middle.x / width, middle.y / height, box.width / width,
                       box.height / height);
    for (int i = 0; i < data.keypoints; ++i) {
      const auto at = static_cast<std::size_t>(i);
      Label::Keypoint point = at < label.keypoints.size() ? label.keypoints[at] : Label::Keypoint{};
      const bool shows = point.at_px.x >= 0 && point.at_px.y >= 0 && point.at_px.x <= width && point.at_px.y <= height;
      if (!shows) point = {};
      out += fmt::format(" {:.6f} {:.6f} {}", point.at_px.x / width, point.at_px.y / height, point.seen);
    }
    out += '\n';
  }
  return out;
}

}  // namespace perch::learn
