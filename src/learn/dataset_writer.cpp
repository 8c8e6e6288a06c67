#include "learn/dataset_writer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "learn/dataset_file.hpp"

namespace perch::learn {

DatasetWriter::DatasetWriter(std::filesystem::path folder, DatasetInfo info)
    : folder_(std::move(folder)),
      info_(std::move(info)) {
  listed_.labels = info_.labels;
  listed_.keypoints = info_.keypoints;
}

Result<DatasetWriter> DatasetWriter::create(const std::filesystem::path& folder, DatasetInfo info) {
  std::error_code error;
  if (std::filesystem::exists(folder / kDatasetFile, error))
    return fail(Errc::exists, "there is a data set already", folder.string(), "name another folder");
  if (const auto labels = folder / DatasetFile{}.annotations; std::filesystem::exists(labels, error))
    return fail(Errc::exists, "there is a file of labels already, which would be written over", labels.string(),
                "name another folder, or move it away");
  std::filesystem::create_directories(folder / DatasetFile{}.pictures, error);
  if (error)
    return fail(error == std::errc::permission_denied ? Errc::denied : Errc::io,
                "cannot make the folder: " + error.message(), folder.string());
  return DatasetWriter(folder, std::move(info));
}

Result<void> DatasetWriter::add(const std::string& name, ByteView picture, int width, int height,
                                const std::vector<Label>& labels, const std::vector<Attribute>& attributes) {
  for (const Label& label : labels)
    if (std::find(info_.labels.begin(), info_.labels.end(), label.category) == info_.labels.end())
      return fail(Errc::invalid, fmt::format("the data set has no label '{}'", printable(label.category, 60)), name,
                  suggest(label.category, info_.labels));
  PERCH_CHECK(write_file_unsynced(folder_ / DatasetFile{}.pictures / name, picture));
  listed_.pictures.push_back({name, {width, height}, labels, attributes});
  return {};
}

Result<void> DatasetWriter::finish() {
  const DatasetFile places;
  PERCH_CHECK(sync_file_system(folder_));  // the pictures, before `dataset.toml` says that they are there
  const std::filesystem::path labels = folder_ / places.annotations;
  PERCH_CHECK(write_file(labels, as_bytes(to_coco(listed_))));
  Result<void> whole =
      write_file(folder_ / kDatasetFile, as_bytes(to_toml({info_, places.pictures, places.annotations})));
  std::error_code ignored;
  if (!whole) std::filesystem::remove(labels, ignored);  // so that it can be written again
  return whole;
}

}  // namespace perch::learn
