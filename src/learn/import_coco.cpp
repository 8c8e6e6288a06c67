#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "learn/dataset_import.hpp"
#include "learn/importer.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

Result<std::vector<fs::path>> json_files(const fs::path& folder) {
  return list_files(folder, [](const fs::path& file) { return file.extension() == ".json"; });
}

/// The folders in a folder that are for a split: for this one, or where that is empty for any.
std::vector<fs::path> split_folders(const fs::path& folder, const std::string& split) {
  std::vector<fs::path> out;
  std::error_code error, unseen;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string named = split_named(entry->path().filename().string());
    const bool fits = split.empty() ? !named.empty() : named == split;
    if (fits && entry->is_directory(unseen)) out.push_back(entry->path());
  }
  std::ranges::sort(out);
  return out;
}

/// The files of labels in a folder: those in `annotations`, or directly in it, or in its folders of splits.
Result<std::vector<fs::path>> coco_files(const fs::path& from) {
  std::error_code error;
  if (!fs::is_directory(from, error)) return std::vector{from};
  const fs::path inner = from / "annotations";
  PERCH_TRY(std::vector<fs::path> out, json_files(fs::is_directory(inner, error) ? inner : from));
  if (out.empty())
    for (const fs::path& folder : split_folders(from, {})) {
      PERCH_TRY(const std::vector<fs::path> below, json_files(folder));
      out.insert(out.end(), below.begin(), below.end());
    }
  if (out.empty())
    return fail(Errc::not_found, "there is no file of labels (.json) in it", from.string(), "name the file itself");
  return out;
}

/// The split that the name of a file of labels, or else of its folder, stands for; empty: none.
std::string split_of(const fs::path& file) {
  std::string split = split_named(file.stem().string());
  return split.empty() ? split_named(file.parent_path().filename().string()) : split;
}

/// Where the pictures of a file of labels may be, the likeliest first: in the folder of its split, in `images`, beside
/// it.
std::vector<fs::path> coco_pictures(const ImportJob& job, const fs::path& file) {
  if (!job.pictures.empty()) return {job.pictures};
  const std::string split = split_of(file);
  std::vector<fs::path> out;
  const auto add_split = [&](const fs::path& folder) {
    if (split.empty()) return;
    const std::vector<fs::path> folders = split_folders(folder, split);
    out.insert(out.end(), folders.begin(), folders.end());
  };
  for (const fs::path& base : {file.parent_path(), file.parent_path().parent_path()}) {
    add_split(base / "images");
    if (std::error_code error; fs::is_directory(base / "images", error)) out.push_back(base / "images");
  }
  out.push_back(file.parent_path());
  add_split(file.parent_path().parent_path());
  return out;
}

/// The picture's file; nothing where there is none. Tools of Windows write `\` between folders.
std::optional<fs::path> find_picture(const std::vector<fs::path>& folders, const std::string& name) {
  std::string with_slashes = name;
  std::ranges::replace(with_slashes, '\\', '/');
  std::error_code error;
  for (const std::string& below : {name, with_slashes})
    for (const fs::path& folder : folders)
      if (fs::path file = folder / below; fs::exists(fs::symlink_status(file, error))) return file;
  return std::nullopt;
}

/// Collects what the files of labels list.
class Reader {
 public:
  explicit Reader(const ImportJob& job) : job_(job) {}

  /// Errors: those of reading and of `parse_coco`; exists (a picture that an earlier file lists, too).
  Result<void> read(const fs::path& list, bool with_split) {
    PERCH_TRY(const Bytes json, read_file(list));
    PERCH_TRY(LabelFile listed, parse_coco(as_text(json), list.string()));
    const std::string split = with_split ? split_of(list) : std::string();
    const std::vector<fs::path> folders = coco_pictures(job_, list);
    for (std::string& label : listed.labels)
      if (std::find(info.labels.begin(), info.labels.end(), label) == info.labels.end())
        info.labels.push_back(std::move(label));
    if (!listed.keypoints.empty()) info.keypoints = std::move(listed.keypoints), info.task = "pose";
    problems.insert(problems.end(), listed.problems.begin(), listed.problems.end());
    for (ListedPicture& p : listed.pictures) {
      if (is_left_out(p.name, job_.leave_out)) continue;
      if (!split.empty() && find_attribute<std::string>(p.attributes, "split") == nullptr)
        p.attributes.push_back({"split", split});
      const std::optional<fs::path> file = find_picture(folders, p.name);
      if (file) PERCH_CHECK(expect_new(p.name, *file, list));
      pictures.push_back(
          {file.value_or(folders.front() / p.name), p.name, p.size, std::move(p.labels), std::move(p.attributes)});
    }
    return {};
  }

  DatasetInfo info{{}, "detect", {}, {}, {}};
  std::vector<Incoming> pictures;
  std::vector<Error> problems;

 private:
  Result<void> expect_new(const std::string& name, const fs::path& file, const fs::path& list) {
    const auto [at, is_new] = lists_.emplace(file.lexically_normal().string(), list);
    if (is_new || at->second == list) return {};
    return fail(Errc::exists,
                fmt::format("the picture '{}' is listed in {} too", printable(name), at->second.filename().string()),
                list.string(), "name the one file of labels that you want");
  }

  const ImportJob& job_;
  std::map<std::string, fs::path> lists_;
};

}  // namespace

Result<Imported> import_coco(const ImportJob& job, const LoadProgress& progress) {
  if (std::error_code error; !job.pictures.empty() && !fs::is_directory(job.pictures, error))
    return fail(Errc::not_found, "there is no such folder of pictures", job.pictures.string(), "check --pictures");
  PERCH_TRY(const std::vector<fs::path> files, coco_files(job.from));
  Reader reader(job);
  for (const fs::path& file : files) PERCH_CHECK(reader.read(file, files.size() > 1));
  PERCH_TRY(Importer importer, Importer::create(job, std::move(reader.info), progress));
  importer.note(std::move(reader.problems));
  for (std::size_t i = 0; i < reader.pictures.size(); ++i) {
    PERCH_CHECK(importer.advance(i, reader.pictures.size()));
    PERCH_CHECK(importer.take_over(reader.pictures[i]));
  }
  Result<Imported> done = importer.finish(job);
  if (!done && done.error().code == Errc::invalid && job.pictures.empty()) {
    Error error = std::move(done).error();
    error.remedy = "name the folder of the pictures with --pictures; " + error.remedy;
    return fail(std::move(error));
  }
  return done;
}

}  // namespace perch::learn
