#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "learn/dataset_import.hpp"
#include "learn/importer.hpp"
#include "learn/label_file.hpp"
#include "learn/yolo.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

/// The path with the last of its folders that is called `from` called `to` instead.
fs::path with_folder(const fs::path& path, std::string_view from, std::string_view to) {
  std::vector<fs::path> parts(path.begin(), path.end());
  const auto last = std::find(parts.rbegin(), parts.rend(), fs::path(from));
  if (last == parts.rend()) return path;
  *last = to;
  fs::path out;
  for (const fs::path& part : parts) out /= part;
  return out;
}

/// Where a picture's labels are: in `labels` where it is in `images`, or beside it. Empty: it has none.
fs::path yolo_text_of(const fs::path& picture) {
  std::error_code error;
  for (fs::path text : {with_folder(picture, "images", "labels"), picture})
    if (fs::exists(text.replace_extension(".txt"), error)) return text;
  return {};
}

bool has_picture(const fs::path& text) {
  std::error_code error;
  for (fs::path picture : {with_folder(text, "labels", "images"), text})
    for (const char* extension : {".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"})
      if (fs::exists(picture.replace_extension(extension), error)) return true;
  return false;
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
        for (const std::string& line : split(without_bom(as_text(text)), '\n'))
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

/// Labels without a picture, so that none is lost in silence.
void note_lonely_texts(const fs::path& folder, Importer& importer) {
  const auto is_text = [](const fs::path& file) {
    return file.extension() == ".txt" && file.filename() != "classes.txt";
  };
  FolderFiles texts = find_files(folder, is_text, Depth::deep);
  importer.note(std::move(texts.unread));
  for (const fs::path& text : texts.files) {
    if (has_picture(text)) continue;
    const Result<Bytes> bytes = read_file(text);
    if (!bytes)
      importer.note(bytes.error());
    else if (looks_like_yolo_labels(as_text(*bytes)))
      importer.note({Errc::not_found, "there is no picture for these labels", text.string(),
                     "add the picture (JPEG or PNG), or remove the file"});
  }
}

/// A folder of pictures, and the split that it is for; empty: none.
struct SplitFolder {
  fs::path path;
  std::string split;
};

/// The folder that `data.yaml` names, also where `../train/images` means one beside the file, as Roboflow writes it.
Result<fs::path> named_folder(const fs::path& base, const std::string& below) {
  constexpr std::string_view kUp = "../";
  std::error_code error;
  fs::path path = base / below;
  if (fs::is_directory(path, error)) return path;
  if (below.starts_with(kUp))
    if (fs::path beside = base / below.substr(kUp.size()); fs::is_directory(beside, error)) return beside;
  if (fs::exists(path, error))
    return fail(Errc::unsupported, "is no folder, and lists of pictures are not read", path.string(),
                "name the folder of the pictures in data.yaml");
  return fail(Errc::not_found, "data.yaml names this folder, and there is no such", path.string(),
              "correct the line in data.yaml, or remove it");
}

Result<std::vector<SplitFolder>> folders_of(const YoloData& data, const fs::path& base, std::vector<Error>& problems) {
  std::vector<SplitFolder> out;
  for (std::size_t i = 0; i < kSplits.size(); ++i) {
    if (data.folders[i].empty()) continue;
    PERCH_TRY(fs::path path, named_folder(base, data.folders[i]));
    std::error_code error;
    const auto same =
        std::ranges::find_if(out, [&](const SplitFolder& seen) { return fs::equivalent(seen.path, path, error); });
    if (same == out.end()) {
      out.push_back({std::move(path), std::string(name(kSplits[i]))});
      continue;
    }
    problems.push_back({Errc::invalid, "data.yaml names the same folder for two splits", path.string(),
                        "its pictures are taken once, and divided into splits anew"});
    same->split.clear();
  }
  if (out.empty()) out.push_back({base, {}});
  return out;
}

/// The labels of a picture of that size; what cannot be used is noted.
std::vector<Label> labels_of(const fs::path& picture, image::Size size, const YoloData& data, Importer& importer) {
  const fs::path text = yolo_text_of(picture);
  if (text.empty()) return {};
  const Result<Bytes> bytes = read_file(text);
  if (!bytes) {
    importer.note(bytes.error());
    return {};
  }
  YoloLabels labels = parse_yolo_labels(as_text(*bytes), text.string(), size, data);
  importer.note(std::move(labels.problems));
  return std::move(labels.labels);
}

}  // namespace

Result<Imported> import_yolo(const ImportJob& job, const LoadProgress& progress) {
  fs::path base;
  PERCH_TRY(const YoloData data, yolo_data_of(job.from, base));
  DatasetInfo info{{}, data.keypoints > 0 ? "pose" : "detect", data.names, {}, {}};
  for (int i = 0; i < data.keypoints; ++i) info.keypoints.push_back(fmt::format("point{}", i));
  std::vector<Error> problems;
  PERCH_TRY(const std::vector<SplitFolder> folders, folders_of(data, base, problems));
  PERCH_TRY(Importer importer, Importer::create(job, info, progress));
  importer.note(std::move(problems));
  note_lonely_texts(base, importer);
  for (const auto& [folder, split] : folders) {
    PERCH_TRY(FoundPictures found, pictures_below(folder, job.leave_out));
    importer.note(std::move(found.problems));
    for (std::size_t i = 0; i < found.files.size(); ++i) {
      PERCH_CHECK(importer.advance(i, found.files.size()));
      const fs::path file = folder / found.files[i];
      const image::Size size = importer.read(file, found.files[i].string());
      if (size == image::Size{}) continue;
      const std::string name = folder == base ? found.files[i].string() : (folder.filename() / found.files[i]).string();
      Incoming picture{file, name, {}, labels_of(file, size, data, importer), {}};
      if (!split.empty()) picture.attributes.push_back({"split", split});
      PERCH_CHECK(importer.add(std::move(picture), size));
    }
  }
  importer.note_if_unlabelled("a picture's labels are the text beside it, or in 'labels' where it is in 'images'");
  return importer.finish(job);
}

}  // namespace perch::learn
