#include "learn/dataset_writer.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::learn {

namespace {

constexpr int kPixelDecimals = 2;
constexpr std::string_view kPictures = "pictures";
constexpr std::string_view kLabels = "labels.json";

void add_attributes(json::Writer& json, const std::vector<Attribute>& attributes) {
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

/// Text as a TOML string; what JSON writes is one.
std::string toml_string(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

std::string toml_list(const std::vector<std::string>& list) {
  std::vector<std::string> parts;
  for (const std::string& text : list) parts.push_back(toml_string(text));
  return "[" + join(parts, ", ") + "]";
}

}  // namespace

DatasetWriter::DatasetWriter(std::filesystem::path folder, DatasetInfo info)
    : folder_(std::move(folder)),
      info_(std::move(info)) {
  for (const std::string& label : info_.labels) categories_.emplace(label, static_cast<int>(categories_.size()) + 1);
  images_.begin_array();
  annotations_.begin_array();
}

Result<DatasetWriter> DatasetWriter::create(const std::filesystem::path& folder, DatasetInfo info) {
  std::error_code error;
  if (std::filesystem::exists(folder / "dataset.toml", error))
    return fail(Errc::exists, "there is a data set already", folder.string(), "name another folder");
  std::filesystem::create_directories(folder / kPictures, error);
  if (error)
    return fail(error == std::errc::permission_denied ? Errc::denied : Errc::io,
                "cannot make the folder: " + error.message(), folder.string());
  return DatasetWriter(folder, std::move(info));
}

void DatasetWriter::add_label(const Label& label, int category) {
  json::Writer& json = annotations_;
  json.begin_object().key("id").integer(++annotation_count_).key("image_id").integer(image_count_);
  json.key("category_id").integer(category).key("bbox").begin_array();
  for (const float v : {label.box_px.x, label.box_px.y, label.box_px.width, label.box_px.height})
    json.number(v, kPixelDecimals);
  json.end_array().key("area").number(label.box_px.area(), kPixelDecimals).key("iscrowd").integer(0);
  if (label.corners_px) {
    json.key("segmentation").begin_array().begin_array();
    for (const Point& p : label.corners_px->corners) json.number(p.x, kPixelDecimals).number(p.y, kPixelDecimals);
    json.end_array().end_array();
  }
  if (!label.keypoints.empty()) {
    int known = 0;
    json.key("keypoints").begin_array();
    for (const Label::Keypoint& k : label.keypoints) {
      known += k.seen > 0 ? 1 : 0;
      json.number(k.seen > 0 ? k.at_px.x : 0, kPixelDecimals).number(k.seen > 0 ? k.at_px.y : 0, kPixelDecimals);
      json.integer(k.seen);
    }
    json.end_array().key("num_keypoints").integer(known);
  }
  add_attributes(json, label.attributes);
  json.end_object();
}

Result<void> DatasetWriter::add(const std::string& name, ByteView picture, int width, int height,
                                const std::vector<Label>& labels, const std::vector<Attribute>& attributes) {
  for (const Label& label : labels)
    if (!categories_.contains(label.category))
      return fail(Errc::invalid, fmt::format("the data set has no label '{}'", printable(label.category, 60)), name,
                  suggest(label.category, info_.labels));
  PERCH_CHECK(write_file(folder_ / kPictures / name, picture));
  images_.begin_object().key("id").integer(++image_count_).key("file_name").string(name);
  images_.key("width").integer(width).key("height").integer(height);
  add_attributes(images_, attributes);
  images_.end_object();
  for (const Label& label : labels) add_label(label, categories_.at(label.category));
  return {};
}

Result<void> DatasetWriter::finish() {
  images_.end_array();
  annotations_.end_array();
  json::Writer categories;
  categories.begin_array();
  for (const std::string& label : info_.labels) {
    categories.begin_object().key("id").integer(categories_.at(label)).key("name").string(label);
    if (!info_.keypoints.empty()) {
      categories.key("keypoints").begin_array();
      for (const std::string& point : info_.keypoints) categories.string(point);
      categories.end_array();
    }
    categories.end_object();
  }
  categories.end_array();
  const std::string labels = fmt::format("{{\"images\":{},\"annotations\":{},\"categories\":{}}}\n", images_.text(),
                                         annotations_.text(), categories.text());
  PERCH_CHECK(write_file(folder_ / kLabels, as_bytes(labels)));
  std::string toml = fmt::format("format = 1\nname = {}\ntask = {}\nlabels = {}\n", toml_string(info_.name),
                                 toml_string(info_.task), toml_list(info_.labels));
  if (!info_.keypoints.empty()) toml += fmt::format("keypoints = {}\n", toml_list(info_.keypoints));
  toml += fmt::format("pictures = {}\nannotations = {}\norigin = {}\n", toml_string(kPictures), toml_string(kLabels),
                      toml_string(info_.origin));
  return write_file(folder_ / "dataset.toml", as_bytes(toml));
}

}  // namespace perch::learn
