#include "learn/yolo.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::learn {

namespace {

constexpr int kMostKeypoints = 256;
constexpr std::size_t kMostNames = 100'000;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = trim(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A value of YAML without its quotes and a comment after it.
std::string scalar(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'')) {
    const std::size_t end = text.find(text.front(), 1);
    if (end != std::string_view::npos) return std::string(text.substr(1, end - 1));
  }
  if (const std::size_t comment = text.find(" #"); comment != std::string_view::npos) text = text.substr(0, comment);
  return std::string(trim(text));
}

/// `[a, 'b', "c"]`; nothing when the brackets are not there.
std::optional<std::vector<std::string>> flow_list(std::string_view text) {
  text = trim(text);
  const std::size_t end = text.rfind(']');
  if (text.empty() || text.front() != '[' || end == std::string_view::npos) return std::nullopt;
  std::vector<std::string> out;
  const std::string_view inside = trim(text.substr(1, end - 1));
  if (inside.empty()) return out;
  for (const std::string& part : split(inside, ',')) out.push_back(scalar(part));
  return out;
}

/// Takes `data.yaml` line by line.
class YamlReader {
 public:
  explicit YamlReader(std::string_view file) : file_(file) {}

  Result<YoloData> read(std::string_view yaml) {
    for (const std::string& line : split(yaml, '\n')) {
      ++line_;
      const std::string_view text = trim(line);
      if (text.empty() || text.front() == '#' || text == "---") continue;
      const bool inside = line.front() == ' ' || line.front() == '\t' || text.front() == '-';
      PERCH_CHECK(inside ? read_entry(text) : read_key(text));
    }
    if (data_.names.empty())
      return fail(Errc::invalid, "there are no 'names' of classes", file_, "write names: [car, person]");
    return std::move(data_);
  }

 private:
  tl::unexpected<Error> refuse(std::string what, std::string remedy) const {
    return fail(Errc::invalid, std::move(what), fmt::format("{}:{}", file_, line_), std::move(remedy));
  }

  Result<void> read_key(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
      return refuse(fmt::format("'{}' is no 'key: value'", printable(text)), "correct the line");
    key_ = std::string(trim(text.substr(0, colon)));
    const std::string value = scalar(text.substr(colon + 1));
    static constexpr std::array<std::string_view, 3> kFolders{"train", "val", "test"};
    if (const auto at = std::find(kFolders.begin(), kFolders.end(), key_); at != kFolders.end()) {
      if (!value.empty() && value.front() == '[')
        return refuse(fmt::format("'{}' is a list, and only one folder can be read", key_),
                      "import the folders one by one");
      data_.folders[static_cast<std::size_t>(at - kFolders.begin())] = value;
    } else if (key_ == "path") {
      data_.path = value;
    } else if (key_ == "names" && !trim(text.substr(colon + 1)).empty()) {
      return read_names(text.substr(colon + 1));
    } else if (key_ == "kpt_shape") {
      return read_keypoints(text.substr(colon + 1));
    }
    return {};
  }

  Result<void> read_names(std::string_view text) {
    auto names = flow_list(text);
    if (!names) return refuse("'names' is no list", "write names: [car, person]");
    data_.names = std::move(*names);
    return {};
  }

  Result<void> read_keypoints(std::string_view text) {
    const auto shape = flow_list(text);
    const auto points = shape && shape->size() == 2 ? parse_number<int>((*shape)[0]) : std::nullopt;
    const auto numbers = points ? parse_number<int>((*shape)[1]) : std::nullopt;
    if (!numbers || *points < 1 || *points > kMostKeypoints || *numbers < 2 || *numbers > 3)
      return refuse("'kpt_shape' is not [points, 2 or 3]", "write kpt_shape: [17, 3]");
    data_.keypoints = *points;
    data_.numbers_a_keypoint = *numbers;
    return {};
  }

  /// A line below a key: only those of `names` matter.
  Result<void> read_entry(std::string_view text) {
    if (key_ != "names") return {};
    if (text.front() == '-') {
      data_.names.push_back(scalar(text.substr(1)));
    } else {
      const std::size_t colon = std::min(text.find(':'), text.size() - 1);
      const auto place = parse_number<std::size_t>(trim(text.substr(0, colon)));
      if (!place || *place != data_.names.size())
        return refuse(fmt::format("the classes are not numbered 0, 1, 2, … ('{}')", printable(text)),
                      "number them in order");
      data_.names.push_back(scalar(text.substr(colon + 1)));
    }
    if (data_.names.size() > kMostNames) return refuse("there are too many classes", "is this the right file?");
    return {};
  }

  std::string file_;
  YoloData data_;
  std::string key_;
  int line_ = 0;
};

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

Result<YoloData> parse_yolo_data(std::string_view yaml, std::string_view file) {
  return YamlReader(file).read(yaml);
}

std::string to_yaml(const YoloData& data) {
  std::string out;
  if (!data.path.empty()) out += fmt::format("path: {}\n", data.path);
  constexpr std::array<std::string_view, 3> kFolders{"train", "val", "test"};
  for (std::size_t i = 0; i < kFolders.size(); ++i)
    if (!data.folders[i].empty()) out += fmt::format("{}: {}\n", kFolders[i], data.folders[i]);
  if (data.keypoints > 0) out += fmt::format("kpt_shape: [{}, {}]\n", data.keypoints, data.numbers_a_keypoint);
  out += "names:\n";
  for (std::size_t i = 0; i < data.names.size(); ++i) out += fmt::format("  {}: \"{}\"\n", i, data.names[i]);
  return out;
}

YoloLabels parse_yolo_labels(std::string_view text, std::string_view file, image::Size size, const YoloData& data) {
  YoloLabels out;
  int line_number = 0;
  const auto refuse = [&](std::string what) {
    out.problems.push_back({Errc::invalid, std::move(what), fmt::format("{}:{}", file, line_number),
                            "a line is: class, then x, y, width, height in fractions of the picture"});
  };
  const int box_and_points = 4 + data.keypoints * data.numbers_a_keypoint;
  const auto with_keypoints = static_cast<std::size_t>(box_and_points);
  for (const std::string& line : split(text, '\n')) {
    ++line_number;
    const auto words = words_of(line);
    if (words.empty()) continue;
    const auto place = parse_number<std::size_t>(words[0]);
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

std::string to_yolo(const std::vector<Label>& labels, image::Size size, const YoloData& data) {
  std::string out;
  const double width = size.width, height = size.height;
  for (const Label& label : labels) {
    const auto place = std::find(data.names.begin(), data.names.end(), label.category) - data.names.begin();
    const Point middle = label.box_px.center();
    out += fmt::format("{} {:.6f} {:.6f} {:.6f} {:.6f}", place, middle.x / width, middle.y / height,
                       label.box_px.width / width, label.box_px.height / height);
    for (int i = 0; i < data.keypoints; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const Label::Keypoint point = at < label.keypoints.size() ? label.keypoints[at] : Label::Keypoint{};
      out += fmt::format(" {:.6f} {:.6f} {}", point.at_px.x / width, point.at_px.y / height, point.seen);
    }
    out += '\n';
  }
  return out;
}

}  // namespace perch::learn
