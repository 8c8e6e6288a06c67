#include <algorithm>
#include <utility>

#include "learn/dataset_import.hpp"
#include "learn/importer.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

/// The files of labels in a folder: those directly in it, or in `annotations`.
Result<std::vector<fs::path>> coco_files(const fs::path& from) {
  std::error_code error;
  if (!fs::is_directory(from, error)) return std::vector{from};
  std::vector<fs::path> out;
  const fs::path inner = fs::is_directory(from / "annotations", error) ? from / "annotations" : from;
  for (const auto& entry : fs::directory_iterator(inner, error))
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  if (out.empty())
    return fail(Errc::not_found, "there is no file of labels (.json) in it", from.string(), "name the file itself");
  return out;
}

/// Where the pictures of a file of labels are: in the folder of its split below `images`, in `images`, or beside it.
fs::path coco_pictures(const ImportJob& job, const fs::path& file, const std::string& split) {
  if (!job.pictures.empty()) return job.pictures;
  std::error_code error;
  for (const fs::path& base : {file.parent_path(), file.parent_path().parent_path()}) {
    fs::path images = base / "images";
    if (!fs::is_directory(images, error)) continue;
    for (const auto& entry : fs::directory_iterator(images, error))
      if (!split.empty() && entry.is_directory(error) && split_named(entry.path().filename().string()) == split)
        return entry.path();
    return images;
  }
  return file.parent_path();
}

}  // namespace

Result<Imported> import_coco(const ImportJob& job, const LoadProgress& progress) {
  PERCH_TRY(const std::vector<fs::path> files, coco_files(job.from));
  DatasetInfo info{{}, "detect", {}, {}, {}};
  std::vector<Incoming> pictures;
  std::vector<Error> problems;
  for (const fs::path& file : files) {
    PERCH_TRY(const Bytes json, read_file(file));
    PERCH_TRY(LabelFile listed, parse_coco(as_text(json), file.string()));
    const std::string split = files.size() > 1 ? split_named(file.stem().string()) : std::string();
    const fs::path folder = coco_pictures(job, file, split);
    for (std::string& label : listed.labels)
      if (std::find(info.labels.begin(), info.labels.end(), label) == info.labels.end())
        info.labels.push_back(std::move(label));
    if (!listed.keypoints.empty()) info.keypoints = std::move(listed.keypoints), info.task = "pose";
    problems.insert(problems.end(), listed.problems.begin(), listed.problems.end());
    for (ListedPicture& p : listed.pictures) {
      if (is_left_out(p.name, job.leave_out)) continue;
      if (!split.empty() && find_attribute<std::string>(p.attributes, "split") == nullptr)
        p.attributes.push_back({"split", split});
      pictures.push_back({folder / p.name, p.name, p.size, std::move(p.labels), std::move(p.attributes)});
    }
  }
  PERCH_TRY(Importer importer, Importer::create(job, std::move(info), progress));
  importer.note(std::move(problems));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    PERCH_CHECK(importer.advance(i, pictures.size()));
    PERCH_CHECK(importer.take_over(pictures[i]));
  }
  return importer.finish(job);
}

}  // namespace perch::learn
