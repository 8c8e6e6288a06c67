#include "learn/dataset_export.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "image/codec.hpp"
#include "learn/label_file.hpp"
#include "learn/yolo.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

/// As the other tools call it.
std::string folder_of(Split split) {
  return split == Split::validation ? "val" : std::string(name(split));
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return {};
  return fail(error == std::errc::permission_denied ? Errc::denied : Errc::io,
              "cannot make the folder: " + error.message(), path.string());
}

Result<void> want_empty(const fs::path& to) {
  std::error_code error;
  if (fs::exists(to, error) && !fs::is_empty(to, error))
    return fail(Errc::exists, "there is something already", to.string(), "name another folder");
  return make_folder(to);
}

/// A picture that says how it is to be turned, turned, for not every tool looks at that; others as they are.
Result<Bytes> upright(Bytes bytes) {
  constexpr int kQuality = 95;
  image::PictureDecoder decoder;
  const auto info = decoder.probe(bytes);
  if (!info || info->orientation == image::Orientation::upright) return bytes;
  image::Picture picture;
  if (!decoder.decode(bytes, picture)) return bytes;
  return info->format == image::Format::png ? image::encode_png(picture.view())
                                            : image::encode_jpeg(picture.view(), kQuality);
}

Result<void> copy(const Sample& sample, const fs::path& to) {
  PERCH_CHECK(make_folder(to.parent_path()));
  PERCH_TRY(Bytes bytes, read_file(sample.path));
  PERCH_TRY(bytes, upright(std::move(bytes)));
  return write_file(to, bytes);
}

Result<void> write_text(const fs::path& to, const std::string& text) {
  PERCH_CHECK(make_folder(to.parent_path()));
  return write_file(to, as_bytes(text));
}

/// Calls `each` with every picture, telling how far it is. Errors: canceled, and those of `each`.
template <class F>
Result<Exported> for_each(const Dataset& set, const LoadProgress& progress, F each) {
  Exported done;
  for (const Sample& sample : set.samples()) {
    if (progress && !progress(done.pictures, set.samples().size()))
      return fail(Errc::canceled, "stopped", {}, "remove what was written and export again");
    PERCH_CHECK(each(sample));
    ++done.pictures;
  }
  return done;
}

/// What of a data set a form cannot say, for people: temperatures, and attributes and corners where it has none.
std::string lost_of(const Dataset& set, bool attributes, bool corners) {
  std::vector<std::string> names, lost;
  std::size_t grids = 0, planes = 0;
  const auto add = [&](const std::vector<Attribute>& list) {
    for (const Attribute& attribute : list)
      if (attribute.name != "split" && std::find(names.begin(), names.end(), attribute.name) == names.end())
        names.push_back(attribute.name);
  };
  for (const Sample& sample : set.samples()) {
    grids += sample.grid.empty() ? 0 : 1;
    add(sample.attributes);
    for (const Label& label : sample.labels) {
      planes += label.corners_px ? 1 : 0;
      add(label.attributes);
    }
  }
  if (attributes && !names.empty()) lost.push_back("attributes are left out: " + join(names, ", "));
  if (corners && planes > 0)
    lost.push_back(fmt::format("the corners of {} labels are left out, not their boxes", planes));
  if (grids > 0) lost.push_back(fmt::format("the temperatures (.raw) of {} pictures are left out", grids));
  return join(lost, "; ");
}

/// Whether a class's folder can be called so, and is then looked at.
bool is_folder_name(std::string_view label) {
  constexpr std::size_t kMostBytes = 255;
  return !label.empty() && label.front() != '.' && label.size() <= kMostBytes &&
         label.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

/// The only label of a picture. Errors: invalid.
Result<std::string> class_of(const Sample& sample) {
  std::string found;
  for (const Label& label : sample.labels) {
    if (!found.empty() && label.category != found)
      return fail(Errc::invalid,
                  fmt::format("shows '{}' and '{}', and has only one folder to go to", found, label.category),
                  fmt::format("picture '{}'", printable(sample.name, 80)), "export as coco or yolo");
    found = label.category;
  }
  if (found.empty())
    return fail(Errc::invalid, "has no label, so no folder to go to",
                fmt::format("picture '{}'", printable(sample.name, 80)), "label it, or export as coco or yolo");
  if (!is_folder_name(found))
    return fail(Errc::invalid, fmt::format("its label '{}' cannot be the name of a folder", printable(found, 60)),
                fmt::format("picture '{}'", printable(sample.name, 80)),
                "rename the label in dataset.toml and labels.json, or export as coco or yolo");
  return found;
}

}  // namespace

Result<Exported> export_coco(const Dataset& set, const fs::path& to, const LoadProgress& progress) {
  PERCH_CHECK(want_empty(to));
  std::map<Split, LabelFile> files;
  PERCH_TRY(Exported done, for_each(set, progress, [&](const Sample& sample) {
              LabelFile& file = files[sample.split];
              file.pictures.push_back({sample.name, sample.size, sample.labels, sample.attributes});
              return copy(sample, to / "images" / folder_of(sample.split) / sample.name);
            }));
  done.lost = lost_of(set, false, false);
  for (auto& [split, file] : files) {
    file.labels = set.info().labels;
    file.keypoints = set.info().keypoints;
    PERCH_CHECK(write_text(to / "annotations" / fmt::format("instances_{}.json", folder_of(split)), to_coco(file)));
  }
  return done;
}

Result<Exported> export_yolo(const Dataset& set, const fs::path& to, const LoadProgress& progress) {
  PERCH_CHECK(want_empty(to));
  YoloData data;
  data.names = set.info().labels;
  data.keypoints = static_cast<int>(set.info().keypoints.size());
  std::set<fs::path> texts;
  PERCH_TRY(Exported done, for_each(set, progress, [&](const Sample& sample) -> Result<void> {
              const std::string split = folder_of(sample.split);
              data.folders[static_cast<std::size_t>(sample.split)] = "images/" + split;
              fs::path name = sample.name;  // `a.jpg` and `a.png` would have the same text
              for (int i = 2; !texts.insert(split / fs::path(name).replace_extension(".txt")).second; ++i)
                name = name.parent_path() / fmt::format("{}-{}", i, fs::path(sample.name).filename().string());
              PERCH_CHECK(write_text(to / "labels" / split / fs::path(name).replace_extension(".txt"),
                                     to_yolo(sample.labels, sample.size, data)));
              return copy(sample, to / "images" / split / name);
            }));
  PERCH_CHECK(write_text(to / "data.yaml", to_yaml(data)));
  done.lost = lost_of(set, true, true);
  return done;
}

Result<Exported> export_classes(const Dataset& set, const fs::path& to, const LoadProgress& progress) {
  for (const Sample& sample : set.samples()) PERCH_CHECK(class_of(sample));
  PERCH_CHECK(want_empty(to));
  PERCH_TRY(Exported done, for_each(set, progress, [&](const Sample& sample) -> Result<void> {
              PERCH_TRY(const std::string label, class_of(sample));
              return copy(sample, to / folder_of(sample.split) / label / sample.name);
            }));
  done.lost = lost_of(set, true, false);
  return done;
}

}  // namespace perch::learn
