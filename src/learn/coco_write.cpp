#include <cstdint>
#include <map>

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

constexpr int kPixelDecimals = 2;

void write_attributes(json::Writer& json, const std::vector<Attribute>& attributes) {
  if (attributes.empty()) return;
  json.key("attributes").begin_object();
  for (const Attribute& a : attributes) {
    json.key(a.name);
    if (const bool* flag = std::get_if<bool>(&a.value))
      json.boolean(*flag);
    else if (const double* number = std::get_if<double>(&a.value))
      json.number(*number, 4);
    else
      json.string(std::get<std::string>(a.value));
  }
  json.end_object();
}

void write_keypoints(json::Writer& json, const std::vector<Label::Keypoint>& points) {
  int known = 0;
  json.key("keypoints").begin_array();
  for (const Label::Keypoint& k : points) {
    known += k.seen > 0 ? 1 : 0;
    json.number(k.seen > 0 ? k.at_px.x : 0, kPixelDecimals).number(k.seen > 0 ? k.at_px.y : 0, kPixelDecimals);
    json.integer(k.seen);
  }
  json.end_array().key("num_keypoints").integer(known);
}

void write_label(json::Writer& json, const Label& label, std::int64_t id, std::int64_t image, int category) {
  json.begin_object().key("id").integer(id).key("image_id").integer(image);
  json.key("category_id").integer(category).key("bbox").begin_array();
  for (const float v : {label.box_px.x, label.box_px.y, label.box_px.width, label.box_px.height})
    json.number(v, kPixelDecimals);
  json.end_array().key("area").number(label.box_px.area(), kPixelDecimals);
  const bool* crowd = find_attribute<bool>(label.attributes, "crowd");
  json.key("iscrowd").integer(crowd != nullptr && *crowd ? 1 : 0);
  if (label.corners_px) {
    json.key("segmentation").begin_array().begin_array();
    for (const Point& p : label.corners_px->corners) json.number(p.x, kPixelDecimals).number(p.y, kPixelDecimals);
    json.end_array().end_array();
  }
  if (!label.keypoints.empty()) write_keypoints(json, label.keypoints);
  write_attributes(json, label.attributes);
  json.end_object();
}

std::string categories_text(const LabelFile& file) {
  json::Writer json;
  json.begin_array();
  for (std::size_t i = 0; i < file.labels.size(); ++i) {
    json.begin_object().key("id").integer(static_cast<std::int64_t>(i) + 1).key("name").string(file.labels[i]);
    if (!file.keypoints.empty()) {
      json.key("keypoints").begin_array();
      for (const std::string& point : file.keypoints) json.string(point);
      json.end_array();
    }
    json.end_object();
  }
  return json.end_array().text();
}

}  // namespace

std::string to_coco(const LabelFile& file) {
  std::map<std::string, int> categories;
  for (const std::string& label : file.labels) categories.emplace(label, static_cast<int>(categories.size()) + 1);
  json::Writer images, annotations;
  images.begin_array();
  annotations.begin_array();
  std::int64_t picture_id = 0, label_id = 0;
  for (const ListedPicture& picture : file.pictures) {
    images.begin_object().key("id").integer(++picture_id).key("file_name").string(picture.name);
    images.key("width").integer(picture.size.width).key("height").integer(picture.size.height);
    write_attributes(images, picture.attributes);
    images.end_object();
    for (const Label& label : picture.labels)
      write_label(annotations, label, ++label_id, picture_id, categories.at(label.category));
  }
  images.end_array();
  annotations.end_array();
  return fmt::format("{{\"images\":{},\"annotations\":{},\"categories\":{}}}\n", images.text(), annotations.text(),
                     categories_text(file));
}

}  // namespace perch::learn
