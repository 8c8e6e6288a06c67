#include "learn/dataset_file.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "config/field.hpp"

namespace perch::learn {

namespace {

constexpr int kFormat = 1;

/// The file as its keys stand in it.
struct Written {
  int format = 0;
  std::string name, task;
  std::vector<std::string> labels, keypoints;
  std::string pictures = "pictures";
  std::string annotations = "labels.json";
  std::string origin;
};

constexpr auto kFields = config::fields<Written>(
    config::field("format", &Written::format).required().at_least(1).help("version of this form"),
    config::field("name", &Written::name).required().help("of the data set"),
    config::field("task", &Written::task).required().help("what the labels are"),
    config::field("labels", &Written::labels).required().help("in the order of a model's outputs"),
    config::field("keypoints", &Written::keypoints).help("names of a body's points"),
    config::field("pictures", &Written::pictures).help("the folder with the pictures"),
    config::field("annotations", &Written::annotations).help("the file with the labels"),
    config::field("origin", &Written::origin).help("where it comes from"));

bool leads_out(const std::string& path) {
  const std::filesystem::path p(path);
  return p.is_absolute() || std::find(p.begin(), p.end(), "..") != p.end();
}

void check(const Written& written, std::string_view file, config::Diagnostics& diagnostics) {
  const std::vector<std::string> tasks(std::begin(kDatasetTasks), std::end(kDatasetTasks));
  const auto refuse = [&](std::string key, std::string reason, std::string remedy) {
    diagnostics.add({std::string(file), 0, 0, std::move(key), std::move(reason), std::move(remedy)});
  };
  if (std::find(tasks.begin(), tasks.end(), written.task) == tasks.end())
    refuse("task", fmt::format("'{}' is no task", printable(written.task, 40)), suggest(written.task, tasks));
  std::vector<std::string> sorted = written.labels;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    refuse("labels", fmt::format("'{}' stands there twice", printable(*twice, 60)), "remove one");
  if (leads_out(written.pictures) || leads_out(written.annotations))
    refuse(leads_out(written.pictures) ? "pictures" : "annotations", "leads out of the data set's folder",
           "write a path below it");
}

std::string toml_of(const std::vector<std::string>& list) {
  return config::to_toml(config::Node{config::Array(list.begin(), list.end())});
}

std::string toml_of(const std::string& text) {
  return config::to_toml(config::Node{text});
}

}  // namespace

Result<DatasetFile> parse_dataset_file(std::string_view toml, std::string_view file) {
  config::Diagnostics diagnostics;
  const config::Node node = config::parse_toml(toml, file, diagnostics);
  Written written;
  if (diagnostics.ok()) kFields.read(node, "", diagnostics, written);
  if (diagnostics.ok()) check(written, file, diagnostics);
  if (!diagnostics.ok()) return fail(diagnostics.to_error());
  if (written.format > kFormat)
    return fail(Errc::unsupported, fmt::format("is of format {}, and this program reads {}", written.format, kFormat),
                std::string(file), "use a newer Perch");
  return DatasetFile{{std::move(written.name), std::move(written.task), std::move(written.labels),
                      std::move(written.keypoints), std::move(written.origin)},
                     std::move(written.pictures),
                     std::move(written.annotations)};
}

Result<DatasetFile> read_dataset_file(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kDatasetFile;
  Result<Bytes> toml = read_file(path);
  if (!toml && toml.error().code == Errc::not_found)
    return fail(Errc::not_found, fmt::format("no data set: there is no {}", kDatasetFile), folder.string(),
                "perch dataset import makes one of pictures with labels, perch scene --dataset of a scene");
  if (!toml) return fail(std::move(toml).error());
  return parse_dataset_file(as_text(*toml), path.string());
}

std::string to_toml(const DatasetFile& file) {
  const DatasetInfo& info = file.info;
  std::string toml = fmt::format("format = {}\nname = {}\ntask = {}\nlabels = {}\n", kFormat, toml_of(info.name),
                                 toml_of(info.task), toml_of(info.labels));
  if (!info.keypoints.empty()) toml += fmt::format("keypoints = {}\n", toml_of(info.keypoints));
  return toml + fmt::format("pictures = {}\nannotations = {}\norigin = {}\n", toml_of(file.pictures),
                            toml_of(file.annotations), toml_of(info.origin));
}

}  // namespace perch::learn
