#include <cstdlib>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/dataset_import.hpp"
#include "learn/importer.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = utf8_length(text, i);
    if (bytes == 0) return false;
    i += bytes;
  }
  return true;
}

}  // namespace

Result<Imported> import_classes(const ImportJob& job, const LoadProgress& progress) {
  PERCH_TRY(FoundPictures found, pictures_below(job.from, job.leave_out));
  const std::vector<fs::path>& files = found.files;
  std::set<std::string> labels;
  std::vector<Error> problems = std::move(found.problems);
  std::vector<Incoming> pictures;
  for (const fs::path& file : files) {
    std::vector<fs::path> parts(file.begin(), file.end());
    const std::string split = parts.size() > 2 ? split_named(parts[0].string()) : std::string();
    if (parts.size() < 2) {
      problems.push_back({Errc::invalid, "lies in no class's folder", fmt::format("picture '{}'", file.string()),
                          "move it into the folder of its class"});
      continue;
    }
    Incoming picture{job.from / file, file.string(), {}, {}, {}};
    const std::string label = parts[split.empty() ? 0 : 1].string();
    if (!is_utf8(label)) {
      problems.push_back({Errc::invalid, "the name of its class's folder is no UTF-8",
                          fmt::format("picture '{}'", printable(file.string())), "rename the folder"});
      continue;
    }
    labels.insert(label);
    picture.labels.push_back({label, {}, {}, {}, {}});  // the box is the whole picture, once its size is known
    if (!split.empty()) picture.attributes.push_back({"split", split});
    pictures.push_back(std::move(picture));
  }
  PERCH_TRY(Importer importer,
            Importer::create(job, {{}, "classify", {labels.begin(), labels.end()}, {}, {}}, progress));
  importer.note(std::move(problems));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    PERCH_CHECK(importer.advance(i, pictures.size()));
    const image::Size size = importer.read(pictures[i].file, pictures[i].name);
    if (size == image::Size{}) continue;
    pictures[i].labels[0].box_px = {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
    PERCH_CHECK(importer.add(pictures[i], size));
  }
  return importer.finish(job);
}

Result<Imported> import_digits(const ImportJob& job, const LoadProgress& progress) {
  PERCH_TRY(FoundPictures found, pictures_below(job.from, job.leave_out));
  const std::vector<fs::path>& files = found.files;
  PERCH_TRY(Importer importer, Importer::create(job, {{}, "digits", {"wheel"}, {}, {}}, progress));
  importer.note(std::move(found.problems));
  for (std::size_t i = 0; i < files.size(); ++i) {
    PERCH_CHECK(importer.advance(i, files.size()));
    const image::Size size = importer.read(job.from / files[i], files[i].string());
    if (size == image::Size{}) continue;
    Incoming picture{job.from / files[i], files[i].string(), {}, {}, {}};
    picture.attributes.push_back({"group", files[i].parent_path().string()});
    const std::string stem = files[i].stem().string(), first = stem.substr(0, stem.find('_'));
    char* end = nullptr;
    const double position = std::strtod(first.c_str(), &end);
    if (!first.empty() && *end == '\0' && position >= 0 && position < 10) {
      const Box whole{0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
      picture.labels.push_back({"wheel", whole, {}, {}, {{"position", position}}});
    } else {
      importer.note({Errc::invalid, fmt::format("its name begins with no position: '{}'", printable(first)),
                     fmt::format("picture '{}'", printable(files[i].string())),
                     "name it like 3.7_1.jpg; taken over without a label"});
    }
    PERCH_CHECK(importer.add(picture, size));
  }
  return importer.finish(job);
}

}  // namespace perch::learn
