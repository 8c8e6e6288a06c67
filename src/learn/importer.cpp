#include "learn/importer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/glob.hpp"
#include "base/text.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

std::string place_of(const std::string& name) {
  return fmt::format("picture '{}'", printable(name));
}

}  // namespace

std::string split_named(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Split>, 3> kParts{
      {{"train", Split::train}, {"val", Split::validation}, {"test", Split::test}}};
  for (const auto& [part, split] : kParts)
    if (text.find(part) != std::string_view::npos) return std::string(name(split));
  return {};
}

bool is_left_out(const std::string& path, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_matches(pattern, path); });
}

Result<std::vector<fs::path>> pictures_below(const fs::path& folder, const std::vector<std::string>& leave_out) {
  std::error_code error;
  std::vector<fs::path> out;
  fs::recursive_directory_iterator walk(folder, error);
  if (error) return fail(Errc::not_found, "cannot read the folder: " + error.message(), folder.string());
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (error) return fail(Errc::io, "cannot read the folder: " + error.message(), folder.string());
    if (!image::is_picture_name(walk->path())) continue;
    fs::path relative = walk->path().lexically_relative(folder);
    if (!is_left_out(relative.string(), leave_out)) out.push_back(std::move(relative));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Importer::Importer(DatasetWriter writer, LoadProgress progress, const std::vector<std::string>& test)
    : writer_(std::move(writer)),
      progress_(std::move(progress)) {
  for (const std::string& pattern : test) test_.push_back({pattern, false});
}

Result<Importer> Importer::create(const ImportJob& job, DatasetInfo info, const LoadProgress& progress) {
  info.name = job.name.empty() ? job.to.filename().string() : job.name;
  info.origin = job.origin;
  PERCH_TRY(DatasetWriter writer, DatasetWriter::create(job.to, std::move(info)));
  return Importer(std::move(writer), progress, job.test);
}

void Importer::note(std::vector<Error> problems) {
  for (Error& problem : problems) note(std::move(problem));
}

image::Size Importer::read(const fs::path& file, const std::string& name) {
  Result<Bytes> bytes = read_file(file, kMaxPictureBytes);
  if (!bytes) {
    const bool missing = bytes.error().code == Errc::not_found;
    note({bytes.error().code, missing ? "there is no such file" : bytes.error().what, place_of(name),
          missing ? "put it there, or remove its labels" : "make it readable, or remove it"});
    return {};
  }
  const Result<image::Size> size = decoder_.decode_luma(*bytes, luma_, Look::kSide);
  if (!size) {
    note({size.error().code, size.error().what, place_of(name), "replace it by a sound JPEG or PNG"});
    return {};
  }
  bytes_ = std::move(*bytes);
  return *size;
}

Result<void> Importer::add(const Incoming& picture, image::Size size) {
  if (picture.labelled_size != image::Size{} && picture.labelled_size != size) {
    const bool on_its_side = picture.labelled_size == image::Size{size.height, size.width};
    note({Errc::mismatch,
          fmt::format("is {} × {} px, but its labels are for {} × {} px", size.width, size.height,
                      picture.labelled_size.width, picture.labelled_size.height),
          place_of(picture.name),
          on_its_side
              ? "take the picture that was labelled; if this is it, it was labelled without the orientation that "
                "its EXIF names: remove that"
              : "take the picture that was labelled"});
    return {};
  }
  PERCH_CHECK(
      writer_.add(flat_name(picture.name), bytes_, size.width, size.height, picture.labels, attributes_of(picture)));
  ++done_.pictures;
  done_.labels += picture.labels.size();
  return {};
}

Result<void> Importer::take_over(const Incoming& picture) {
  const image::Size size = read(picture.file, picture.name);
  return size == image::Size{} ? Result<void>{} : add(picture, size);
}

Result<void> Importer::advance(std::size_t done, std::size_t all) const {
  if (progress_ && !progress_(done, all)) return fail(Errc::canceled, "stopped", {}, "importing again starts anew");
  return {};
}

Result<Imported> Importer::finish(const ImportJob& job) {
  if (done_.pictures == 0) {
    Error error{Errc::invalid, "there is no picture that can be used", job.from.string(), {}};
    if (!done_.problems.empty()) error.remedy = "the first: " + done_.problems.front().message();
    return fail(std::move(error));
  }
  for (const TestPattern& one : test_)
    if (!one.fitted)
      note({Errc::not_found,
            fmt::format("no picture fits --test '{}'", printable(one.pattern)),
            {},
            "patterns are for paths below the folder, like 'meter-7/*'"});
  PERCH_CHECK(writer_.finish());
  return std::move(done_);
}

/// A picture's attributes, with the split that was asked for instead of one that its form states.
std::vector<Attribute> Importer::attributes_of(const Incoming& picture) {
  std::vector<Attribute> attributes = picture.attributes;
  if (test_.empty()) return attributes;
  bool is_test = false;
  for (TestPattern& one : test_)
    if (glob_matches(one.pattern, picture.name)) is_test = one.fitted = true;
  std::erase_if(attributes, [](const Attribute& attribute) { return attribute.name == "split"; });
  attributes.push_back({"split", std::string(name(is_test ? Split::test : Split::train))});
  return attributes;
}

/// `cats/1.jpg` → `cats__1.jpg`, and another than all before.
std::string Importer::flat_name(const std::string& name) {
  std::string flat;
  for (const char c : name) flat += c == '/' || c == '\\' ? std::string("__") : std::string(1, c);
  std::string unique = flat;
  for (int i = 2; !names_.insert(unique).second; ++i) unique = fmt::format("{}-{}", i, flat);
  return unique;
}

}  // namespace perch::learn
