#include "learn/importer.hpp"

#include <algorithm>
#include <array>
#include <optional>
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

constexpr std::array<std::string_view, 7> kOtherPictures{".bmp", ".webp", ".tif", ".tiff", ".gif", ".heic", ".avif"};

/// Walks through folders, and keeps what it could not look into.
class Walk {
 public:
  Walk(fs::path top, const std::vector<std::string>& leave_out) : top_(std::move(top)), leave_out_(leave_out) {}

  FoundPictures run(const fs::directory_iterator& entries) {
    look(entries, {});
    if (others_ > 0)
      found_.problems.push_back({Errc::unsupported,
                                 fmt::format("{} {} neither JPEG nor PNG, as '{}'", others_,
                                             others_ == 1 ? "picture is" : "pictures are", printable(other_)),
                                 top_.string(), "convert them; other forms are not read"});
    std::sort(found_.files.begin(), found_.files.end());
    return std::move(found_);
  }

 private:
  void look(fs::directory_iterator entry, const fs::path& below) {
    std::error_code error;
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) take(*entry, below);
    if (error) note(Errc::io, "cannot be read to its end: " + error.message(), top_ / below, "see to the disk");
  }

  void take(const fs::directory_entry& entry, const fs::path& below) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') || name == "__MACOSX") return;
    const fs::path relative = below / name;
    const bool left_out = is_left_out(relative.string(), leave_out_);
    std::error_code error;
    if (entry.is_directory(error)) {
      if (left_out && entry.is_symlink(error)) return;
      if (entry.is_symlink(error))
        return note(Errc::unsupported, "is a link to a folder, which is not followed", entry.path(),
                    "put the folder itself there, or leave the link out with --leave-out");
      const fs::directory_iterator inner(entry.path(), error);
      if (error)
        return note(Errc::denied, "cannot read the folder: " + error.message(), entry.path(), "make it readable");
      return look(inner, relative);
    }
    if (left_out) return;
    if (image::is_picture_name(relative)) return found_.files.push_back(relative);
    const std::string extension = lower_case(relative.extension().string());
    if (std::ranges::find(kOtherPictures, extension) == kOtherPictures.end()) return;
    if (others_++ == 0) other_ = relative.string();
  }

  void note(Errc code, std::string what, const fs::path& where, std::string remedy) {
    found_.problems.push_back({code, std::move(what), printable(where.string(), 1000), std::move(remedy)});
  }

  fs::path top_;
  const std::vector<std::string>& leave_out_;
  FoundPictures found_;
  std::size_t others_ = 0;
  std::string other_;
};

}  // namespace

std::string split_named(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Split>, 8> kWords{{{"train", Split::train},
                                                                      {"training", Split::train},
                                                                      {"val", Split::validation},
                                                                      {"valid", Split::validation},
                                                                      {"validate", Split::validation},
                                                                      {"validation", Split::validation},
                                                                      {"test", Split::test},
                                                                      {"testing", Split::test}}};
  const std::string small = lower_case(text);
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (auto begin = small.begin(); begin != small.end();) {
    begin = std::find_if(begin, small.end(), is_letter);
    const auto end = std::find_if_not(begin, small.end(), is_letter);
    for (const auto& [word, split] : kWords)
      if (std::string_view(begin, end) == word) return std::string(name(split));
    begin = end;
  }
  return {};
}

bool is_left_out(const std::string& path, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_matches(pattern, path); });
}

Result<FoundPictures> pictures_below(const fs::path& folder, const std::vector<std::string>& leave_out) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error) return fail(Errc::not_found, "cannot read the folder: " + error.message(), folder.string());
  return Walk(folder, leave_out).run(entries);
}

Importer::Importer(DatasetWriter writer, LoadProgress progress, const std::vector<std::string>& test)
    : writer_(std::move(writer)),
      progress_(std::move(progress)) {
  for (const std::string& pattern : test) test_.push_back({pattern, false});
}

Result<Importer> Importer::create(const ImportJob& job, DatasetInfo info, const LoadProgress& progress) {
  const fs::path to = fs::absolute(job.to).lexically_normal();  // `lot/` and `.` have names too
  info.name = !job.name.empty() ? job.name : (to.has_filename() ? to : to.parent_path()).filename().string();
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
          missing ? fmt::format("put it into {}, or remove its labels", printable(file.parent_path().string(), 1000))
                  : "make it readable, or remove it"});
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

Result<void> Importer::add(Incoming picture, image::Size size) {
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
  std::erase_if(picture.labels, [&](const Label& label) {
    std::optional<Error> outside = outside_problem(label, size, place_of(picture.name));
    if (outside) note(std::move(*outside));
    return outside.has_value();
  });
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

void Importer::note_if_unlabelled(std::string remedy) {
  if (done_.pictures == 0 || done_.labels > 0) return;
  note({Errc::invalid, fmt::format("none of the {} pictures has a label", done_.pictures), {}, std::move(remedy)});
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

/// `cats/1.jpg` → `cats__1.jpg`, and another than all before: UTF-8 without control characters, for it has to come
/// back out of a file of labels, and no longer than a file's name may be (the end is kept).
std::string Importer::flat_name(const std::string& name) {
  constexpr std::size_t kMostBytes = 200;
  std::string flat;
  for (std::size_t i = 0; i < name.size();) {
    const std::size_t bytes = utf8_length(name, i);
    if (name[i] == '/' || name[i] == '\\')
      flat += "__";
    else if (bytes == 0 || static_cast<unsigned char>(name[i]) < ' ')
      flat += '_';
    else
      flat += name.substr(i, bytes);
    i += std::max<std::size_t>(bytes, 1);
  }
  while (flat.size() > kMostBytes) flat.erase(0, utf8_length(flat, 0));
  std::string unique = flat;
  for (int i = 2; !names_.insert(unique).second; ++i) unique = fmt::format("{}-{}", i, flat);
  return unique;
}

}  // namespace perch::learn
