// Files of labels from elsewhere: what is accepted must come out the same when it is written and read again. The first
// byte chooses the form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "learn/dataset_file.hpp"
#include "learn/label_file.hpp"
#include "learn/yolo.hpp"

namespace {

using namespace perch;

void coco(std::string_view text) {
  const auto file = learn::parse_coco(text, "fuzz.json");
  if (!file) return;
  const auto again = learn::parse_coco(learn::to_coco(*file), "written.json");
  if (!again || again->pictures.size() != file->pictures.size() || again->labels != file->labels) std::abort();
}

void yolo(std::string_view text) {
  const learn::YoloData data{"", {}, {"a", "b"}, 1, 3};
  const auto seen = learn::parse_yolo_labels(text, "fuzz.txt", {640, 480}, data);
  for (const learn::Label& label : seen.labels)
    if (!(label.box_px.width > 0 && label.box_px.height > 0)) std::abort();
  static_cast<void>(learn::to_yolo(seen.labels, {640, 480}, data));
}

void data_yaml(std::string_view text) {
  const auto data = learn::parse_yolo_data(text, "fuzz.yaml");
  if (!data && data.error().message().empty()) std::abort();
  if (!data) return;
  static_cast<void>(learn::to_yaml(*data));
  const auto again = learn::parse_yolo_data(learn::to_yaml({"", {}, data->names, data->keypoints, 3}), "written.yaml");
  if (!again || again->names != data->names) std::abort();
}

void dataset_toml(std::string_view text) {
  const auto file = learn::parse_dataset_file(text, "fuzz.toml");
  if (!file) return;
  const std::string written = learn::to_toml(*file);
  const auto again = learn::parse_dataset_file(written, "written.toml");
  if (!again || learn::to_toml(*again) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 4) {
    case 0:
      coco(text);
      break;
    case 1:
      yolo(text);
      break;
    case 2:
      data_yaml(text);
      break;
    default:
      dataset_toml(text);
  }
  return 0;
}
