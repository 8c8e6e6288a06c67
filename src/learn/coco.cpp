#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

namespace bj = boost::json;

constexpr std::size_t kMostDepth = 32;
constexpr float kMostPixels = 1e6F;

std::optional<double> number_of(const bj::value* v) {
  if (v == nullptr) return std::nullopt;
  double number = 0;
  if (v->is_double())
    number = v->get_double();
  else if (v->is_int64())
    number = static_cast<double>(v->get_int64());
  else if (v->is_uint64())
    number = static_cast<double>(v->get_uint64());
  else
    return std::nullopt;
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string text_of(const bj::object& o, std::string_view key) {
  const bj::value* v = o.if_contains(key);
  return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

/// Ids are whole numbers in COCO and texts in what some tools write.
std::optional<std::string> id_of(const bj::object& o, std::string_view key) {
  const bj::value* v = o.if_contains(key);
  if (v == nullptr) return std::nullopt;
  if (v->is_string()) return std::string(v->get_string());
  if (v->is_int64()) return std::to_string(v->get_int64());
  if (v->is_uint64()) return std::to_string(v->get_uint64());
  constexpr double kWholeBelow = 1e15;  // `7.0`, as tables of numbers are written
  const auto number = number_of(v);
  if (number && std::floor(*number) == *number && std::abs(*number) < kWholeBelow)
    return std::to_string(static_cast<std::int64_t>(*number));
  return std::nullopt;
}

const bj::array& list_of(const bj::object& o, std::string_view key) {
  static const bj::array kNone;
  const bj::value* v = o.if_contains(key);
  return v != nullptr && v->is_array() ? v->get_array() : kNone;
}

std::vector<Attribute> attributes_of(const bj::object& o) {
  std::vector<Attribute> out;
  const bj::value* v = o.if_contains("attributes");
  if (v == nullptr || !v->is_object()) return out;
  for (const auto& [key, value] : v->get_object()) {
    std::string name(key);
    if (value.is_bool())
      out.push_back({std::move(name), value.get_bool()});
    else if (value.is_string())
      out.push_back({std::move(name), std::string(value.get_string())});
    else if (const auto number = number_of(&value))
      out.push_back({std::move(name), *number});
  }
  return out;
}

/// All of a list as numbers of pixels; nothing when one is none.
std::optional<std::vector<float>> pixels_of(const bj::value* v) {
  if (v == nullptr || !v->is_array()) return std::nullopt;
  std::vector<float> out;
  for (const bj::value& item : v->get_array()) {
    const auto number = number_of(&item);
    if (!number || std::abs(*number) > kMostPixels) return std::nullopt;
    out.push_back(static_cast<float>(*number));
  }
  return out;
}

/// The box around the polygons of a segmentation; nothing when there are none.
std::optional<Box> around(const bj::array& polygons) {
  std::vector<float> across, down;
  for (const bj::value& polygon : polygons) {
    const auto points = pixels_of(&polygon);
    if (!points || points->size() < 6 || points->size() % 2 != 0) return std::nullopt;
    for (std::size_t i = 0; i < points->size(); i += 2) {
      across.push_back((*points)[i]);
      down.push_back((*points)[i + 1]);
    }
  }
  if (across.empty()) return std::nullopt;
  const auto [left, right] = std::ranges::minmax(across);
  const auto [top, bottom] = std::ranges::minmax(down);
  return Box::from_corners(left, top, right, bottom);
}

/// Takes the parts of a document over into a `LabelFile`.
class CocoReader {
 public:
  explicit CocoReader(std::string_view file) : file_(file) {}

  Result<LabelFile> read(const bj::value& document) {
    const bj::object* root = document.if_object();
    if (root == nullptr || !root->contains("images") || !root->at("images").is_array())
      return fail(Errc::invalid, "no labels in COCO form: there is no list 'images'", file_);
    const bj::array& annotations = list_of(*root, "annotations");
    if (!annotations.empty() && list_of(*root, "categories").empty())
      return fail(Errc::invalid, "no labels in COCO form: there are annotations, but no 'categories'", file_,
                  "is it the right file? Captions, for one, are no labels");
    if (!root->contains("annotations"))
      out_.problems.push_back({Errc::invalid, "there is no list 'annotations', so no picture has a label", file_,
                               "is it the right file? Files of test pictures have none"});
    for (const bj::value& v : list_of(*root, "categories")) read_category(v);
    for (const bj::value& v : list_of(*root, "images")) read_picture(v);
    for (const bj::value& v : annotations) read_annotation(v);
    return std::move(out_);
  }

 private:
  void refuse(std::string place, std::string what, std::string remedy) {
    out_.problems.push_back({Errc::invalid, std::move(what), fmt::format("{}: {}", file_, place), std::move(remedy)});
  }

  void read_category(const bj::value& v) {
    const bj::object* o = v.if_object();
    const std::string place = fmt::format("categories[{}]", category_count_++);
    const auto id = o != nullptr ? id_of(*o, "id") : std::nullopt;
    const std::string name = o != nullptr ? text_of(*o, "name") : "";
    if (!id || name.empty()) return refuse(place, "has no 'id' and 'name'", "give it both");
    if (!categories_.emplace(*id, name).second)
      return refuse(place, fmt::format("another category has the id {} too", printable(*id)),
                    "give every category an id of its own");
    if (std::find(out_.labels.begin(), out_.labels.end(), name) == out_.labels.end()) out_.labels.push_back(name);
    if (!out_.keypoints.empty()) return;
    for (const bj::value& point : list_of(*o, "keypoints"))
      if (point.is_string()) out_.keypoints.emplace_back(point.get_string());
  }

  void read_picture(const bj::value& v) {
    const bj::object* o = v.if_object();
    const std::string place = fmt::format("images[{}]", picture_count_++);
    const auto id = o != nullptr ? id_of(*o, "id") : std::nullopt;
    std::string name = o != nullptr ? text_of(*o, "file_name") : "";
    if (!id || name.empty()) return refuse(place, "has no 'id' and 'file_name'", "give it both");
    if (!pictures_.emplace(*id, out_.pictures.size()).second)
      return refuse(fmt::format("picture '{}'", printable(name)),
                    fmt::format("another picture has the id {} too", printable(*id)),
                    "give every picture an id of its own");
    ListedPicture picture{std::move(name), {}, {}, attributes_of(*o)};
    const auto width = number_of(o->if_contains("width")), height = number_of(o->if_contains("height"));
    if (width && height && *width >= 1 && *height >= 1 && *width <= kMostPixels && *height <= kMostPixels)
      picture.size = {static_cast<int>(*width), static_cast<int>(*height)};
    out_.pictures.push_back(std::move(picture));
  }

  void read_annotation(const bj::value& v) {
    const bj::object* o = v.if_object();
    std::string place = fmt::format("annotations[{}]", annotation_count_++);
    if (o == nullptr) return refuse(place, "is no object", "remove it");
    if (const auto id = id_of(*o, "id")) place = fmt::format("annotation {}", printable(*id));
    const auto picture_id = id_of(*o, "image_id");
    const auto picture = picture_id ? pictures_.find(*picture_id) : pictures_.end();
    if (picture == pictures_.end())
      return refuse(
          place,
          fmt::format("is for a picture that is not listed: image_id {}", printable(picture_id.value_or("missing"))),
          "add the picture to 'images', or remove the annotation");
    ListedPicture& listed = out_.pictures[picture->second];
    place += fmt::format(" of picture '{}'", printable(listed.name));
    const auto category_id = id_of(*o, "category_id");
    const auto category = category_id ? categories_.find(*category_id) : categories_.end();
    if (category == categories_.end())
      return refuse(
          place,
          fmt::format("has a category that is not listed: category_id {}", printable(category_id.value_or("missing"))),
          "add the category to 'categories', or remove the annotation");
    Label label{category->second, {}, {}, {}, attributes_of(*o)};
    if (!read_place(*o, place, label)) return;
    read_keypoints(*o, place, label);
    const auto crowd = number_of(o->if_contains("iscrowd"));
    if (crowd && *crowd != 0 && find_attribute<bool>(label.attributes, "crowd") == nullptr)
      label.attributes.push_back({"crowd", true});
    listed.labels.push_back(std::move(label));
  }

  /// Box and corners. False: the annotation is of no use.
  bool read_place(const bj::object& o, const std::string& place, Label& label) {
    const bj::array& polygons = list_of(o, "segmentation");
    const auto box = pixels_of(o.if_contains("bbox"));
    const auto outline = o.contains("bbox") ? std::nullopt : around(polygons);
    if (!outline && (!box || box->size() != 4))
      return refuse(place, "'bbox' is not [left, top, width, height] in pixels",
                    "correct it, or remove the annotation"),
             false;
    label.box_px = outline ? *outline : Box{(*box)[0], (*box)[1], (*box)[2], (*box)[3]};
    if (label.box_px.width <= 0 || label.box_px.height <= 0)
      return refuse(place, "the box has no area", "correct it, or remove the annotation"), false;
    if (polygons.size() != 1) return true;
    const auto polygon = pixels_of(&polygons[0]);
    if (!polygon || polygon->size() != 8) return true;
    Quad& quad = label.corners_px.emplace();
    for (std::size_t i = 0; i < 4; ++i) quad.corners[i] = {(*polygon)[2 * i], (*polygon)[2 * i + 1]};
    return true;
  }

  void read_keypoints(const bj::object& o, const std::string& place, Label& label) {
    const bj::value* v = o.if_contains("keypoints");
    if (v == nullptr) return;
    const auto numbers = pixels_of(v);
    if (!numbers || numbers->size() != 3 * out_.keypoints.size())
      return refuse(place, fmt::format("'keypoints' are not x, y, seen of {} points", out_.keypoints.size()),
                    "give every category the names of its 'keypoints', and every annotation all of them");
    for (std::size_t i = 0; i < numbers->size(); i += 3) {
      const float seen = (*numbers)[i + 2];
      label.keypoints.push_back({{(*numbers)[i], (*numbers)[i + 1]}, seen >= 2 ? 2 : seen >= 1 ? 1 : 0});
    }
  }

  std::string file_;
  LabelFile out_;
  std::unordered_map<std::string, std::string> categories_;
  std::unordered_map<std::string, std::size_t> pictures_;
  std::size_t category_count_ = 0, picture_count_ = 0, annotation_count_ = 0;
};

}  // namespace

Result<LabelFile> parse_coco(std::string_view json, std::string_view file) {
  constexpr std::size_t kExcerpt = 30;
  bj::stream_parser parser({}, {.max_depth = kMostDepth});
  bj::error_code error;
  json = without_bom(json);
  const std::size_t read = parser.write_some(json.data(), json.size(), error);
  const std::string_view rest = json.substr(std::min(read, json.size()));
  const bool at_end = trim(rest).empty();
  if (!error && at_end) parser.finish(error);
  if (error || !at_end) {
    const auto line = 1 + std::count(json.begin(), json.end() - static_cast<std::ptrdiff_t>(rest.size()), '\n');
    std::string what = "not JSON: " + (error ? error.message() : "something follows its end");
    if (!rest.empty()) what += fmt::format(" at '{}'", printable(rest.substr(0, kExcerpt)));
    return fail(Errc::invalid, std::move(what), fmt::format("{}:{}", file, line),
                "the file is damaged or no file of labels");
  }
  return CocoReader(file).read(parser.release());
}

}  // namespace perch::learn
