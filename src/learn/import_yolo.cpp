#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/dataset_import.hpp"
#include "learn/importer.hpp"
#include "learn/yolo.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

/// Where a YOLO picture's labels are: `images` in its path becomes `labels`.
fs::path yolo_text_of(const fs::path& picture) {
  fs::path out;
  bool replaced = false;
  std::vector<fs::path> parts(picture.begin(), picture.end());
  for (std::size_t i = parts.size(); i-- > 0;)
    if (!replaced && parts[i] == "images") parts[i] = "labels", replaced = true;
  for (const fs::path& part : parts) out /= part;
  return out.replace_extension(".txt");
}

Result<YoloData> yolo_data_of(const fs::path& from, fs::path& base) {
  std::error_code error;
  fs::path yaml = from;
  base = from.parent_path();
  if (fs::is_directory(from, error)) {
    base = from;
    yaml = from / "data.yaml";
    for (const char* name : {"classes.txt", "obj.names"})
      if (const fs::path classes = from / name; !fs::exists(yaml, error) && fs::exists(classes, error)) {
        PERCH_TRY(const Bytes text, read_file(classes));
        YoloData data;
        for (const std::string& line : split(as_text(text), '\n'))
          if (!trim(line).empty()) data.names.emplace_back(trim(line));
        if (data.names.empty()) return fail(Errc::invalid, "there are no classes in it", classes.string());
        return data;
      }
  }
  Result<Bytes> text = read_file(yaml);
  if (!text)
    return fail(text.error().code, "no YOLO data set: " + text.error().what, yaml.string(),
                "name the data.yaml, or a folder with data.yaml or classes.txt");
  PERCH_TRY(YoloData data, parse_yolo_data(as_text(*text), yaml.string()));
  if (!data.path.empty() && fs::is_directory(base / data.path, error)) base /= data.path;
  return data;
}

/// Texts without a picture, so that no label is lost in silence.
void note_lonely_texts(const fs::path& folder, std::vector<Error>& problems) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    const fs::path& text = entry.path();
    if (text.extension() != ".txt" || text.filename() == "classes.txt") continue;
    fs::path picture;
    for (const fs::path& part : text) picture /= part == "labels" ? fs::path("images") : part;
    bool found = false;
    for (const char* extension : {".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"})
      found = found || fs::exists(fs::path(picture).replace_extension(extension), error);
    if (!found)
      problems.push_back({Errc::not_found, "there is no picture for these labels", text.string(),
                          "add the picture, or remove the file"});
  }
}

}  // namespace

Result<Imported> import_yolo(const ImportJob& job, const LoadProgress& progress) {
  fs::path base;
  PERCH_TRY(const YoloData data, yolo_data_of(job.from, base));
  DatasetInfo info{{}, data.keypoints > 0 ? "pose" : "detect", data.names, {}, {}};
  for (int i = 0; i < data.keypoints; ++i) info.keypoints.push_back(fmt::format("point{}", i));
  PERCH_TRY(Importer importer, Importer::create(job, info, progress));
  std::vector<std::pair<std::string, std::string>> folders;  // below the base, with its split
  for (std::size_t i = 0; i < kSplits.size(); ++i)
    if (!data.folders[i].empty()) folders.emplace_back(data.folders[i], name(kSplits[i]));
  if (folders.empty()) folders.emplace_back("", "");
  std::vector<Error> lonely;
  note_lonely_texts(base, lonely);
  importer.note(std::move(lonely));
  for (const auto& [below, split] : folders) {
    PERCH_TRY(const std::vector<fs::path> files, pictures_below(base / below, job.leave_out));
    for (std::size_t i = 0; i < files.size(); ++i) {
      PERCH_CHECK(importer.advance(i, files.size()));
      const fs::path file = base / below / files[i];
      const image::Size size = importer.read(file, files[i].string());
      if (size == image::Size{}) continue;
      Incoming picture{file, (fs::path(below).filename() / files[i]).string(), {}, {}, {}};
      if (!split.empty()) picture.attributes.push_back({"split", split});
      if (const Result<Bytes> text = read_file(yolo_text_of(file)); text) {
        YoloLabels labels = parse_yolo_labels(as_text(*text), yolo_text_of(file).string(), size, data);
        picture.labels = std::move(labels.labels);
        importer.note(std::move(labels.problems));
      }
      PERCH_CHECK(importer.add(picture, size));
    }
  }
  return importer.finish(job);
}

}  // namespace perch::learn
